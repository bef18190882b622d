package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sekisho-go/sekisho/classify"
	"github.com/sekisho-go/sekisho/examples/kouki/insured"
	"github.com/sekisho-go/sekisho/examples/kouki/zones"
	"github.com/sekisho-go/sekisho/zone"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// attempt is something that must not work.
type attempt struct {
	title string
	try   func(context.Context, *myNumber) error
}

// attempts are refused while the program runs. That they compile is the
// reason why a border checks them.
var attempts = []attempt{
	{"somebody who signed in with a password alone crosses for a purpose that the road does not have", withoutEvidence},
	{"nobody approves a mailing", withoutApproval},
	{"the union tightens its policy and the program was not generated again", withStricterOverlay},
}

func withoutEvidence(ctx context.Context, m *myNumber) error {
	e := official(zones.PurposeMailing)
	e.MFA = false
	x, err := zone.Cross[zones.MyNumberToLGWAN](zone.WithEvidence(ctx, e), m.border)
	if err != nil {
		return err
	}
	return x.Commit()
}

func withoutApproval(ctx context.Context, m *myNumber) error {
	border, err := zones.Open(zone.WithKeys(m.ring), zone.WithAudit(m.log))
	if err != nil {
		return err
	}
	x, err := zone.Cross[zones.MyNumberToLGWANMailing](zone.WithEvidence(ctx, official(zones.PurposeMailing)), border)
	if err != nil {
		return err
	}
	return x.Commit()
}

func withStricterOverlay(ctx context.Context, m *myNumber) error {
	overlay := stricter()
	border, err := zones.Open(zone.WithKeys(m.ring), zone.WithAudit(m.log), zone.WithApprovals(chief{}),
		zone.WithOverlay(zone.Compiled{JSON: string(overlay.Encode()), Digest: overlay.Digest()}))
	if err != nil {
		return err
	}
	x, err := zone.Cross[zones.MyNumberToLGWAN](zone.WithEvidence(ctx, official(zones.PurposeLevy)), border)
	if err != nil {
		return err
	}
	defer x.Abort()
	if _, err := new(insured.Insured).ToLGWAN(x); err != nil {
		return err
	}
	return x.Commit()
}

// stricter is an overlay as the standard (対策基準), which is not public, may
// hold it: premiums do not leave the My Number zone in clear any more.
func stricter() *policy.Policy {
	return &policy.Policy{
		Format: policy.Format, Name: "kouki-standard", Overlay: true,
		Routes: []policy.Route{{From: "mynumber", To: "lgwan", Rules: []policy.Rule{
			{Category: "premium", Action: classify.ActionDrop},
		}}},
	}
}

// errNotRefused says that a guarantee does not hold.
var errNotRefused = errors.New("an attempt that must be refused was not")

// refusedAttempts tries what must not work and shows why it does not.
func refusedAttempts(ctx context.Context, w io.Writer, m *myNumber) error {
	fmt.Fprintln(w, "Refused while running:")
	for _, a := range attempts {
		err := a.try(ctx, m)
		var refusal *zone.RefusalError
		if !errors.As(err, &refusal) {
			return fmt.Errorf("%w: %s: %v", errNotRefused, a.title, err)
		}
		fmt.Fprintf(w, "  %s:\n", a.title)
		for _, r := range refusal.Reasons {
			fmt.Fprintf(w, "    %s: %s\n      remedy: %s\n", refusal.Route, r.Text, r.Remedy)
		}
	}
	fmt.Fprintln(w)
	return nil
}

// compileErrors are programs that do not compile and what the compiler says. A
// test compiles them.
//
//go:embed cannotbewritten.txt
var compileErrors string

// cannotBeWritten shows what the compiler refuses.
func cannotBeWritten() string {
	var b strings.Builder
	b.WriteString("Cannot even be written:\n")
	for line := range strings.Lines(compileErrors) {
		b.WriteString("  " + line)
	}
	b.WriteString("\n")
	return b.String()
}
