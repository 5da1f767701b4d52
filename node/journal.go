package node

import (
	"errors"
	"fmt"
	"os"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

// openJournal opens the file that a run from a seed is recorded in or replayed from; nil for neither.
func (n *Node) openJournal() (*scheduler.Journal, error) {
	c := n.config
	title := fmt.Sprintf("--seed %d", *c.Seed)
	switch {
	case c.Record != "" && c.Replay != "":
		return nil, errors.New("a run cannot be recorded and replayed at once")
	case c.Record != "":
		f, err := os.Create(c.Record)
		if err != nil {
			return nil, err
		}
		n.journal = f
		return scheduler.NewRecorder(f, title), nil
	case c.Replay != "":
		f, err := os.Open(c.Replay)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		j, err := scheduler.NewReplay(f, title)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Replay, err)
		}
		j.Lost = n.leftRecording
		return j, nil
	}
	return nil, nil
}

// leftRecording ends a replay that is not the recorded run any more.
func (n *Node) leftRecording(problem string) {
	n.Halt(1, fmt.Sprintf("gerl: the replay has left the recorded run of %s: %s\n(the program, its arguments or gerl have changed)\n",
		n.config.Replay, problem), true)
}

func (n *Node) closeJournal() error {
	if n.journal == nil {
		return nil
	}
	n.Sys.Sched.StopSoon()
	err := n.Sys.Sched.Journal.Close()
	if e := n.journal.Close(); err == nil {
		err = e
	}
	return err
}

// codec writes terms to the journal.
type codec struct{ sys *proc.System }

func (c codec) Encode(t term.Term) []byte {
	return etf.Encode(t, &etf.EncodeOptions{Self: c.self()})
}

func (c codec) self() etf.Self { return etf.Self{Node: c.sys.Node(), Creation: c.sys.Creation.Load()} }

func (c codec) Decode(h *term.Heap, data []byte) (term.Term, bool) {
	t, _, err := etf.Decode(h, data, &etf.DecodeOptions{Self: c.self()})
	return t, err == nil
}
