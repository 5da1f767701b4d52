package bifs

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// erlang:load_nif(Path, Info) is {error, {load_failed, Text}}: native functions are code for OTP's machine. Programs that do without their
// library where it is missing go on as they do there.
func erlangLoadNif2(p *proc.Process, a []term.Term) term.Term {
	name, ok := libraryName(a[0])
	if !ok {
		return p.Badarg()
	}
	name += ".so"
	path := name
	if n := NodeOf(p); n != nil && !filepath.IsAbs(path) {
		path = filepath.Join(n.Dir(), path)
	}
	return p.Async(func() result {
		why := "cannot open shared object file: " + strings.ToUpper(syscall.ENOENT.Error()[:1]) + syscall.ENOENT.Error()[1:]
		if _, err := os.Stat(path); err == nil {
			why = "native functions are not supported"
		}
		return func(p *proc.Process) term.Term {
			h := &p.Heap
			return h.Tuple(term.AtomError, h.Tuple(term.Intern("load_failed"), charList(h, "Failed to load NIF library: '"+name+": "+why+"'")))
		}
	})
}

// libraryName is the text of a string or binary.
func libraryName(t term.Term) (string, bool) {
	if b, ok := t.Bytes(); ok {
		return string(b), true
	}
	text, ok := charsOf(t)
	return string(text), ok
}
