package preproc

import (
	"fmt"
	"strconv"

	"github.com/gerl-lang/gerl/diag"
)

// failure is an error in a directive or macro call. name is that of epp's
// error descriptor.
type failure struct {
	at   diag.Pos
	name string
	text string
	args []string
	desc any // the descriptor, where name and args do not make it
}

func errorf(name, format string, args ...any) *failure {
	f := &failure{name: name, text: fmt.Sprintf(format, args...)}
	for _, a := range args {
		f.args = append(f.args, fmt.Sprint(a))
	}
	return f
}

func (f *failure) located(at diag.Pos) *failure {
	f.at = at
	return f
}

func badlyFormed(what string) *failure { return errorf("bad", "badly formed '%s'", what) }

func itoa(n int) string { return strconv.Itoa(n) }

// noArity marks a macro without a parameter list.
const noArity = -1

// macroError is an error about a macro with its arity, "undefined macro 'A/1'";
// its arguments are the name and the arity, if there is one.
func macroError(kind, name string, arity int) *failure {
	if arity == noArity {
		return errorf(kind, kind+" macro '%s'", name)
	}
	return errorf(kind, kind+" macro '%s/%d'", name, arity)
}
