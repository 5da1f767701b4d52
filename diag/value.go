package diag

// The types below are the Erlang terms of error descriptors as the text side,
// which knows no terms, makes them: besides them, an int is an integer and a
// string a list of characters. Other values are left to those who know them
// (lint puts constant expressions of the syntax tree there).

// AtomValue is an atom.
type AtomValue string

// TupleValue is a tuple.
type TupleValue []any

// ListValue is a list.
type ListValue []any
