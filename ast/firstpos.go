package ast

import "github.com/gerl-lang/gerl/diag"

// FirstPos is where the text of a node begins, as far as node positions tell:
// an operator node sits at its operator, its text begins with the left
// operand. Nodes are visited from left to right as long as positions do not
// increase, which is how erl_parse chooses the position of matches, calls,
// clauses and list tails. before(a, b) reports a < b.
func FirstPos(n Node, before func(a, b diag.Pos) bool) diag.Pos {
	best, _ := firstPos(n, n.Pos(), before)
	return best
}

func firstPos(n Node, best diag.Pos, before func(a, b diag.Pos) bool) (diag.Pos, bool) {
	if before(best, n.Pos()) {
		return best, false
	}
	best = n.Pos()
	more := true
	switch n := n.(type) {
	case *Call, *Match:
		// These are where their text begins; looking again at each level of a
		// chain that a macro has put at one place would take quadratic time.
		return best, true
	case *List:
		// The conses behind the first are at FirstPos of their element, so
		// they never change the outcome before the element itself does.
		for _, e := range n.Elems {
			if best, more = firstPos(e, best, before); !more {
				return best, false
			}
		}
		return firstPos(n.Tail, best, before)
	default:
		Children(n, func(c Node) {
			if more {
				best, more = firstPos(c, best, before)
			}
		})
	}
	return best, more
}

// LastPos is the greatest position of a node and of everything below it.
func LastPos(n Node, before func(a, b diag.Pos) bool) diag.Pos {
	best := n.Pos()
	Walk(n, func(c Node) bool {
		if before(best, c.Pos()) {
			best = c.Pos()
		}
		return true
	})
	return best
}
