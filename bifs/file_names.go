package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// gerl_file:bad_names() -> warning | ignore | error: what comes of names in a directory that are no text (+fnuw, +fnui, +fnue).
func gerlFileBadNames0(p *proc.Process, _ []term.Term) term.Term {
	switch nodeState(p).flags.get(SetBadNames, 'w') {
	case 'i':
		return term.Intern("ignore")
	case 'e':
		return term.AtomError
	}
	return term.Intern("warning")
}
