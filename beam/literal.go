package beam

import (
	"strconv"

	"github.com/gerl-lang/gerl/term"
)

// literalKey is a text that is equal for two terms only if they are the same literal.
func literalKey(t term.Term) string { return strconv.FormatUint(uint64(t), 16) }
