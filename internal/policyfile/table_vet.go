package policyfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/sekisho-go/sekisho/zone/policy"
)

// This file goes on with the table of table.go: what a policy tells the
// analyzer.

var (
	importPath = text{noun: "an import path", pattern: regexp.MustCompile(`^[A-Za-z0-9_~.+-]+(/[A-Za-z0-9_~.+-]+)*$`),
		looks: "write it as in an import declaration, such as example.com/app/db; with /... at its end it is for all packages below too"}
	receiverName = text{noun: "the name of a type", pattern: regexp.MustCompile(`^([A-Za-z_\p{L}][A-Za-z0-9_\p{L}]*|\*)$`),
		looks: `write the name alone, without package, pointer and type parameters; "*" for any and none`}
	functionName = text{noun: "the name of a function", pattern: regexp.MustCompile(`^[A-Za-z_\p{L}][A-Za-z0-9_\p{L}]*$`),
		looks: "write the name alone; the type of a method goes into receiver, an expression into matching"}
	expression = text{noun: "an expression for names", example: "^Read.*$"}
	way        = text{noun: "a way of reading", enum: policy.VetReads(), aka: map[string]string{"fmt": "print", "printf": "format", "string": "text"}}
	sinkClass  = text{noun: "a sink", enum: policy.SinkClasses(), aka: map[string]string{"logs": "log", "logger": "log", "stderr": "stdout", "mail": "net", "smtp": "net", "response": "http", "query": "sql", "database": "sql", "trace": "telemetry"}}
	sourceTag  = text{noun: "a label", digits: true, example: `name or "3B"`}
)

// switched is true or false that knows where it is said.
type switched struct{}

func (switched) decode(d *decoder, n *yaml.Node, at trail) (*policy.Switch, bool) {
	on, ok := boolean{}.decode(d, n, at)
	pos := d.pos(n)
	d.note(n, trail{owner: pos, sub: "name"})
	return &policy.Switch{On: on, Pos: pos}, ok
}

func (switched) schema(g *schemas) object { return boolean{}.schema(g) }

// position is the place of an argument or a result, counted from 0. Where
// receiver is set, that word is one too.
type position struct{ receiver bool }

const receiverWord = "receiver"

func (s position) decode(d *decoder, n *yaml.Node, at trail) (int, bool) {
	if n.Kind == yaml.AliasNode {
		return 0, false
	}
	if s.receiver && n.Kind == yaml.ScalarNode && n.Value == receiverWord {
		d.note(n, at)
		return policy.ReceiverArg, true
	}
	if s.receiver && n.ShortTag() == "!!str" {
		d.note(n, at)
		d.wrong(n, at, s.noun(), fmt.Sprintf("count from 0, or write %s", receiverWord))
		return 0, false
	}
	v, ok := s.number().decode(d, n, at)
	return int(v), ok
}

func (s position) noun() string {
	if s.receiver {
		return "the position of an argument"
	}
	return "the position of a result"
}

func (s position) number() integer { return integer{s.noun(), 0, policy.MaxArg} }

func (s position) schema(g *schemas) object {
	number := s.number().schema(g)
	if !s.receiver {
		return number
	}
	return object{{"anyOf", []object{number, {{"const", receiverWord}}}}}
}

var (
	arguments = list[int]{of: position{receiver: true}, noun: "a list of positions of arguments", least: 1}
	results   = list[int]{of: position{}, noun: "a list of positions of results", least: 1}
)

// callee is the four keys by which an entry names functions.
func callee[T any](get func(*T) *policy.Callee) []key[T] {
	return []key[T]{
		field("package", importPath, func(v *T) *string { return &get(v).Package },
			"the import path of its package; with /... at its end all packages below too").must().known("pkg", "import", "path", "module"),
		field("receiver", receiverName, func(v *T) *string { return &get(v).Receiver },
			`the name of the type whose method it is, without pointer; "*" for any and none; a function unless it is given`).known("type", "recv"),
		field("function", functionName, func(v *T) *string { return &get(v).Function },
			"its name").known("func", "method", "name"),
		field("matching", expression, func(v *T) *string { return &get(v).Matching },
			"a regular expression for the names of several, from ^ to $").known("match", "regexp", "regex", "pattern"),
	}
}

func argsKey[T any](get func(*T) *[]int, doc string) key[T] {
	return field("args", arguments, get, doc+"; counted from 0, or receiver").known("arguments", "params", "parameters")
}

func resultsKey[T any](get func(*T) *[]int, doc string) key[T] {
	return field("results", results, get, doc+"; counted from 0; all, unless this or into is given").known("result", "returns")
}

func intoKey[T any](get func(*T) *[]int, doc string) key[T] {
	return field("into", arguments, get, doc+"; counted from 0, or receiver").known("out", "writes")
}

var oneCallee = []string{"function", "matching"}

var vetSource = record[policy.VetSource]{
	def: "source", noun: "the source", doc: "Functions that yield labelled data.", oneOf: oneCallee,
	pos: func(v *policy.VetSource) *policy.Pos { return &v.Pos },
	keys: append(callee(func(v *policy.VetSource) *policy.Callee { return &v.Callee }),
		resultsKey(func(v *policy.VetSource) *[]int { return &v.Results }, "which results are labelled"),
		intoKey(func(v *policy.VetSource) *[]int { return &v.Into }, "arguments that it writes labelled data into"),
		field("label", sourceTag, func(v *policy.VetSource) *string { return &v.Label },
			"categories and classes of what it yields, as in a struct tag").must().known("tag", "category", "class"),
		field("zone", zoneName, func(v *policy.VetSource) *string { return &v.Zone },
			"the zone whose data it is; that of the package that calls it unless it is given").known("home"),
	),
}

var vetSink = record[policy.VetSink]{
	def: "exit", noun: "the sink", doc: "Functions by which data leaves the program, or goes to an endpoint of a zone.", oneOf: oneCallee,
	pos: func(v *policy.VetSink) *policy.Pos { return &v.Pos },
	keys: append(callee(func(v *policy.VetSink) *policy.Callee { return &v.Callee }),
		argsKey(func(v *policy.VetSink) *[]int { return &v.Args }, "which arguments leave; all, and not the receiver, unless it is given"),
		field("reads", way, func(v *policy.VetSink) *string { return &v.Reads },
			"how it reads them: any, text, print, format, slog, json, xml or gob; any unless it is given").known("mode", "as"),
		field("sink", sinkClass, func(v *policy.VetSink) *string { return &v.Sink },
			"which sink it is, so that the ceiling of that one holds: "+strings.Join(policy.SinkClasses(), ", ")).known("class", "kind", "exit"),
		field("zone", zoneName, func(v *policy.VetSink) *string { return &v.Zone },
			"the zone of which it is an endpoint, instead of sink: only data of that zone may go there").known("endpoint"),
	),
}

var vetPropagator = record[policy.VetPropagator]{
	def: "propagator", noun: "the propagator", doc: "Functions whose results hold what their arguments held.", oneOf: oneCallee,
	pos: func(v *policy.VetPropagator) *policy.Pos { return &v.Pos },
	keys: append(callee(func(v *policy.VetPropagator) *policy.Callee { return &v.Callee }),
		argsKey(func(v *policy.VetPropagator) *[]int { return &v.Args }, "whence; all arguments and the receiver unless it is given").known("arguments", "params", "from"),
		field("reads", way, func(v *policy.VetPropagator) *string { return &v.Reads },
			"how it reads them: any, text, print, format, slog, json, xml or gob; any unless it is given").known("mode", "as"),
		resultsKey(func(v *policy.VetPropagator) *[]int { return &v.Results }, "where to").known("result", "returns", "to"),
		intoKey(func(v *policy.VetPropagator) *[]int { return &v.Into }, "arguments that it writes into"),
	),
}

var vetCleaner = record[policy.VetCleaner]{
	def: "cleaner", noun: "the cleaner", doc: "Functions that bring data down to a lower class. A category that stays in a zone is brought down by none.", oneOf: oneCallee,
	pos: func(v *policy.VetCleaner) *policy.Pos { return &v.Pos },
	keys: append(callee(func(v *policy.VetCleaner) *policy.Callee { return &v.Callee }),
		argsKey(func(v *policy.VetCleaner) *[]int { return &v.Args }, "of which arguments; all and the receiver unless it is given. What comes by others keeps its label"),
		resultsKey(func(v *policy.VetCleaner) *[]int { return &v.Results }, "which results are clean"),
		intoKey(func(v *policy.VetCleaner) *[]int { return &v.Into }, "arguments that are clean after it"),
		field("as", className, func(v *policy.VetCleaner) *string { return &v.As },
			"the class that what comes out of it has").must().known("class", "becomes", "result"),
		field("reason", freeText, func(v *policy.VetCleaner) *string { return &v.Reason },
			"why nothing of a higher class is left in what it returns").must().known("why", "because", "comment", "title"),
	),
}

var vetTests = record[policy.VetTests]{
	def: "tests", noun: "the tests section", doc: "Whether findings in _test.go files count.",
	keys: []key[policy.VetTests]{
		field[policy.VetTests, *policy.Switch]("leak", switched{}, func(v *policy.VetTests) **policy.Switch { return &v.Leak },
			"labelled data at a sink; false unless it is given, as the records of tests are made up"),
		field[policy.VetTests, *policy.Switch]("literal", switched{}, func(v *policy.VetTests) **policy.Switch { return &v.Literal },
			"identifiers that look real; true unless it is given, as they are in fixtures first of all"),
	},
}

func steps(otherwise int) (shape[int], string) {
	return small{integer{"a number of steps", 1, 1_000_000_000_000}}, "; " + strconv.Itoa(otherwise) + " unless it is given"
}

var vetBudgets = func() record[policy.VetBudgets] {
	inFunction, function := steps(policy.DefaultFunctionBudget)
	inPackage, pkg := steps(policy.DefaultPackageBudget)
	return record[policy.VetBudgets]{
		def: "budgets", noun: "the budgets", doc: "After how many steps the analyzer gives up and says so. A step is a visit of one instruction; each revisit counts.",
		pos: func(v *policy.VetBudgets) *policy.Pos { return &v.Pos },
		keys: []key[policy.VetBudgets]{
			field("function", inFunction, func(v *policy.VetBudgets) *int { return &v.Function }, "steps in one function"+function).known("func"),
			field("package", inPackage, func(v *policy.VetBudgets) *int { return &v.Package }, "steps in one package"+pkg).known("pkg"),
		},
	}
}()

var vet = record[policy.Vet]{
	def: "vet", noun: "the vet section", doc: "What the analyzer is told beside labels and ceilings, in addition to what it knows. Nothing of it changes a decision.",
	keys: []key[policy.Vet]{
		field("sources", listOf(vetSource, "a list of sources"), func(v *policy.Vet) *[]policy.VetSource { return &v.Sources }, "functions that yield labelled data").known("source"),
		field("sinks", listOf(vetSink, "a list of sinks"), func(v *policy.Vet) *[]policy.VetSink { return &v.Sinks }, "functions by which data leaves").known("sink", "exits"),
		field("propagators", listOf(vetPropagator, "a list of propagators"), func(v *policy.Vet) *[]policy.VetPropagator { return &v.Propagators }, "functions whose results hold what their arguments held").known("propagator", "passthrough", "flows"),
		field("cleaners", listOf(vetCleaner, "a list of cleaners"), func(v *policy.Vet) *[]policy.VetCleaner { return &v.Cleaners }, "functions that bring data down; an overlay can have none that the policy has not").known("cleaner", "sanitizers", "declassifiers", "sanitisers"),
		field("tests", vetTests, func(v *policy.Vet) *policy.VetTests { return &v.Tests }, "whether findings in _test.go files count").known("test"),
		field[policy.Vet, *policy.Switch]("strict", switched{}, func(v *policy.Vet) **policy.Switch { return &v.Strict }, "whether labelled data that is handed to code that was not analysed is a finding; false unless it is given"),
		field("budgets", vetBudgets, func(v *policy.Vet) *policy.VetBudgets { return &v.Budgets }, "after how many steps the analyzer gives up and says so").known("budget", "limits"),
	},
}
