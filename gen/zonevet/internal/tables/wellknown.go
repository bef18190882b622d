package tables

// Names that several loggers share.
const (
	zapLevels    = "Debug Info Warn Error DPanic Panic Fatal"
	logrusLevels = "Trace Debug Info Print Warn Warning Error Fatal Panic"
	klogLevels   = "Info Warning Error Fatal Exit"
)

// wellKnown are modules that many programs use. Their import paths are data
// here: the analyzer does not need them.
var wellKnown = []Entry{
	{"go.uber.org/zap", "Logger", zapLevels + " With WithLazy", "sink log 0.. any"},
	{"go.uber.org/zap", "Logger", "Log Check", "sink log 1.. any"},
	{"go.uber.org/zap", "SugaredLogger", zapLevels + " With WithLazy", "sink log 0.. print"},
	{"go.uber.org/zap", "SugaredLogger", "Debugf Infof Warnf Errorf DPanicf Panicf Fatalf", "sink log 0.. format"},
	{"go.uber.org/zap", "SugaredLogger", "Debugln Infoln Warnln Errorln Panicln Fatalln Debugw Infow Warnw Errorw DPanicw Panicw Fatalw", "sink log 0.. print"},
	{"go.uber.org/zap", "", "Any Reflect Stringer Error NamedError Inline Object", "flow 0.. -> r0 print"},
	{"go.uber.org/zap", "", "*", "flow 0.. -> r0"},
	{"github.com/rs/zerolog", "Event", "Str Strs Bytes Hex RawJSON Int Int64 Uint64 Float64 Bool Time Dur Msg IPAddr MACAddr", "sink log 0.. text"},
	{"github.com/rs/zerolog", "Event", "Interface Any Err AnErr Errs Stringer Stringers Fields Object EmbedObject Array", "sink log 0.. print"},
	{"github.com/rs/zerolog", "Event", "Msgf", "sink log 0.. format"},
	{"github.com/rs/zerolog", "Context", "Str Strs Bytes Hex RawJSON Int Int64 Uint64 Float64 Bool Time Dur", "sink log 0.. text"},
	{"github.com/rs/zerolog", "Context", "Interface Any Err AnErr Errs Stringer Fields Object", "sink log 0.. print"},
	{"github.com/rs/zerolog", "Logger", "Print Println", "sink log 0.. print"},
	{"github.com/rs/zerolog", "Logger", "Printf", "sink log 0.. format"},
	{"github.com/rs/zerolog/log", "", "Print", "sink log 0.. print"},
	{"github.com/rs/zerolog/log", "", "Printf", "sink log 0.. format"},
	{"github.com/sirupsen/logrus", "*", logrusLevels, "sink log 0.. print"},
	{"github.com/sirupsen/logrus", "*", "Traceln Debugln Infoln Println Warnln Warningln Errorln Fatalln Panicln", "sink log 0.. print"},
	{"github.com/sirupsen/logrus", "*", "Tracef Debugf Infof Printf Warnf Warningf Errorf Fatalf Panicf", "sink log 0.. format"},
	{"github.com/sirupsen/logrus", "*", "WithField WithFields WithError", "sink log 0.. print"},
	{"github.com/sirupsen/logrus", "*", "Log Logln", "sink log 1.. print"},
	{"github.com/sirupsen/logrus", "*", "Logf", "sink log 1.. format"},
	{"k8s.io/klog", "*", klogLevels + " Infoln Warningln Errorln Fatalln Exitln", "sink log 0.. print"},
	{"k8s.io/klog", "*", "Infof Warningf Errorf Fatalf Exitf", "sink log 0.. format"},
	{"k8s.io/klog", "*", "InfoS ErrorS InfoSDepth ErrorSDepth", "sink log 0.. print"},
	{"github.com/golang/glog", "*", klogLevels + " Infoln Warningln Errorln Fatalln Exitln", "sink log 0.. print"},
	{"github.com/golang/glog", "*", "Infof Warningf Errorf Fatalf Exitf", "sink log 0.. format"},
	{"github.com/go-logr/logr", "Logger", "Info Error WithValues", "sink log 0.. print"},
	{"github.com/davecgh/go-spew/spew", "*", "Dump Print Println", "sink stdout 0.. any"},
	{"github.com/davecgh/go-spew/spew", "*", "Printf", "sink stdout 0.. any"},
	{"github.com/davecgh/go-spew/spew", "*", "Sdump Sprint Sprintf Sprintln", "flow 0.. -> r0 any"},
	{"github.com/davecgh/go-spew/spew", "*", "Fdump Fprint Fprintf", "write 0 1.. any"},
	{"github.com/pkg/errors", "", "New", "sink error 0 text; flow 0 -> r0"},
	{"github.com/pkg/errors", "", "Errorf", "sink error 0.. format; flow 0.. -> r0 format"},
	{"github.com/pkg/errors", "", "Wrap WithMessage", "sink error 1 text; flow 0,1 -> r0"},
	{"github.com/pkg/errors", "", "Wrapf WithMessagef", "sink error 1.. format; flow 0 -> r0; flow 1.. -> r0 format"},

	// gRPC: a status travels to the caller.
	{"google.golang.org/grpc/status", "", "New Error", "sink error 1 text; flow 1 -> r0"},
	{"google.golang.org/grpc/status", "", "Newf Errorf", "sink error 1.. format; flow 1.. -> r0 format"},
	{"google.golang.org/grpc/metadata", "", "Pairs New AppendToOutgoingContext", "sink http 0.. any"},

	// Telemetry.
	{"go.opentelemetry.io/otel/attribute", "", "Stringer", "flow 0.. -> r0 print"},
	{"go.opentelemetry.io/otel/attribute", "*", "*", "flow 0.. -> r0"},
	{"go.opentelemetry.io/otel/trace", "Span", "SetAttributes AddEvent SetName RecordError SetStatus", "sink telemetry 0.. print"},
	{"go.opentelemetry.io/otel/trace", "", "WithAttributes", "sink telemetry 0.. any"},
	{"go.opentelemetry.io/otel/baggage", "", "NewMember NewMemberRaw", "sink telemetry 0.. text"},

	// Clouds: whatever is given to a client is sent.
	{"github.com/aws/aws-sdk-go-v2/aws", "", "*", "flow 0.. -> r0"},
	{"github.com/aws/aws-sdk-go/aws", "", "*", "flow 0.. -> r0"},
	{"github.com/aws/aws-sdk-go-v2/service/...", "Client", "*", "sink cloud 0.. any"},
	{"github.com/aws/aws-sdk-go/service/...", "*", "*", "sink cloud 0.. any"},
	{"cloud.google.com/go/...", "*", "*", "sink cloud 0.. any"},
	{"github.com/Azure/azure-sdk-for-go/sdk/azcore/to", "", "*", "flow 0 -> r0"},
	{"github.com/Azure/azure-sdk-for-go/...", "*", "*", "sink cloud 0.. any"},
}
