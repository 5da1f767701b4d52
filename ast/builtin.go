package ast

// builtinTypes maps the names of OTP 29's built-in types to a bit set of the
// arities they exist with (bit n: arity n).
var builtinTypes = map[string]uint8{
	"any": 1, "arity": 1, "atom": 1, "binary": 1, "bitstring": 1, "bool": 1, "boolean": 1,
	"byte": 1, "char": 1, "dynamic": 1, "float": 1, "function": 1, "identifier": 1, "integer": 1,
	"iodata": 1, "iolist": 1, "list": 3, "map": 1, "maybe_improper_list": 5, "mfa": 1,
	"module": 1, "neg_integer": 1, "nil": 1, "no_return": 1, "node": 1, "non_neg_integer": 1,
	"none": 1, "nonempty_binary": 1, "nonempty_bitstring": 1, "nonempty_improper_list": 4,
	"nonempty_list": 3, "nonempty_maybe_improper_list": 5, "nonempty_string": 1, "number": 1,
	"pid": 1, "port": 1, "pos_integer": 1, "record": 1, "reference": 1, "string": 1, "term": 1,
	"timeout": 1, "tuple": 1,
}

// IsBuiltinType reports whether name/arity is a predefined type.
func IsBuiltinType(name string, arity int) bool {
	return arity < 8 && builtinTypes[name]&(1<<arity) != 0
}
