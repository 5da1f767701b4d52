package node

import (
	"fmt"
	"os"
	"time"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// reporter passes the emulator's own events to the process that is registered as logger, as messages
// {log, Level, Format, Args, Metadata}; without such a process they go to the standard error.
type reporter struct{ n *Node }

// Interned at start: a report must be possible when the atom table is full.
var (
	atomLog      = term.Intern("log")
	atomTime     = term.Intern("time")
	atomGl       = term.Intern("gl")
	atomEmulator = term.Intern("emulator")
	atomBoot     = term.Intern("boot")
)

// Report implements proc.Reporter.
func (r reporter) Report(e proc.Report) {
	h := term.NewArena()
	defer h.Free()
	level, format := term.AtomError, ""
	var args []term.Term
	switch e.Kind {
	case proc.ProcessCrash:
		format, args = "Error in process ~p with exit value:~n~p~n", []term.Term{e.Pid, e.Reason}
	case proc.InternalError:
		format = "Internal error in process ~p. This is a fault of gerl; please report it.~n~ts~n"
		args = []term.Term{e.Pid, h.Binary([]byte(e.Text))}
	case proc.MaxHeapExceeded:
		format, args = e.Format, e.Args
	default:
		format, args = "~ts~n", []term.Term{h.Binary([]byte(e.Text))}
	}
	meta := []term.Term{
		atomTime, h.Int64(time.Now().UnixMicro()),
		term.AtomErrorLogger, h.MapFromPairs([]term.Term{term.AtomTag, level, atomEmulator, term.AtomTrue}),
	}
	if e.Pid != term.None { // what is no process's own has neither
		meta = append(meta, term.AtomPid, e.Pid, atomGl, e.GroupLeader)
	}
	msg := h.Tuple(atomLog, level, h.Chars(format), h.List(args...), h.MapFromPairs(meta))
	if !r.n.Sys.SendTo(nil, r.n.Sys.Logger(), msg) {
		fmt.Fprintf(os.Stderr, "%s %s\n", e.Text, term.Format(h.List(args...)))
	}
}
