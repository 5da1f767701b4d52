package node

import (
	"runtime"
	"slices"
	"sync/atomic"
)

// bootModules are those that each node needs while it starts, in the order of need. Half of a node's start is the loading of modules, one
// after the other as they are called, while the other cores have nothing to do; reading them ahead takes a third off that time.
var bootModules = []string{
	"init", "lists", "application_controller", "proplists", "ets", "logger_server", "logger_proxy", "logger_olp", "application", "code",
	"logger_std_h", "logger_h_common", "maps", "erl_signal_handler", "queue", "user", "logger", "standard_error", "kernel", "gerl_logger_start",
}

// preload loads the modules that the node will need at once beside its first processes. It changes no order that a program could see, and
// so is left out where the order of all that happens is to be the same each time. It takes half a megabyte, because two modules are read
// at once; a shell does without, for nobody sees its prompt come 3 ms earlier.
func (n *Node) preload() {
	if n.config.Preload == nil || n.config.Seed != nil || n.config.Workers == 1 || runtime.GOMAXPROCS(0) == 1 {
		return
	}
	modules := slices.Concat(bootModules, n.config.Preload)
	var next atomic.Int64
	for range 2 {
		go func() {
			for i := next.Add(1); int(i) <= len(modules); i = next.Add(1) {
				if n.ending.Load() {
					return
				}
				n.VM.Preload(modules[i-1])
			}
		}()
	}
}
