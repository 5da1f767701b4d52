package proc

import "github.com/gerl-lang/gerl/term"

// fragment is the memory of one copied term, 0 for none (see term.CopyMessage).
type fragment = uintptr

func buildRef(h *term.Heap, n uint64) term.Term { return h.Ref(refNums(n)) }

func buildAliasRef(h *term.Heap, n uint64, pid term.Term) term.Term { return h.PidRef(refNums(n), pid) }

// scratchHeap is a heap for terms that are copied into a message at once; free it afterwards.
func scratchHeap() *term.Heap { return term.NewArena() }
