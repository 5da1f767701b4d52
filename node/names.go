package node

import "github.com/gerl-lang/gerl/stdlib"

// Modules lists the modules of the library and those given to the node, for completion and help.
func (n *Node) Modules() []string {
	names := stdlib.Modules()
	n.modules.Range(func(k, _ any) bool {
		names = append(names, k.(string))
		return true
	})
	return names
}
