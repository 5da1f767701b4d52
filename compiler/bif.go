package compiler

import "github.com/gerl-lang/gerl/bifs/spec"

// How a function of module erlang can be called by an instruction of its own.
type bifSort uint8

const (
	bifNone  bifSort = iota
	bifPlain         // bif: never collects
	bifGc            // gc_bif: may collect
)

// bifKind says whether erlang:name/arity is a function that OTP 25 and 29 both
// let the instructions bif and gc_bif call.
func bifKind(name string, arity int) bifSort {
	switch arity {
	case 0:
		switch name {
		case "self", "node":
			return bifPlain
		}
	case 1:
		switch name {
		case "hd", "tl", "tuple_size", "node", "not",
			"is_atom", "is_binary", "is_bitstring", "is_boolean", "is_float",
			"is_function", "is_integer", "is_list", "is_map", "is_number",
			"is_pid", "is_port", "is_reference", "is_tuple":
			return bifPlain
		case "abs", "bit_size", "byte_size", "ceil", "float", "floor", "length",
			"map_size", "round", "size", "trunc", "+", "-", "bnot":
			return bifGc
		}
	case 2:
		switch name {
		case "element", "is_function", "is_map_key", "map_get",
			"==", "/=", "=<", "<", ">=", ">", "=:=", "=/=", "and", "or", "xor":
			return bifPlain
		case "binary_part", "+", "-", "*", "/", "div", "rem",
			"band", "bor", "bxor", "bsl", "bsr":
			return bifGc
		}
	case 3:
		if name == "binary_part" {
			return bifGc
		}
	}
	return bifNone
}

func isAutoImported(name string, arity int) bool { return spec.IsAutoImported(name, arity) }

// bifCannotFail says which BIFs succeed whatever their arguments are.
func bifCannotFail(name string, arity int) bool {
	switch name {
	case "self", "node":
		return arity == 0
	case "==", "/=", "=<", "<", ">=", ">", "=:=", "=/=":
		return arity == 2
	case "is_function":
		return arity == 1
	}
	return arity == 1 && typeTest(name) != ""
}

// typeTest gives the test instruction for a type test BIF of one argument.
func typeTest(name string) string {
	switch name {
	case "is_atom", "is_binary", "is_boolean", "is_float", "is_function",
		"is_integer", "is_list", "is_map", "is_number", "is_pid", "is_port",
		"is_reference", "is_tuple":
		return name
	case "is_bitstring":
		return "is_bitstr"
	case "is_record":
		return "is_any_native_record" // is_record/1
	}
	return ""
}

// comparison gives the test instruction for a comparison operator, and
// whether the operands change places.
func comparison(op string) (test string, swap bool) {
	switch op {
	case "<":
		return "is_lt", false
	case ">":
		return "is_lt", true
	case ">=":
		return "is_ge", false
	case "=<":
		return "is_ge", true
	case "==":
		return "is_eq", false
	case "/=":
		return "is_ne", false
	case "=:=":
		return "is_eq_exact", false
	case "=/=":
		return "is_ne_exact", false
	}
	return "", false
}

// oldTypeTest maps the type tests of old Erlang to today's.
func oldTypeTest(name string, arity int) string {
	if spec.IsOldTypeTest(name, arity) {
		return "is_" + name
	}
	return ""
}
