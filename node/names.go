package node

import (
	"github.com/gerl-lang/gerl/beam"
	"github.com/gerl-lang/gerl/stdlib"
)

// Modules lists the modules of the library and those given to the node, for completion and help.
func (n *Node) Modules() []string {
	names := stdlib.Modules()
	n.modules.Range(func(k, _ any) bool {
		names = append(names, k.(string))
		return true
	})
	return names
}

// Exports gives the functions that a module exports, with their arities; nil if there is no such module.
func (n *Node) Exports(module string) map[string][]int {
	data, _, ok := n.FindModule(module)
	if !ok {
		return nil
	}
	m, err := beam.Read(data)
	if err != nil {
		return nil
	}
	out := make(map[string][]int, len(m.Exports))
	for _, e := range m.Exports {
		name := e.Name.AtomName()
		out[name] = append(out[name], e.Arity)
	}
	return out
}
