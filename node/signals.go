package node

import (
	"os"
	"os/signal"
	"sync"

	"github.com/gerl-lang/gerl/term"
)

// signals is what a node does with signals of the operating system. Those that are handled become events of
// erl_signal_server, and are sent to init where that does not exist.
type signals struct {
	mu    sync.Mutex
	c     chan os.Signal
	modes map[os.Signal]string
}

// watchSignals begins with those that OTP handles from the start.
func (n *Node) watchSignals() {
	s := &n.signals
	s.c = make(chan os.Signal, 16)
	s.modes = map[os.Signal]string{}
	for _, name := range handledSignals {
		n.SetSignal(name, "handle")
	}
	go func() {
		for {
			select {
			case sig := <-s.c:
				n.gotSignal(sig)
			case <-n.done:
				signal.Stop(s.c)
				return
			}
		}
	}()
}

// SetSignal implements bifs.Node.
func (n *Node) SetSignal(name, what string) bool {
	sig, ok := signalNames[name]
	if !ok {
		return false
	}
	s := &n.signals
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c == nil {
		return false
	}
	s.modes[sig] = what
	switch {
	case what == "ignore":
		signal.Ignore(sig)
	case what == "handle" || endsByDefault[name]:
		signal.Notify(s.c, sig)
	default:
		signal.Reset(sig)
	}
	return true
}

func (n *Node) gotSignal(sig os.Signal) {
	s := &n.signals
	s.mu.Lock()
	mode := s.modes[sig]
	s.mu.Unlock()
	name := ""
	for k, v := range signalNames {
		if v == sig {
			name = k
		}
	}
	switch {
	case mode == "default":
		n.Halt(128+signalNumber(sig), "", false)
		return
	case mode != "handle":
		return
	}
	h := term.NewArena()
	defer h.Free()
	if n.Sys.SendTo(nil, term.Intern("erl_signal_server"), h.Tuple(term.Intern("notify"), term.Intern(name))) {
		return
	}
	if name == "sigterm" && !n.Sys.SendTo(nil, term.AtomInit, h.Tuple(term.AtomStop, term.Int(0))) {
		n.Halt(0, "", true)
	}
}
