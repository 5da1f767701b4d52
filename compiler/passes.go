package compiler

// pass is one step over a function.
type pass struct {
	name string
	run  func(*module, *fn)
	why  string // why it is where it is
}

// passes are run in this order on every function.
var passes = []pass{
	{"prune", func(_ *module, f *fn) { f.prune() }, "lowering leaves blocks that nothing reaches"},
	{"phis", func(_ *module, f *fn) { f.simplifyPhis() }, "needs the edges that are left; shows constants"},
	{"unused", func(_ *module, f *fn) { f.dropUnused() }, "matching saves positions and makes tuples that nobody needs"},
	{"conditions", func(_ *module, f *fn) { f.conditions() }, "before threading: comparisons whose value only chooses a way"},
	{"thread", func(_ *module, f *fn) { f.thread() }, "booleans that alternatives make and the next test looks at"},
	{"phis2", func(_ *module, f *fn) { f.simplifyPhis() }, "threading takes edges away"},
	{"forward", func(_ *module, f *fn) { f.forward() }, "empty blocks hide tests from each other"},
	{"merge", func(_ *module, f *fn) { f.mergeBlocks() }, "after forward: more blocks have one predecessor"},
	{"returns", func(_ *module, f *fn) { f.sinkReturns() }, "after merge: a join that only returns is one block; makes tail calls"},
	{"merge2", func(_ *module, f *fn) { f.mergeBlocks() }, "blocks that returned may be joined now"},
	{"edges", func(_ *module, f *fn) { f.splitEdges() }, "last: the allocator puts moves on edges"},
}

func (m *module) runPasses(f *fn) {
	for _, p := range passes {
		p.run(m, f)
		if m.opts.Dump != nil {
			m.opts.Dump(p.name, f.String())
		}
	}
}
