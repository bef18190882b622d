// Package zone stands for the run time in the fixtures.
package zone

import (
	"fmt"
	"io"
	"log/slog"
)

type Zone interface{ ZoneName() string }

type Home[Z Zone] struct{}

func (Home[Z]) home(Z) {}

type In[Z Zone] interface{ home(Z) }

type Crossing[R any] struct{}

func FormatClosed(s fmt.State, _ rune, typ, zone, class string) { io.WriteString(s, typ) }

func LogClosed(typ, zone, class string) slog.Value { return slog.StringValue(typ) }

func EncodeClosed(typ, zone, format string) error { return io.EOF }
