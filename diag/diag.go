// Package diag holds what every stage of the text side says about source
// code: files and compact positions, diagnostics, ordered lists of them, and
// the renderers for terminals and tools.
//
// The main types are FileSet (resolves a Pos to file, line and column),
// Diagnostic and List. A stage reports like this:
//
//	var list diag.List
//	list.Errorf(pos, "erl_lint.undefined_function", "function %s/%d undefined", name, arity)
//	if err := list.Err(); err != nil { ... }
//	diag.WriteText(os.Stderr, fset, list.All())
//
// It imports none of our packages.
package diag

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Severity says how bad a diagnostic is.
type Severity uint8

// The severities.
const (
	Error Severity = iota
	Warning
)

// String gives the name used in JSON output.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Code identifies a kind of diagnostic for programs: the Erlang module that
// would format it in OTP, a dot, and a name that is unique within that module
// ("erl_parse.syntax_error", "epp.undefined_macro").
type Code string

// Module is the part before the dot: the module of the Erlang error_info.
func (c Code) Module() string {
	module, _, _ := strings.Cut(string(c), ".")
	return module
}

// Name is the part after the dot.
func (c Code) Name() string {
	_, name, _ := strings.Cut(string(c), ".")
	return name
}

// Note is a remark that points at a second place.
type Note struct {
	Span Span
	Text string
}

// Diagnostic is one error or warning.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Span     Span
	Text     string   // the message, as OTP words it, without location
	Args     []string // the variable parts of the message, in the code's order
	Notes    []Note   // other places that matter
	Hints    []string // advice
	File     string   // overrides the file of Span when not empty
	Cause    error    // the typed error behind it, if there is one
	Desc     any      // the error descriptor as a value (AtomValue...), if it is known
}

// Pos is the place that the diagnostic is about.
func (d *Diagnostic) Pos() Pos { return d.Span.Start }

// List collects diagnostics. The zero value is ready for use.
type List struct{ items []*Diagnostic }

// Add appends a diagnostic.
func (l *List) Add(d *Diagnostic) { l.items = append(l.items, d) }

// AddAll appends all diagnostics of another list (which may be nil).
func (l *List) AddAll(other *List) {
	if other != nil {
		l.items = append(l.items, other.items...)
	}
}

// Errorf appends an error.
func (l *List) Errorf(p Pos, code Code, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Code: code, Severity: Error, Span: At(p), Text: fmt.Sprintf(format, args...)}
	l.Add(d)
	return d
}

// Warnf appends a warning.
func (l *List) Warnf(p Pos, code Code, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Code: code, Severity: Warning, Span: At(p), Text: fmt.Sprintf(format, args...)}
	l.Add(d)
	return d
}

// Len is the number of diagnostics; a nil list is empty.
func (l *List) Len() int {
	if l == nil {
		return 0
	}
	return len(l.items)
}

// All returns the diagnostics in their current order. The slice belongs to
// the list.
func (l *List) All() []*Diagnostic {
	if l == nil {
		return nil
	}
	return l.items
}

// HasErrors reports whether there is a diagnostic of severity Error.
func (l *List) HasErrors() bool {
	for _, d := range l.All() {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Sort orders the diagnostics by line and column, keeping the order of those
// at the same place. All must belong to one file set.
func (l *List) Sort(s *FileSet) {
	sort.SliceStable(l.items, func(i, j int) bool {
		return s.Compare(l.items[i].Pos(), l.items[j].Pos()) < 0
	})
}

// Err is nil when the list holds no error; otherwise an error whose message is
// the first one's text.
func (l *List) Err() error {
	n := 0
	var first *Diagnostic
	for _, d := range l.All() {
		if d.Severity == Error {
			if n == 0 {
				first = d
			}
			n++
		}
	}
	switch n {
	case 0:
		return nil
	case 1:
		return errors.New(first.Text)
	}
	return fmt.Errorf("%s (and %d more errors)", first.Text, n-1)
}
