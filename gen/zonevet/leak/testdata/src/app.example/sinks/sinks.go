// Package sinks: every kind of sink, and what is beside it.
package sinks

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"reflect"
	"strings"

	"app.example/people"
)

func stdout(p *people.Person) {
	fmt.Println(p.Name)            // want `people\.Person\.Name .* reaches the output of the program`
	fmt.Printf("%-10s|\n", p.Name) // want `people\.Person\.Name`
	fmt.Fprint(os.Stderr, p.Name)  // want `people\.Person\.Name`
	os.Stdout.WriteString(p.Name)  // want `people\.Person\.Name`
	println(p.Name)                // want `people\.Person\.Name`
	io.WriteString(os.Stdout, p.City)
	fmt.Fprint(io.Discard, p.Name)
}

func logs(ctx context.Context, p *people.Person) {
	slog.Info("x", "name", p.Name)                          // want `people\.Person\.Name`
	slog.InfoContext(ctx, "x", slog.String("name", p.Name)) // want `people\.Person\.Name`
	slog.With("name", p.Name).Info("x")                     // want `people\.Person\.Name`
	slog.LogAttrs(ctx, slog.LevelInfo, "x", slog.Int("n", 1))
	slog.Info("x", slog.Group("g", slog.Int64("amount", p.Amount))) // want `people\.Person\.Amount`
}

// The policy gives files a ceiling of their own.
func files(p *people.Person) error {
	os.WriteFile("phones", []byte(p.Phone), 0o600)
	return os.WriteFile("names", []byte(p.Name), 0o600) // want `people\.Person\.Name .* reaches a file that is of no zone, whose ceiling is class 2`
}

func writers(p *people.Person) {
	f, err := os.Create(p.Name + ".txt") // want `people\.Person\.Name .* reaches a file`
	if err != nil {
		return
	}
	w := bufio.NewWriter(f)
	w.WriteString(p.Name) // want `people\.Person\.Name .* reaches a file`
	z := gzip.NewWriter(w)
	c := csv.NewWriter(z)
	c.Write([]string{p.City, p.Name}) // want `people\.Person\.Name .* reaches a file`
	c.Write([]string{p.City})
	io.Copy(f, strings.NewReader(p.Name)) // want `people\.Person\.Name .* reaches a file`
}

func buffers(p *people.Person) {
	var b bytes.Buffer
	b.WriteString(p.Name)
	fmt.Println(b.Len())
	fmt.Println(b.String()) // want `people\.Person\.Name`
	io.Copy(os.Stdout, &b)  // want `people\.Person\.Name`
	var sb strings.Builder
	fmt.Fprintf(&sb, "%s", p.Name)
	fmt.Println(sb.String())                                                                           // want `people\.Person\.Name`
	fmt.Println(hex.EncodeToString([]byte(p.Name)), base64.StdEncoding.EncodeToString([]byte(p.Name))) // want `people\.Person\.Name`
	s := bufio.NewScanner(strings.NewReader(p.Name))
	for s.Scan() {
		fmt.Println(s.Text()) // want `people\.Person\.Name`
	}
}

func web(w http.ResponseWriter, r *http.Request, p *people.Person) {
	fmt.Fprintf(w, "<p>%s</p>", p.Name)                         // want `people\.Person\.Name .* reaches HTTP`
	w.Write([]byte(p.Name))                                     // want `people\.Person\.Name`
	w.Header().Set("X-Name", p.Name)                            // want `people\.Person\.Name`
	http.Error(w, p.Name, 500)                                  // want `people\.Person\.Name`
	http.Get("https://x.example/?q=" + url.QueryEscape(p.Name)) // want `people\.Person\.Name`
	v := url.Values{}
	v.Set("name", p.Name)
	http.PostForm("https://x.example", v) // want `people\.Person\.Name`
	http.Error(w, p.City, 500)
	template.Must(template.New("x").Parse("{{.}}")).Execute(w, p.Name) // want `people\.Person\.Name`
}

func sockets(c net.Conn, p *people.Person) {
	c.Write([]byte(p.Name)) // want `people\.Person\.Name .* reaches the net`
	fmt.Fprintln(c, p.City)
}

func queries(ctx context.Context, db *sql.DB, p *people.Person) {
	db.Query("select 1 from t where name = '" + p.Name + "'") // want `people\.Person\.Name .* reaches the text of a query`
	db.ExecContext(ctx, "update t set name = ?", p.Name)
}

func programs(p *people.Person) {
	exec.Command("print", p.Name) // want `people\.Person\.Name .* reaches another program`
	cmd := exec.Command("print")
	cmd.Env = append(cmd.Env, "NAME="+p.Name) // want `people\.Person\.Name`
	cmd.Stdin = strings.NewReader(p.Name)     // want `people\.Person\.Name`
	cmd.Dir = p.City
	os.Setenv("NAME", p.Name) // want `people\.Person\.Name`
}

func reflection(p *people.Person) {
	v := reflect.ValueOf(p.Name)
	fmt.Println(v.String())    // want `people\.Person\.Name`
	fmt.Println(v.Interface()) // want `people\.Person\.Name`
	fmt.Println(v.Len())
}

func joined(p *people.Person) error {
	return errors.Join(errors.New("x"), errors.New(p.Name)) // want `people\.Person\.Name .* reaches an error`
}

type tee struct{ w io.Writer }

func (t *tee) line(s string) { fmt.Fprintln(t.w, s) }

func wrappedWriter(p *people.Person) {
	t := &tee{os.Stdout}
	t.line(p.Name) // want `people\.Person\.Name .* reaches the output of the program`
	t.line(p.City)
	b := &tee{&bytes.Buffer{}}
	b.line(p.Name)
}

type upper struct{}

func (upper) Write(b []byte) (int, error) {
	slog.Info(string(b))
	return len(b), nil
}

func ownWriter(p *people.Person) {
	fmt.Fprintf(upper{}, "%s", p.Name) // want `people\.Person\.Name .* reaches a log`
	fmt.Fprintf(upper{}, "%s", p.City)
}
