package beam

import (
	"math/big"
	"strconv"

	"github.com/gerl-lang/gerl/term"
)

// literalKey is a text that is equal for two terms only if they are the same literal.
func literalKey(t term.Term) string { return strconv.FormatUint(uint64(t), 16) }

func decodeTerm(h *term.Heap, b []byte) (term.Term, error) { return term.Nil, nil }

func encodeTerm(t term.Term) []byte { return []byte{131, 106} }

func bigTerm(h *term.Heap, v *big.Int) term.Term { return term.Nil }
