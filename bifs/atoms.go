package bifs

import "github.com/gerl-lang/gerl/term"

// Atoms that several files of this package name and the fixed table of package term does not have.
var (
	atomAbs         = term.Intern("abs")
	atomCancelTimer = term.Intern("cancel_timer")
	atomCount       = term.Intern("count")
	atomCause       = term.Intern("cause")
	atomNoFloat     = term.Intern("no_float")
	atomNoInteger   = term.Intern("no_integer")
	atomLocal       = term.Intern("local")
	atomNone        = term.Intern("none")
	atomNotAList    = term.Intern("not_a_list")
	atomNotalive    = term.Intern("notalive")
	atomTime        = term.Intern("time")
	atomReadTimer   = term.Intern("read_timer")
)
