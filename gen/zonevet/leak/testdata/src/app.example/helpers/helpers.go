// Package helpers knows nothing of labels: what it does is told by facts.
package helpers

import (
	"fmt"
	"io"
	"log"
	"strings"
)

func Log(v any) { log.Println("value:", v) }

func Logf(format string, args ...any) { log.Printf(format, args...) }

func Deep(s string) { deeper(strings.TrimSpace(s)) }

func deeper(s string) { Log(s) }

func Pair(a, b string) (string, string) { return b, a }

func Upper(s string) string { return strings.ToUpper(s) }

func Size(s string) int { return len(s) }

func Wrap(s string) error { return fmt.Errorf("bad value %q", s) }

type Box struct {
	Value string
	Note  string
}

func (b *Box) Set(s string) { b.Value = s }

func (b *Box) Get() string { return b.Value }

func (b *Box) GetNote() string { return b.Note }

func Each(list []string, f func(string)) {
	for _, s := range list {
		f(s)
	}
}

func Emit(w io.Writer, s string) { fmt.Fprintf(w, "%s\n", s) }

func Recurse(n int, s string) string {
	if n == 0 {
		return s
	}
	return Recurse(n-1, s+"x")
}

type Sayer interface{ Say(s string) }

type Loud struct{}

func (Loud) Say(s string) { log.Print(s) }

type Mute struct{}

func (Mute) Say(s string) {}

func Map[T, U any](list []T, f func(T) U) []U {
	var out []U
	for _, v := range list {
		out = append(out, f(v))
	}
	return out
}
