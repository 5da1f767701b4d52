package compiler

import "github.com/gerl-lang/gerl/diag"

// Texts of warnings that have a descriptor of OTP's in more than one place.
const (
	neverUsed    = "a term is constructed, but never used"
	falseGuard   = "this clause cannot match because its guard evaluates to 'false'"
	otherType    = "this clause cannot match because of different types/sizes"
	noClause     = "no clause will ever match"
	shadowedAny  = "this clause cannot match because a previous clause always matches"
	shadowedLine = "this clause cannot match because a previous clause at line %d always matches"
	shadowedFun  = "this clause for %s/%d cannot match because a previous clause at line %d always matches"
	badCall      = "invalid function call"
	badMap       = "map update will fail with a 'badmap' exception"
	noEffect     = "use of operator '%s' has no effect"
)

// plainReasons are the second elements of descriptors without arguments.
var plainReasons = map[string]diag.AtomValue{
	neverUsed: "useless_building", falseGuard: "guard", otherType: "clause_type", noClause: "no_clause",
	shadowedAny: "shadow", badCall: "bad_call", badMap: "bad_map_update",
}

// described is the descriptor of a warning as programs see it, nil for those that have only their text.
func described(kind, format string, args []any) any {
	as := func(reason any) any { return diag.TupleValue{diag.AtomValue(kind), reason} }
	if reason, ok := plainReasons[format]; ok {
		return as(reason)
	}
	switch format {
	case shadowedLine:
		return as(diag.TupleValue{diag.AtomValue("shadow"), args[0]})
	case shadowedFun:
		name := diag.AtomValue(args[0].(string))
		return as(diag.TupleValue{diag.AtomValue("shadow"), args[2], diag.TupleValue{name, args[1]}})
	case noEffect:
		op := diag.AtomValue(args[0].(string))
		return as(diag.TupleValue{diag.AtomValue("no_effect"), diag.TupleValue{diag.AtomValue("erlang"), op, 2}})
	}
	return nil
}
