package node

import (
	"fmt"
	"strings"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// BreakInfo is the text for a key of the menu of Ctrl-C: what the node knows without any of its processes.
func (n *Node) BreakInfo(key rune) string {
	var s strings.Builder
	switch key {
	case 'v':
		fmt.Fprintf(&s, "Erlang (SMP,ASYNC_THREADS) (BEAM) emulator version %s\n", EmulatorVersion)
	case 'i':
		m := term.ReadMemoryStats()
		fmt.Fprintf(&s, "=memory\nprocesses: %d\nmessages: %d\nbinary: %d\ncode: %d\n=processes\ncount: %d\nlimit: %d\natoms: %d\n",
			m.Heaps, m.Fragments, m.Binaries, m.Literals, n.Sys.ProcessCount(), n.Sys.ProcessLimit(), term.AtomCount())
	case 'p':
		n.Sys.EachProcess(func(p *proc.Process) bool {
			fmt.Fprintf(&s, "=proc:%s\n", term.Format(p.Pid))
			return true
		})
	case 'l':
		for _, name := range n.Modules() {
			fmt.Fprintln(&s, name)
		}
	default:
		return ""
	}
	return s.String()
}
