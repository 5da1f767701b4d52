package compiler

// pass is one step over a function.
type pass struct {
	name string
	run  func(*module, *fn)
	why  string // why it is where it is
}

// passes are run in this order on every function. Between the first and the second row of them come the passes over
// the whole module (modulePasses).
var passes = []pass{
	{"prune", func(_ *module, f *fn) { f.prune() }, "lowering leaves blocks that nothing reaches"},
	{"phis", func(_ *module, f *fn) { f.simplifyPhis() }, "needs the edges that are left; shows constants"},
	{"unused", func(_ *module, f *fn) { f.dropUnused() }, "matching saves positions and makes tuples that nobody needs"},
}

// latePasses come after the passes over the whole module.
var latePasses = []pass{
	{"conditions", func(_ *module, f *fn) { f.conditions() }, "before threading: comparisons whose value only chooses a way"},
	{"thread", func(_ *module, f *fn) { f.thread() }, "booleans that alternatives make and the next test looks at"},
	{"phis2", func(_ *module, f *fn) { f.simplifyPhis() }, "threading takes edges away"},
	{"forward", func(_ *module, f *fn) { f.forward() }, "empty blocks hide tests from each other"},
	{"merge", func(_ *module, f *fn) { f.mergeBlocks() }, "after forward: more blocks have one predecessor"},
	{"tests", func(_ *module, f *fn) { f.joinTests() }, "after merge: tests that follow each other are next to each other"},
	{"returns", func(_ *module, f *fn) { f.sinkReturns() }, "after merge: a join that only returns is one block; makes tail calls"},
	{"merge2", func(_ *module, f *fn) { f.mergeBlocks() }, "blocks that returned may be joined now"},
}

// finalPasses come after types have been found.
var finalPasses = []pass{
	{"floats", (*module).useFloatRegisters, "when blocks are as long as they get"},
	{"edges", func(_ *module, f *fn) { f.splitEdges() }, "last: the allocator puts moves on edges"},
}

// modulePasses look at all functions together.
var modulePasses = []struct {
	name string
	run  func(*module)
	why  string
}{
	{"inline", (*module).inline, "first: functions become larger, funs and matches of callers come into sight"},
	{"funs", (*module).callKnownFuns, "before contexts: makes calls of functions of calls of funs"},
	{"markers", (*module).markReferences, "while each receive is as it was lowered"},
	{"contexts", (*module).passContexts, "after unused: saved positions are gone; before the blocks are joined, which hides where a match ends"},
}

// optimise runs all passes.
func (m *module) optimise() {
	for _, f := range m.fns {
		m.runPasses(f, passes)
	}
	for _, p := range modulePasses {
		p.run(m)
		if m.opts.Dump != nil {
			for _, f := range m.fns {
				m.opts.Dump(p.name, f.String())
			}
		}
	}
	for _, f := range m.fns {
		m.runPasses(f, latePasses)
	}
	m.inferTypes()
	for _, f := range m.fns {
		if m.opts.Dump != nil {
			m.opts.Dump("types", f.String())
		}
		m.runPasses(f, finalPasses)
	}
	m.cutAfterDeadEnds()
}

func (m *module) runPasses(f *fn, passes []pass) {
	for _, p := range passes {
		p.run(m, f)
		if m.opts.Dump != nil {
			m.opts.Dump(p.name, f.String())
		}
	}
}
