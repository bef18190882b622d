package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/sekisho-go/sekisho/classify/jp"
	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/examples/kouki/insured"
	"github.com/sekisho-go/sekisho/examples/kouki/intake"
	"github.com/sekisho-go/sekisho/examples/kouki/people"
	"github.com/sekisho-go/sekisho/examples/kouki/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/parcel"
)

// delivery is the file that a municipality delivered.
type delivery struct {
	path    string
	rows    int
	columns int
	bytes   int64
	planted map[people.Flaw]int
}

// flawEvery is how rare each kind of bad row is: one row in so many.
const flawEvery = 2000

// deliver makes the file, with some rows as bad as real ones are.
func deliver(dir string, o options, p progress) (d delivery, err error) {
	d.path = filepath.Join(dir, "hihokensha.csv")
	f, err := os.OpenFile(d.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return d, err
	}
	made := 0
	persons := func(yield func(people.Person) bool) {
		for person := range people.Make(o.seed, o.persons) {
			made++
			p.at("making persons", made, o.persons)
			if !yield(person) {
				return
			}
		}
	}
	w := bufio.NewWriterSize(f, 1<<20)
	sum, err := people.Write(w, persons, people.Plan{Every: people.EachFlaw(flawEvery)})
	p.done()
	if err := cmp.Or(err, w.Flush(), f.Close()); err != nil {
		return d, err
	}
	d.rows, d.bytes, d.columns, d.planted = sum.Rows, sum.Bytes, len(people.Layout()), sum.Planted
	return d, nil
}

// myNumber is the program that runs in the My Number zone. It has that zone's
// keys and nobody else has.
type myNumber struct {
	dir    string
	ring   *crypto.Keyring
	border *zone.Border
	log    *journal

	rows     intake.Counts
	badRows  []*intake.RowError // the first few, for the screen
	byReason map[intake.Reason]int
	crossed  map[string]int64
	kept     map[jp.InsuredNumber]*insured.Insured // persons whose letters will come back
	watched  map[mailToken]jp.InsuredNumber
}

// mailToken is what a letter is known by outside the My Number zone.
type mailToken = crypto.Token[zones.MyNumberToLGWANMailing]

func openMyNumber(dir string, ring *crypto.Keyring) (*myNumber, error) {
	log := &journal{}
	border, err := zones.Open(zone.WithKeys(ring), zone.WithAudit(log), zone.WithApprovals(chief{}))
	if err != nil {
		return nil, err
	}
	return &myNumber{
		dir: dir, ring: ring, border: border, log: log,
		byReason: map[intake.Reason]int{}, crossed: map[string]int64{},
		kept: map[jp.InsuredNumber]*insured.Insured{}, watched: map[mailToken]jp.InsuredNumber{},
	}, nil
}

// read builds the labelled record of a row. Faults are noted by the row with
// line and column; the values stay where they are.
func read(r *intake.Row) *insured.Insured {
	v := &insured.Insured{
		IndividualNumber: intake.Value(r, "個人番号", jp.ParseIndividualNumber),
		InsurerNumber:    intake.Value(r, "保険者番号", jp.ParseInsurerNumber),
		InsuredNumber:    intake.Value(r, "被保険者番号", jp.ParseInsuredNumber),
		Name:             r.Text("氏名"),
		NameKana:         r.Kana("カナ氏名"),
		BirthDate:        r.Date("生年月日"),
		Sex:              r.OneOf("性別", people.Male, people.Female),
		PostalCode:       r.Text("郵便番号"),
		Address:          r.Text("住所"),
		Phone:            r.Optional("電話番号"),
		QualifiedOn:      r.Date("資格取得日"),
		Copayment:        int(r.Int("一部負担金割合")),
		Income:           r.Int("総所得金額等"),
		Premium:          r.Int("年間保険料"),
		Reduction:        r.Optional("軽減区分"),
	}
	v.Municipality = people.Municipality(v.InsurerNumber.Reveal(zones.MyNumber{}))
	return v
}

// shown is how many bad rows are put on the screen.
const shown = 5

// crossAll reads the file once and lets each person cross as soon as she is
// read, so that memory does not grow with the file.
func (m *myNumber) crossAll(ctx context.Context, d delivery, office *lgwan, o options, p progress) error {
	src, err := os.Open(d.path)
	if err != nil {
		return err
	}
	defer src.Close()
	aside, err := os.OpenFile(filepath.Join(m.dir, "correction.csv"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer aside.Close()

	reader, err := intake.NewReader(src, intake.Config{
		Charset: intake.CP932, Layout: people.Layout(), Aside: aside, Report: m.note,
	}, read)
	if err != nil {
		return err
	}
	levy, err := zone.Cross[zones.MyNumberToLGWAN](zone.WithEvidence(ctx, official(zones.PurposeLevy)), m.border)
	if err != nil {
		return err
	}
	defer levy.Abort()
	sealed, err := os.OpenFile(m.parcel(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer sealed.Close()
	accounts, err := parcel.Create[insured.InsuredLGWAN](levy, sealed)
	if err != nil {
		return err
	}
	defer accounts.Abort()
	mailing, err := zone.Cross[zones.MyNumberToLGWANMailing](zone.WithEvidence(ctx, official(zones.PurposeMailing)), m.border)
	if err != nil {
		return err
	}
	defer mailing.Abort()

	n := 0
	for person := range reader.Rows() {
		if err := m.cross(person, levy, accounts, mailing, office); err != nil {
			return err
		}
		n++
		p.at("crossing", n, o.persons)
	}
	p.done()
	m.rows = reader.Counts()
	if err := cmp.Or(reader.Err(), accounts.Close(), sealed.Close(), mailing.Commit(), aside.Close()); err != nil {
		return err
	}
	for _, x := range m.log.ends {
		m.crossed[x.Route] = x.Records
	}
	return nil
}

// parcel is the file in which the accounts travel to the LGWAN zone.
func (m *myNumber) parcel() string { return filepath.Join(m.dir, "levy.parcel") }

// cross takes one person over both roads: the account into the parcel, the letter
// to the office at once.
func (m *myNumber) cross(person *insured.Insured, levy *zone.Crossing[zones.MyNumberToLGWAN], accounts *parcel.Writer[insured.InsuredLGWAN],
	mailing *zone.Crossing[zones.MyNumberToLGWANMailing], office *lgwan) error {
	account, err := person.ToLGWAN(levy)
	if err != nil {
		return err
	}
	letter, err := person.ToLGWANMailing(mailing)
	if err != nil {
		return err
	}
	if err := accounts.Add(account); err != nil {
		return err
	}
	if office.send(letter) {
		m.kept[person.InsuredNumber] = person
		m.watched[letter.InsuredNumber] = person.InsuredNumber
	}
	return nil
}

// takeBack lets letters with new addresses return and corrects the records.
func (m *myNumber) takeBack(ctx context.Context, letters []*insured.InsuredLGWANMailing) (int, error) {
	x, err := zone.Cross[zones.LGWANToMyNumber](zone.WithEvidence(ctx, official(zones.PurposeQualification)), m.border)
	if err != nil {
		return 0, err
	}
	defer x.Abort()
	changed := 0
	for _, letter := range letters {
		number := m.watched[letter.InsuredNumber]
		before := m.kept[number]
		after, err := letter.ToMyNumber(x, before)
		if err != nil {
			return changed, err
		}
		if after.Address != before.Address {
			changed++
		}
		m.kept[number] = after
	}
	return changed, x.Commit()
}

// note keeps what is wrong with a row: line, column and reason.
func (m *myNumber) note(e *intake.RowError) {
	for _, f := range e.Faults {
		m.byReason[f.Reason]++
	}
	if len(m.badRows) < shown {
		m.badRows = append(m.badRows, e)
	}
}

// reportBadRows shows what was set aside.
func (m *myNumber) reportBadRows(w io.Writer) {
	fmt.Fprintf(w, "My Number zone: %d rows read, %d accepted, %d set aside for correction (correction.csv, in the zone).\n",
		m.rows.Rows, m.rows.Good, m.rows.Aside)
	for _, e := range m.badRows {
		fmt.Fprintf(w, "  %v\n", e)
	}
	if more := m.rows.Aside - int64(len(m.badRows)); more > 0 {
		fmt.Fprintf(w, "  and %d more\n", more)
	}
	reasons := make([]intake.Reason, 0, len(m.byReason))
	for r := range m.byReason {
		reasons = append(reasons, r)
	}
	slices.Sort(reasons)
	for _, r := range reasons {
		fmt.Fprintf(w, "  %-40v %d\n", r, m.byReason[r])
	}
	fmt.Fprintln(w)
}
