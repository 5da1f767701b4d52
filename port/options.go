package port

import (
	"strings"

	"github.com/gerl-lang/gerl/term"
)

// Options are what open_port/2 was asked for.
type Options struct {
	Name       string   // what port_info/2 gives as the name
	Command    string   // for {spawn, Command}
	File       string   // for {spawn_executable, File}
	FD         [2]int   // for {fd, In, Out}
	Kind       Kind     // which of the three
	Args       []string // of spawn_executable, nil if not given
	Arg0       string
	HasArg0    bool
	Env        []EnvChange
	Dir        string
	Packet     int // bytes of the length, 0: none
	Line       int // longest line, 0: no lines
	Binary     bool
	EOF        bool
	ExitStatus bool
	ErrToOut   bool
	NoStdio    bool // descriptors 3 and 4 instead of 0 and 1
	In, Out    bool
	Parallel   bool
	High, Low  int // bytes of waiting output that make the port busy and not busy again
}

// Kind says what a port is connected to.
type Kind uint8

// The kinds of ports.
const (
	Spawn Kind = iota
	SpawnExecutable
	Descriptors
)

// EnvChange sets a variable of the child's environment, or unsets it.
type EnvChange struct {
	Name, Value string
	Unset       bool
}

// Default limits of waiting output.
const (
	defaultHigh = 8192
	defaultLine = 512
	defaultLow  = 4096
)

// Problem says what is wrong with the arguments of open_port/2.
type Problem uint8

const (
	// NoProblem: the arguments are well-formed.
	NoProblem Problem = iota
	// BadName: the first argument is malformed.
	BadName
	// BadOption: an option is unknown or malformed.
	BadOption
	// BadDescriptor: a file descriptor that cannot be one.
	BadDescriptor
)

// fileText reads a string, an atom or a binary as a name for the operating system.
func fileText(t term.Term) (string, bool) {
	if t.IsAtom() {
		return t.AtomName(), true
	}
	if !t.IsList() && !t.IsBitstring() {
		return "", false
	}
	if b, ok := t.Bytes(); ok {
		return string(b), !strings.Contains(string(b), "\x00")
	}
	s, ok := term.CharsText(t)
	return s, ok && !strings.Contains(s, "\x00")
}

// ParseOptions reads the arguments of open_port/2.
func ParseOptions(name, options term.Term) (*Options, Problem) {
	o := &Options{High: defaultHigh, Low: defaultLow}
	problem := o.parseName(name)
	for ; options.IsCons(); options = options.Tail() {
		if !o.parse(options.Head()) {
			return nil, BadOption
		}
	}
	switch {
	case !options.IsNil():
		return nil, BadOption
	case o.Packet > 0 && o.Line > 0:
		return nil, BadOption
	case problem != NoProblem: // the options come first
		return nil, problem
	case o.Kind != SpawnExecutable && (o.Args != nil || o.HasArg0):
		return nil, BadName
	case !o.In && !o.Out:
		o.In, o.Out = true, true
	}
	return o, NoProblem
}

func (o *Options) parseName(name term.Term) Problem {
	if name.TupleOf(3) && name.Elem(0) == term.Intern("fd") {
		for i := range o.FD {
			fd := name.Elem(i + 1)
			switch {
			case !fd.IsSmall():
				return BadName
			case fd.Small() < 0 || fd.Small() > 1<<20:
				return BadDescriptor
			}
			o.FD[i] = fd.Small()
		}
		o.Kind = Descriptors
		o.Name = string(term.Append(nil, name.Elem(1), term.FormatOptions{})) + "/" + string(term.Append(nil, name.Elem(2), term.FormatOptions{}))
		return NoProblem
	}
	if !name.TupleOf(2) {
		return BadName
	}
	text, ok := fileText(name.Elem(1))
	if !ok || strings.TrimSpace(text) == "" {
		return BadName
	}
	o.Name = text
	switch name.Elem(0) {
	case term.Intern("spawn"):
		o.Kind, o.Command = Spawn, text
	case term.Intern("spawn_driver"):
		if o.Kind, o.Command = Spawn, text; !isDriver(text) {
			return BadName
		}
	case term.Intern("spawn_executable"):
		o.Kind, o.File = SpawnExecutable, text
	default:
		return BadName
	}
	return NoProblem
}

func (o *Options) parse(t term.Term) bool {
	if t.IsAtom() {
		return o.parseFlag(t.AtomName())
	}
	if !t.TupleOf(2) || !t.Elem(0).IsAtom() {
		return false
	}
	v := t.Elem(1)
	n := -1
	if v.IsSmall() {
		n = v.Small()
	}
	ok := true
	switch t.Elem(0).AtomName() {
	case "packet":
		o.Packet = n
		return n == 1 || n == 2 || n == 4
	case "line":
		o.Line = n
		return n > 0
	case "env":
		o.Env, ok = parseEnv(v)
	case "args":
		o.Args, ok = parseArgs(v)
	case "arg0":
		o.Arg0, ok = fileText(v)
		o.HasArg0 = true
	case "cd":
		o.Dir, ok = fileText(v)
	case "parallelism":
		o.Parallel, ok = v == term.AtomTrue, v == term.AtomTrue || v == term.AtomFalse
	case "busy_limits_port":
		return o.parseLimits(v, true)
	case "busy_limits_msgq":
		return o.parseLimits(v, false)
	default:
		return false
	}
	return ok
}

func (o *Options) parseFlag(name string) bool {
	switch name {
	case "stream":
		o.Packet, o.Line = 0, 0
	case "line":
		o.Line = defaultLine
	case "use_stdio":
		o.NoStdio = false
	case "nouse_stdio":
		o.NoStdio = true
	case "binary":
		o.Binary = true
	case "eof":
		o.EOF = true
	case "exit_status":
		o.ExitStatus = true
	case "stderr_to_stdout":
		o.ErrToOut = true
	case "in":
		o.In = true
	case "out":
		o.Out = true
	case "hide", "overlapped_io":
	default:
		return false
	}
	return true
}

// parseLimits reads {Low, High} or disabled. Only the limits of the port itself matter here: commands are
// never queued before it.
func (o *Options) parseLimits(v term.Term, use bool) bool {
	low, high := 1<<62, 1<<62
	if v != term.Intern("disabled") {
		if !v.TupleOf(2) || !v.Elem(0).IsSmall() || !v.Elem(1).IsSmall() {
			return false
		}
		low, high = v.Elem(0).Small(), v.Elem(1).Small()
		if low < 1 || high < 1 {
			return false
		}
		low = min(low, high)
	}
	if use {
		o.Low, o.High = low, high
	}
	return true
}

func parseEnv(l term.Term) (changes []EnvChange, ok bool) {
	for ; l.IsCons(); l = l.Tail() {
		e := l.Head()
		if !e.TupleOf(2) || !e.Elem(0).IsList() {
			return nil, false
		}
		c := EnvChange{Unset: e.Elem(1) == term.AtomFalse}
		if c.Name, ok = fileText(e.Elem(0)); !ok || c.Name == "" || strings.Contains(c.Name[1:], "=") {
			return nil, false
		}
		if !c.Unset {
			if !e.Elem(1).IsList() {
				return nil, false
			}
			if c.Value, ok = fileText(e.Elem(1)); !ok {
				return nil, false
			}
			c.Unset = c.Value == ""
		}
		changes = append(changes, c)
	}
	return changes, l.IsNil()
}

func parseArgs(l term.Term) (args []string, ok bool) {
	args = []string{}
	for ; l.IsCons(); l = l.Tail() {
		if l.Head().IsAtom() {
			return nil, false
		}
		a, ok := fileText(l.Head())
		if !ok {
			return nil, false
		}
		args = append(args, a)
	}
	return args, l.IsNil()
}

// environ applies the changes to a list of NAME=value.
func (o *Options) environ(base []string) []string {
	if len(o.Env) == 0 {
		return base
	}
	changed := map[string]bool{}
	var set []string
	for i := len(o.Env) - 1; i >= 0; i-- {
		c := o.Env[i]
		if changed[c.Name] {
			continue
		}
		changed[c.Name] = true
		if !c.Unset {
			set = append(set, c.Name+"="+c.Value)
		}
	}
	env := make([]string, 0, len(base)+len(set))
	for _, kv := range base {
		if name, _, _ := strings.Cut(kv, "="); !changed[name] {
			env = append(env, kv)
		}
	}
	return append(env, set...)
}
