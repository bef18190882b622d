package command

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/sekisho-go/sekisho/crypto/custody"
)

// keysStatus lists the keys. What is wrong or overdue is a finding. Without a
// key-encryption key it shows what the headers say.
func keysStatus(k *keysCall, args []string) int {
	if code, ok := k.noArgs(args); !ok {
		return code
	}
	p, err := k.policyOr(false)
	if err != nil {
		return k.fail(err)
	}
	var kek tink.AEAD
	if k.kekText() != "" {
		if kek, err = k.openKEK(); err != nil {
			return k.fail(err)
		}
	}
	f, done, err := k.folder(p, kek, false)
	if err != nil {
		return k.fail(err)
	}
	defer done()
	s, err := f.Status(k.now())
	if err != nil {
		return k.fail(err)
	}
	if k.json {
		if code := k.print(s); code != fine {
			return code
		}
	} else {
		k.status(s, p != nil)
	}
	if s.Urgent() {
		return findings
	}
	return fine
}

// status shows the table, then the backups and what is wrong.
func (k *keysCall) status(s *custody.Status, planned bool) {
	fmt.Fprintf(k.Stdout, "keys of policy %s, %s\n", s.Policy, k.day(s.At))
	switch {
	case len(s.Problems) > 0:
	case s.Verified:
		fmt.Fprintln(k.Stdout, "verified: every keyset opens, and every key opens what was made with it when it was new")
	default:
		fmt.Fprintln(k.Stdout, "NOT VERIFIED: this is what the headers say; give -kek to open the keysets")
	}
	if !planned {
		fmt.Fprintln(k.Stdout, "no policy was found: it is not known when algorithms fall out")
	}
	fmt.Fprintln(k.Stdout)
	t := tabwriter.NewWriter(k.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "zone\tuse\tkey\talgorithm\tbits\tstate\tcreated\tmakes until\topens until\talgorithm until\tuses\tbackups\tnext")
	for i := range s.Keys {
		one := &s.Keys[i]
		uses := "-"
		if one.Uses != nil {
			uses = fmt.Sprintf("%d (%d%%)", *one.Uses, *one.Uses*100>>32)
		}
		makes, opens, state := k.lastDay(one.StopsProducing()), k.lastDay(one.FallsOut()), string(one.State)
		if one.State == custody.StateDestroyed {
			makes, opens, state = "-", "-", "destroyed "+k.day(one.Destroyed)
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", one.Zone, one.Use, one.ID, one.Algorithm, one.Bits, state,
			k.day(one.Created), makes, opens, k.algorithm(one), uses, len(one.Backups), k.next(one.Next))
	}
	t.Flush()
	if len(s.Tenants) > 0 {
		fmt.Fprintln(k.Stdout)
		k.tenants(s.Tenants)
	}
	for _, b := range s.Backups {
		fmt.Fprintf(k.Stdout, "\nbackup %s of %s by %s: %s, with %s", b.ID, k.day(b.Made), b.By, holds(b.Keys, b.Tenants), strings.Join(b.Custodians, ", "))
	}
	if len(s.Backups) > 0 {
		fmt.Fprintln(k.Stdout)
	}
	for _, p := range s.Problems {
		fmt.Fprintf(k.Stdout, "\nPROBLEM: %s: %s\n", p.File, p.Error)
	}
}

// day shows the day of a time.
func (k *keysCall) day(t time.Time) string { return t.In(k.now().Location()).Format(time.DateOnly) }

// algorithm shows until when the policy lets an algorithm make and open.
func (k *keysCall) algorithm(one *custody.KeyStatus) string {
	switch {
	case one.Listed == nil:
		return "-"
	case !*one.Listed:
		return "not listed"
	case one.ProduceFalls.Equal(one.ConsumeFalls):
		return k.lastDay(one.ConsumeFalls)
	}
	return k.lastDay(one.ProduceFalls) + " / " + k.lastDay(one.ConsumeFalls)
}

// next shows what has to be done, and until when.
func (k *keysCall) next(n custody.Next) string {
	var b strings.Builder
	if n.Overdue {
		b.WriteString("NOW: ")
	}
	b.WriteString(dash(n.Do))
	if !n.By.IsZero() && n.Overdue {
		b.WriteString(", since " + k.day(n.By))
	} else if !n.By.IsZero() {
		b.WriteString(", until " + k.lastDay(n.By))
	}
	return b.String()
}

// holds shows how much a backup holds.
func holds(keys []custody.KeyRef, tenants []string) string {
	text := fmt.Sprintf("%d keys", len(keys))
	if len(tenants) > 0 {
		text += fmt.Sprintf(" and those of %d tenants", len(tenants))
	}
	return text
}

// keyList shows keys, a line for each keyset.
func keyList(keys []custody.KeyRef) []string {
	var lines []string
	last := ""
	for _, one := range keys {
		if keyset := one.Zone + "." + one.Use; keyset != last {
			lines, last = append(lines, keyset+" key"), keyset
		}
		lines[len(lines)-1] += " " + strconv.FormatUint(uint64(one.ID), 10)
	}
	return lines
}
