package bifs

import (
	"errors"
	"io"

	"github.com/gerl-lang/gerl/bifs/iolib"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Console is a node's terminal, or its standard input and output. The node provides it.
type Console interface {
	// Write takes UTF-8 text for the standard output (1) or error (2) and returns at once. busy, if not
	// nil, blocks until the device has caught up: whoever gets it should wait.
	Write(fd int, text []byte) (busy func(), err error)
	// Read shows the prompt and blocks until there is input: an edited line or expression on a terminal, else some bytes.
	// io.EOF ends the input.
	Read(r ReadRequest) ([]byte, error)
	// Attention blocks until the user of a terminal wants another job; false: there is no terminal.
	Attention() bool
	// Geometry is the terminal's size; ok is false without a terminal.
	Geometry() (columns, rows int, ok bool)
	// IsTerminal reports whether the standard input is a terminal.
	IsTerminal() bool
}

// ReadMode says what is read.
type ReadMode int

// What is read: a line, an expression that ends with a full stop, a line that is not shown, a line that is no part of the history.
const (
	ReadLine ReadMode = iota
	ReadExpression
	ReadPassword
	ReadCommand
)

// ReadRequest is what Console.Read is asked for.
type ReadRequest struct {
	Prompt  string
	Mode    ReadMode
	Initial string // the text that is there already
	// Resume goes on with the text as it was when Read asked for a completion.
	Resume bool
	Insert string // put at the cursor
	Below  string // shown under the text until the next key: candidates, or a hint
}

// ErrSwitched is what Console.Read gives when the user wants another job.
var ErrSwitched = errors.New("switched")

// CompletionError is what Console.Read gives when the user asks what may follow.
type CompletionError struct {
	Before string // the text before the cursor
}

func (*CompletionError) Error() string { return "completion wanted" }

type consoleKey struct{}

// SetConsole gives a node its console; before the node starts.
func SetConsole(sys *proc.System, c Console) { sys.Values.Store(consoleKey{}, c) }

func console(p *proc.Process) Console {
	c, _ := p.Sys.Values.Load(consoleKey{})
	if c == nil {
		return nil
	}
	return c.(Console)
}

// gerl_io:write(1 | 2, Binary) -> ok | {error, Reason}
func gerlIoWrite2(p *proc.Process, a []term.Term) term.Term {
	text, ok := a[1].Bytes()
	if !ok || a[0] != term.Int(1) && a[0] != term.Int(2) {
		return p.Badarg()
	}
	c := console(p)
	if c == nil {
		return p.Heap.Tuple(term.AtomError, term.Intern("enotsup"))
	}
	busy, err := c.Write(a[0].Small(), text)
	if err != nil {
		return p.Heap.Tuple(term.AtomError, term.Intern("terminated"))
	}
	if busy != nil {
		return p.Async(func() func(*proc.Process) term.Term {
			busy()
			return func(*proc.Process) term.Term { return term.AtomOk }
		})
	}
	return term.AtomOk
}

// gerl_io:read(Prompt, line | expression | password | command, Initial | {fresh, Initial, Hint} | {resume, Insert, Below}) ->
//
//	{ok, Binary} | {expand, Before} | eof | {error, Reason}
func gerlIoRead3(p *proc.Process, a []term.Term) term.Term {
	r := ReadRequest{}
	ok := true
	text := func(t term.Term) string {
		b, isBinary := t.Bytes()
		ok = ok && isBinary
		return string(b)
	}
	r.Prompt = text(a[0])
	switch a[1] {
	case term.Intern("expression"):
		r.Mode = ReadExpression
	case term.Intern("password"):
		r.Mode = ReadPassword
	case term.Intern("command"):
		r.Mode = ReadCommand
	}
	switch {
	case a[2].TupleOf(3) && a[2].Elem(0) == term.Intern("fresh"):
		r.Initial, r.Below = text(a[2].Elem(1)), text(a[2].Elem(2))
	case a[2].TupleOf(3):
		r.Resume, r.Insert, r.Below = true, text(a[2].Elem(1)), text(a[2].Elem(2))
	default:
		r.Initial = text(a[2])
	}
	if !ok {
		return p.Badarg()
	}
	c := console(p)
	if c == nil {
		return term.AtomEof
	}
	return p.Async(func() func(*proc.Process) term.Term {
		data, err := c.Read(r)
		return func(p *proc.Process) term.Term {
			var expand *CompletionError
			switch {
			case len(data) > 0:
				return p.Heap.Tuple(term.AtomOk, p.Heap.Binary(data))
			case errors.As(err, &expand):
				return p.Heap.Tuple(term.Intern("expand"), p.Heap.Binary([]byte(expand.Before)))
			case errors.Is(err, io.EOF):
				return term.AtomEof
			case errors.Is(err, ErrInterrupted):
				return p.Heap.Tuple(term.AtomError, term.Intern("interrupted"))
			case errors.Is(err, ErrSwitched):
				return p.Heap.Tuple(term.AtomError, term.Intern("switched"))
			}
			return p.Heap.Tuple(term.AtomError, term.Intern("terminated"))
		}
	})
}

// gerl_io:attention() -> boolean()
func gerlIoAttention0(p *proc.Process, _ []term.Term) term.Term {
	c := console(p)
	if c == nil {
		return term.AtomFalse
	}
	return p.Async(func() func(*proc.Process) term.Term {
		wanted := c.Attention()
		return func(*proc.Process) term.Term { return term.Bool(wanted) }
	})
}

// ErrInterrupted is what Console.Read gives when the user interrupts the line.
var ErrInterrupted = errors.New("interrupted")

// gerl_io:geometry() -> {Columns, Rows} | undefined
func gerlIoGeometry0(p *proc.Process, _ []term.Term) term.Term {
	if c := console(p); c != nil {
		if cols, rows, ok := c.Geometry(); ok {
			return p.Heap.Tuple(term.Int(cols), term.Int(rows))
		}
	}
	return term.AtomUndefined
}

// gerl_io:is_terminal() -> boolean()
func gerlIoIsTerminal0(p *proc.Process, _ []term.Term) term.Term {
	c := console(p)
	return term.Bool(c != nil && c.IsTerminal())
}

// formatRunes gives the characters of a format: an atom, a string or a binary of Latin-1 or UTF-8.
func formatRunes(t term.Term) ([]rune, bool) {
	switch {
	case t.IsAtom():
		return []rune(t.AtomName()), true
	case t.IsBitstring():
		b, ok := t.Bytes()
		if !ok {
			return nil, false
		}
		out := make([]rune, len(b))
		for i, c := range b {
			out[i] = rune(c)
		}
		return out, true
	}
	s, ok := term.CharsText(t)
	return []rune(s), ok
}

// formatArgs takes the arguments of gerl_io:format/3 apart.
func formatArgs(p *proc.Process, a []term.Term) (format []rune, args []term.Term, env iolib.Env, ok bool) {
	format, ok = formatRunes(a[0])
	n, proper := term.ListLen(a[1])
	if !ok || !proper || !a[2].IsSmall() {
		return nil, nil, env, false
	}
	args = make([]term.Term, 0, n)
	for l := a[1]; l.IsCons(); l = l.Tail() {
		args = append(args, l.Head())
	}
	return format, args, iolib.Env{CharsLimit: a[2].Small(), PrintLatin1: !printsUnicode(p)}, true
}

// gerl_io:format_chars(Format, Args, CharsLimit) -> [Char | [Char]]; raises badarg
func gerlIoFormatChars3(p *proc.Process, a []term.Term) term.Term {
	format, args, env, ok := formatArgs(p, a)
	if !ok {
		return p.Badarg()
	}
	pieces, err := iolib.Pieces(format, args, env)
	if err != nil {
		return p.Badarg()
	}
	var out []term.Term
	for _, piece := range pieces {
		p.Bump(len(piece.Text) / 50)
		if piece.Nested {
			out = append(out, p.Heap.Chars(piece.Text))
			continue
		}
		for _, r := range piece.Text {
			out = append(out, term.Int(int(r)))
		}
	}
	return p.Heap.List(out...)
}

// gerl_io:format(Format, Args, CharsLimit) -> Binary; raises badarg
func gerlIoFormat3(p *proc.Process, a []term.Term) term.Term {
	format, args, env, ok := formatArgs(p, a)
	if !ok {
		return p.Badarg()
	}
	s, err := iolib.Format(format, args, env)
	if err != nil {
		return p.Badarg()
	}
	p.Bump(len(s) / 50)
	return p.Heap.Binary([]byte(s))
}

// gerl_io:write_term(Term, Depth, CharsLimit, latin1 | unicode) -> Binary
func gerlIoWriteTerm4(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsInteger() || !a[2].IsSmall() {
		return p.Badarg()
	}
	depth := -1 // a bignum is as good as none
	if a[1].IsSmall() {
		depth = a[1].Small()
	}
	opt := &iolib.Options{Depth: depth, Limit: a[2].Small(), Latin1: a[3] == term.AtomLatin1, PrintLatin1: !printsUnicode(p)}
	var s string
	if depth == 0 {
		s = "..."
	} else if opt.Limit >= 0 {
		s = iolib.Pretty(a[0], 1, 0, -1, opt)
	} else {
		s = iolib.Write(a[0], opt)
	}
	p.Bump(len(s) / 50)
	return p.Heap.Binary([]byte(s))
}

// gerl_io:pretty(Term, {Column, Width, Depth, MaxChars}, CharsLimit, Latin1, Strings, Records) -> Binary
//
// Records is a list of {Name, [Field]}.
func gerlIoPretty6(p *proc.Process, a []term.Term) term.Term {
	if !a[1].TupleOf(4) || !a[2].IsSmall() {
		return p.Badarg()
	}
	var n [4]int
	for i := range n {
		if e := a[1].Elem(i); e.IsSmall() {
			n[i] = e.Small()
		} else {
			return p.Badarg()
		}
	}
	opt := &iolib.Options{Depth: n[2], Limit: a[2].Small(), Latin1: a[3] == term.AtomTrue, Strings: a[4] == term.AtomTrue, PrintLatin1: !printsUnicode(p)}
	if records := a[5]; records.IsCons() {
		opt.Record = func(tag term.Term, fields int) ([]term.Term, bool) { return recordFields(records, tag, fields) }
	}
	s := iolib.Pretty(a[0], n[0], n[1], n[3], opt)
	p.Bump(len(s) / 50)
	return p.Heap.Binary([]byte(s))
}

// recordFields finds the names of a record's fields in a list of {Name, [Field]}.
func recordFields(records, tag term.Term, fields int) ([]term.Term, bool) {
	for l := records; l.IsCons(); l = l.Tail() {
		r := l.Head()
		if !r.TupleOf(2) || r.Elem(0) != tag {
			continue
		}
		if n, ok := term.ListLen(r.Elem(1)); !ok || n != fields {
			continue
		}
		names := make([]term.Term, 0, fields)
		for f := r.Elem(1); f.IsCons(); f = f.Tail() {
			names = append(names, f.Head())
		}
		return names, true
	}
	return nil, false
}
