package node

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gerl-lang/gerl/bifs"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// seedEpoch is the system time at which runs from a seed begin: 2026-01-01 00:00:00 UTC.
const seedEpoch = 1_767_225_600_000_000_000

// schedulerConfig is how the node's processes are scheduled: with a seed by its choices and in virtual time.
func (n *Node) schedulerConfig() (s scheduler.Config, err error) {
	c := n.config
	if c.Seed == nil {
		if c.Record != "" || c.Replay != "" {
			return s, errors.New("only a run from a seed can be recorded or replayed: give --seed N, too")
		}
		return scheduler.Config{Workers: c.Workers}, nil
	}
	s = scheduler.Config{
		Policy:     scheduler.NewSeeded(*c.Seed),
		Clock:      scheduler.NewVirtualClock(seedEpoch),
		OnDeadlock: n.deadlocked,
	}
	s.Journal, err = n.openJournal()
	return s, err
}

// promptConsole takes all output before its Write returns: how fast the reader at the other end is decides nothing.
type promptConsole struct{ Console }

func (c promptConsole) Write(fd int, text []byte) (func(), error) {
	busy, err := c.Console.Write(fd, text)
	if busy != nil {
		busy()
	}
	return nil, err
}

var _ bifs.Console = promptConsole{}

// services are the registered processes that wait as long as a node lives. What the user process and the loggers start
// serves them.
var services = map[string]bool{
	"init": true, "application_controller": true, "code_server": true, "erl_signal_server": true, "erts_code_purger": true,
	"file_server_2": true, "global_group": true, "global_name_server": true, "inet_db": true, "kernel_refc": true,
	"kernel_safe_sup": true, "kernel_sup": true, "logger": true, "logger_keeper": true, "logger_proxy": true, "logger_std_h_default": true, "logger_sup": true,
	"rex": true, "standard_error": true, "standard_error_sup": true, "user": true,
}

// isService reports whether a process belongs to the node and not to the program.
func (n *Node) isService(p *proc.Process) bool {
	if uint64(p.Pid) == n.initPid.Load() {
		return true
	}
	if m, _, _ := p.InitialCall(); m.AtomName() == "kernel" { // what its supervisor holds, some of it without a name
		return true
	}
	named := func(p *proc.Process) bool {
		name := p.Name()
		return name != term.None && services[name.AtomName()]
	}
	if named(p) {
		return true
	}
	if parent := p.Parent(); parent != term.None && uint64(parent) != n.initPid.Load() {
		if q := n.Sys.Lookup(parent); q != nil {
			return named(q) && q.Name().AtomName() != "application_controller"
		}
	}
	return false
}

// deadlocked is told by the scheduler that all processes wait and nothing can wake one. It ends the node with a report on what
// each process of the program waits for.
func (n *Node) deadlocked() {
	if n.initPid.Load() == 0 || n.ending.Load() {
		return
	}
	var list strings.Builder
	count := 0
	n.Sys.EachProcess(func(p *proc.Process) bool {
		if !n.isService(p) && !p.Gone() {
			count++
			n.describeWaiting(&list, p)
		}
		return true
	})
	if count == 0 {
		return
	}
	n.Halt(1, fmt.Sprintf("gerl: deadlock (seed %d): every process waits, and no timer, port or other work can wake one\n%s",
		*n.config.Seed, list.String()), true)
}

// framesShown is how many functions of a waiting process the report shows.
const framesShown = 8

func (n *Node) describeWaiting(b *strings.Builder, p *proc.Process) {
	b.WriteString("  " + term.Format(p.Pid))
	if name := p.Name(); name != term.None {
		b.WriteString(" " + term.Format(name))
	}
	m, f, arity := p.InitialCall()
	messages := "no messages"
	switch k := p.QueueLength(); {
	case k == 1:
		messages = "1 message that it does not take"
	case k > 1:
		messages = fmt.Sprintf("%d messages that it does not take", k)
	}
	fmt.Fprintf(b, ", started as %s:%s/%d, has %s and waits in\n", term.Format(m), term.Format(f), arity, messages)
	for i, fr := range n.VM.Where(p) {
		if i > 0 && fr.Module == "gerl_run" {
			break // below is how every program starts
		}
		if i == framesShown {
			b.WriteString("    ...\n")
			break
		}
		fmt.Fprintf(b, "    %s", fr)
		if fr.File != "" {
			fmt.Fprintf(b, " (%s:%d)", fr.File, fr.Line)
		}
		b.WriteByte('\n')
	}
}
