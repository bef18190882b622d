package command

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sekisho-go/sekisho/crypto"
	"github.com/sekisho-go/sekisho/crypto/byname"
	"github.com/sekisho-go/sekisho/zone/parcel"
	"github.com/sekisho-go/sekisho/zone/parcel/inclear"
	"github.com/sekisho-go/sekisho/zone/policy"
)

// parcelCommand is a sub-command of "sekisho parcel".
type parcelCommand struct {
	name  string
	args  string // as usage shows them
	short string
	run   func(*parcelCall, string) int
}

// parcelCommands are the sub-commands of "sekisho parcel".
func parcelCommands() []parcelCommand {
	return []parcelCommand{
		{"inspect", "[-keys DIR -kek SPEC] FILE", "show the label of a parcel, and whether it is whole; with keys, whether the label is the sender's", parcelInspect},
		{"open", "-keys DIR -kek SPEC -o OUT [-register DIR [-resume]] [-policy FILE] FILE", "write what is in a parcel: records as lines of JSON, a file as it was", parcelOpen},
		{"seal", "-keys DIR -kek SPEC -from ZONE -to ZONE [-route NAME] -class CLASS -o OUT FILE", "seal a file for another zone, where the policy lets its class pass", parcelSeal},
	}
}

// parcelCall is one run of a sub-command. Keys are got at as by "sekisho keys".
type parcelCall struct {
	*keysCall
	register              string
	resume                bool
	from, to, road, class string
	fileName, media       string
	lifetime              time.Duration
}

func runParcel(c *call) int {
	if len(c.Args) > 1 {
		for _, sub := range parcelCommands() {
			if sub.name == c.Args[1] {
				p := c.Process
				p.Args = c.Args[1:]
				k := &parcelCall{keysCall: &keysCall{call: start(c.ctx, p, command{name: "parcel " + sub.name, args: sub.args, short: sub.short})}}
				k.flagsOf(sub.name)
				args, code, ok := k.parse()
				if !ok {
					return code
				}
				if len(args) != 1 {
					return k.misuse("want one FILE")
				}
				return sub.run(k, args[0])
			}
		}
	}
	c.flags.Usage = func() { fmt.Fprint(c.Stderr, parcelUsage()) }
	args, code, ok := c.parse()
	if !ok {
		return code
	}
	if len(args) == 0 {
		return c.misuse("which sub-command?")
	}
	return c.misuse("there is no sub-command %q", args[0])
}

func parcelUsage() string {
	var b strings.Builder
	b.WriteString("usage: sekisho parcel SUB-COMMAND [ARGUMENTS]\n\nLook at parcels, open them, and seal files.\n\n")
	for _, sub := range parcelCommands() {
		fmt.Fprintf(&b, "  %-8s %s\n", sub.name, sub.short)
	}
	b.WriteString("\n\"sekisho parcel SUB-COMMAND -h\" tells more; \"sekisho keys\" tells of -kek.\n")
	return b.String()
}

// flagsOf gives the call the flags that its sub-command has.
func (k *parcelCall) flagsOf(name string) {
	f := k.flags
	keys := "keys"
	if name == "inspect" {
		keys = "" // the label needs none
		f.BoolVar(&k.json, "json", false, "print JSON")
	}
	f.StringVar(&k.dirFlag, "keys", keys, "`folder` of the keys")
	f.StringVar(&k.kekFlag, "kek", "", "key-encryption key: file:PATH, passphrase:PATH or exec:COMMAND `SPEC`; by default that in SEKISHO_KEK")
	f.StringVar(&k.passphrases, "passphrases", "", "`file` with passphrases, instead of the terminal; by default that in SEKISHO_PASSPHRASES")
	switch name {
	case "open":
		f.StringVar(&k.out, "o", "", "`file` to write; one that is there is left as it is")
		f.StringVar(&k.register, "register", "", "`folder` that remembers which parcels were received; without it a parcel opens any number of times")
		f.BoolVar(&k.resume, "resume", false, "open a parcel that the register has as begun and not finished")
		f.StringVar(&k.policyFile, "policy", "", "policy `file` that must have the route and the digest of the parcel")
	case "seal":
		f.StringVar(&k.out, "o", "", "`file` to write; one that is there is left as it is")
		f.StringVar(&k.policyFile, "policy", "", "policy `file`, instead of the nearest sekisho.yaml")
		f.StringVar(&k.from, "from", "", "`zone` that the file leaves")
		f.StringVar(&k.to, "to", "", "`zone` that it is for")
		f.StringVar(&k.road, "route", "", "`name` of the route, where it has one")
		f.StringVar(&k.class, "class", "", "`class` of what is in the file")
		f.StringVar(&k.fileName, "name", "", "`name` of the file on the label, which anybody can read; by default its own")
		f.StringVar(&k.media, "media", "", "media `type` of the file")
		f.DurationVar(&k.lifetime, "expires", parcel.DefaultLifetime, "how long it can be opened, as a `duration` such as 72h")
	}
}

// parcelInspect shows what can be seen without a key. What does not look like a
// whole parcel, or is not signed by the sender, is a finding.
func parcelInspect(k *parcelCall, name string) int {
	f, err := os.Open(k.path(name))
	if err != nil {
		return k.fail(err)
	}
	defer f.Close()
	in, err := parcel.Inspect(f)
	if err != nil {
		return k.fail(fmt.Errorf("%s: %w", name, err))
	}
	signature, code := "not verified: give -keys and -kek", fine
	if k.dirFlag != "" {
		if signature, code, err = k.verify(in); err != nil {
			return k.fail(err)
		}
	}
	structure := fmt.Sprintf("whole, as far as can be seen without the keys; pieces: %d, bytes: %d", in.Pieces, in.Size)
	if in.Problem != nil {
		structure, code = in.Problem.Error(), findings
	}
	if k.json {
		b, err := json.MarshalIndent(struct {
			Header    parcel.Header `json:"header"`
			Signature string        `json:"signature"`
			Structure string        `json:"structure"`
			OK        bool          `json:"ok"`
		}{in.Header, signature, structure, code == fine}, "", "  ")
		if err != nil {
			return k.fail(err)
		}
		fmt.Fprintf(k.Stdout, "%s\n", b)
		return code
	}
	k.label(&in.Header, signature, structure)
	return code
}

// verify says whether the label is the sender's.
func (k *parcelCall) verify(in *parcel.Inspection) (text string, code int, err error) {
	ring, err := k.keyring()
	if err != nil {
		return "", failed, err
	}
	keys, err := byname.PublicKeys(ring, in.Header.From)
	if err != nil {
		return "", failed, err
	}
	if err := parcel.Verify(in, keys); err != nil {
		return err.Error(), findings, nil
	}
	return fmt.Sprintf("verified: key %d of zone %s", in.Header.Sign.ID, in.Header.From), fine, nil
}

// keyring opens the keys.
func (k *parcelCall) keyring() (*crypto.Keyring, error) {
	kek, err := k.openKEK()
	if err != nil {
		return nil, err
	}
	return crypto.OpenKeyring(os.DirFS(k.path(k.dirFlag)), kek, crypto.WithClock(k.now))
}

// label shows a header.
func (k *parcelCall) label(h *parcel.Header, signature, structure string) {
	t := tabwriter.NewWriter(k.Stdout, 0, 0, 2, ' ', 0)
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, value)
		}
	}
	line("parcel", h.ID)
	line("route", h.Route)
	line("clause", h.Clause)
	line("policy", h.Policy+", "+h.Digest)
	line("crossing", h.Crossing)
	line("sealed at", h.SealedAt.Format(time.RFC3339))
	line("expires", h.Expires.Format(time.RFC3339))
	line("class", h.Class)
	line("class, sealed", h.SealedClass)
	line("integrity", h.Integrity)
	line("type", h.Type)
	if h.Count != nil {
		line("records", fmt.Sprint(*h.Count))
	}
	if h.File != nil {
		line("file", h.File.Name)
		line("media type", h.File.Media)
		if h.File.Size != nil {
			line("size", fmt.Sprintf("%d bytes", *h.File.Size))
		}
	}
	line("for key", fmt.Sprintf("%d of zone %s, %s", h.Box.ID, h.To, h.Box.Algorithm))
	line("signed with key", fmt.Sprintf("%d of zone %s, %s", h.Sign.ID, h.From, h.Sign.Algorithm))
	line("body", h.Stream)
	line("signature", signature)
	line("structure", structure)
	t.Flush()
}

// parcelOpen writes what is in a parcel. The file appears when the parcel was
// read to its end, or not at all.
func parcelOpen(k *parcelCall, name string) int {
	if k.out == "" {
		return k.misuse("where to? give -o OUT")
	}
	f, err := os.Open(k.path(name))
	if err != nil {
		return k.fail(err)
	}
	defer f.Close()
	h, err := parcel.ReadHeader(f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return k.fail(fmt.Errorf("%s: %w", name, err))
	}
	if err := k.openInto(&h, f); err != nil {
		return k.fail(err)
	}
	fmt.Fprintf(k.Stdout, "opened %s into %s: class %s, from zone %s\n", name, k.out, h.Class, h.From)
	return fine
}

func (k *parcelCall) openInto(h *parcel.Header, src io.Reader) error {
	keys, err := k.ends(h.Policy, h.From, h.To, false)
	if err != nil {
		return err
	}
	var p *policy.Policy
	if k.policyFile != "" {
		if p, err = k.policyOr(true); err != nil {
			return err
		}
	}
	register := parcel.AcceptReplays()
	if k.register != "" {
		r, err := parcel.OpenRegister(k.path(k.register))
		if err != nil {
			return err
		}
		defer r.Close()
		register = r
	}
	var opts []parcel.OpenOption
	if k.resume {
		opts = append(opts, parcel.Resume())
	}
	var c *inclear.Contents
	err = k.writeWhole(k.out, func(dst io.Writer) error {
		if c, err = inclear.Open(k.context(), keys, p, h.Payload, register, src, opts...); err != nil {
			return err
		}
		if h.Payload == parcel.Bytes {
			return c.File(dst)
		}
		return c.JSON(dst)
	})
	if c != nil {
		defer c.Close()
	}
	if err != nil {
		return err
	}
	return c.Finish()
}

// ends gets the keys of the two ends by the names of the zones.
func (k *parcelCall) ends(policy, from, to string, seal bool) (inclear.Keys[byname.Zone, byname.Zone], error) {
	keys := inclear.Keys[byname.Zone, byname.Zone]{From: from, To: to, Now: k.now()}
	ring, err := k.keyring()
	if err != nil {
		return keys, err
	}
	if ring.Policy() != policy {
		return keys, fmt.Errorf("the keys in %s belong to policy %q, want those of policy %q", k.dirFlag, ring.Policy(), policy)
	}
	if seal {
		if keys.Sign, err = byname.Keys(ring, from); err == nil {
			keys.Box, err = byname.PublicKeys(ring, to)
		}
		return keys, err
	}
	if keys.Open, err = byname.Keys(ring, to); err == nil {
		keys.Verify, err = byname.PublicKeys(ring, from)
	}
	if err != nil {
		return keys, err
	}
	return keys, nil
}

// parcelSeal seals a file.
func parcelSeal(k *parcelCall, name string) int {
	for _, need := range []struct{ flag, value string }{{"from", k.from}, {"to", k.to}, {"class", k.class}, {"o", k.out}} {
		if need.value == "" {
			return k.misuse("-%s is missing", need.flag)
		}
	}
	p, err := k.policyOr(true)
	if err != nil {
		return k.fail(err)
	}
	src, err := os.Open(k.path(name))
	if err != nil {
		return k.fail(err)
	}
	defer src.Close()
	info, err := src.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", name)
	}
	if err != nil {
		return k.fail(err)
	}
	size := info.Size()
	f := parcel.File{Name: k.fileName, Size: &size, Media: k.media}
	if f.Name == "" {
		f.Name = filepath.Base(k.path(name))
	}
	h, err := k.sealFrom(p, f, src)
	if err != nil {
		return k.fail(err)
	}
	fmt.Fprintf(k.Stdout, "sealed %s into %s: class %s over %s, opens until %s\n", name, k.out, h.Class, h.Route, h.Expires.Format(time.RFC3339))
	return fine
}

func (k *parcelCall) sealFrom(p *policy.Policy, f parcel.File, src io.Reader) (h parcel.Header, err error) {
	// What the policy refuses is said first: keys would not help.
	if _, err := inclear.Route(p, k.from, k.to, k.road, k.class, k.now()); err != nil {
		return h, err
	}
	keys, err := k.ends(p.Name, k.from, k.to, true)
	if err != nil {
		return h, err
	}
	err = k.writeWhole(k.out, func(dst io.Writer) error {
		w, err := inclear.CreateFile(k.context(), keys, p, k.road, f, k.class, dst, parcel.WithLifetime(k.lifetime))
		if err != nil {
			return err
		}
		defer w.Abort()
		if _, err := io.Copy(w, src); err != nil {
			return err
		}
		h = w.Header()
		return w.Close()
	})
	return h, err
}

// writeWhole writes a file that is not there yet. It appears under its name when
// all of it is durable, or not at all.
func (k *parcelCall) writeWhole(name string, write func(io.Writer) error) error {
	path := k.path(name)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fmt.Errorf("%s is there already and is left as it is: choose another name", name)
		}
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".sekisho-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	buffered := bufio.NewWriterSize(f, 64<<10)
	if err = write(buffered); err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	// A link does not replace what somebody else put there in the meantime. Where
	// a file system has none, a second look has to do.
	if err = os.Link(f.Name(), path); err == nil {
		return syncFolder(filepath.Dir(path))
	}
	if _, there := os.Lstat(path); !errors.Is(there, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already and is left as it is: choose another name", name)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes names in a folder durable, where the system has such a
// notion.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return err
	}
	return nil
}
