package parser

import "github.com/gerl-lang/gerl/ast"

// The functions that conditions of -if may call: those of guards.

// guardArity gives the numbers of arguments that a guard function takes, a bit
// for each.
var guardArity = map[string]uint{
	"abs": 1 << 1, "binary_part": 1<<2 | 1<<3, "bit_size": 1 << 1, "byte_size": 1 << 1, "ceil": 1 << 1, "element": 1 << 2,
	"float": 1 << 1, "floor": 1 << 1, "hd": 1 << 1, "length": 1 << 1, "map_get": 1 << 2, "map_size": 1 << 1,
	"max": 1 << 2, "min": 1 << 2, "node": 1<<0 | 1<<1, "round": 1 << 1, "self": 1 << 0, "size": 1 << 1, "tl": 1 << 1,
	"trunc": 1 << 1, "tuple_size": 1 << 1,
	"is_atom": 1 << 1, "is_binary": 1 << 1, "is_bitstring": 1 << 1, "is_boolean": 1 << 1, "is_float": 1 << 1,
	"is_function": 1<<1 | 1<<2, "is_integer": 1<<1 | 1<<3, "is_list": 1 << 1, "is_map": 1 << 1, "is_map_key": 1 << 2,
	"is_number": 1 << 1, "is_pid": 1 << 1, "is_port": 1 << 1, "is_record": 1<<2 | 1<<3, "is_reference": 1 << 1,
	"is_tuple": 1 << 1,
}

// guardCall gives the name of the guard function that is called.
func guardCall(e *ast.Call) (string, bool) {
	fun := e.Fun
	if r, ok := fun.(*ast.Remote); ok {
		if !isAtom(r.Module, "erlang") {
			return "", false
		}
		fun = r.Name
	}
	name, ok := fun.(*ast.Atom)
	if !ok || guardArity[name.Name]&(1<<min(len(e.Args), 4)) == 0 {
		return "", false
	}
	return name.Name, true
}

// call evaluates a call of a guard function; nil is failure, also of those that
// need what conditions have no values for (bit strings, maps, processes).
func (c condition) call(name string, args []ast.Expr) ast.Expr {
	if test := typeTests[name]; test != nil && len(args) == 1 {
		return boolean(test(args[0]))
	}
	switch name {
	case "is_binary", "is_bitstring", "is_map", "is_pid", "is_port", "is_reference", "is_function":
		return boolean(false)
	case "max", "min":
		if order := compare(args[0], args[1], false); order < 0 == (name == "max") && order != 0 {
			return args[1]
		}
		return args[0]
	case "abs":
		if n := bigValue(args[0]); n != nil {
			return integerNode(n.Abs(n))
		}
	case "ceil", "floor", "round", "trunc":
		if n := bigValue(args[0]); n != nil {
			return args[0]
		}
	case "tuple_size", "size":
		if t, ok := args[0].(*ast.Tuple); ok {
			return &ast.Integer{Value: int64(len(t.Elems))}
		}
	case "element":
		n, _ := args[0].(*ast.Integer)
		t, _ := args[1].(*ast.Tuple)
		if n != nil && t != nil && n.Big == nil && n.Value >= 1 && n.Value <= int64(len(t.Elems)) {
			return t.Elems[n.Value-1]
		}
	case "length", "hd", "tl":
		return listCall(name, args[0])
	}
	return nil
}

func listCall(name string, arg ast.Expr) ast.Expr {
	list, ok := arg.(*ast.List)
	if !ok {
		if _, empty := arg.(*ast.Nil); empty && name == "length" {
			return &ast.Integer{}
		}
		return nil
	}
	switch name {
	case "hd":
		return list.Elems[0]
	case "tl":
		if len(list.Elems) == 1 {
			return list.Tail
		}
		return &ast.List{Elems: list.Elems[1:], Tail: list.Tail}
	}
	if _, proper := list.Tail.(*ast.Nil); proper {
		return &ast.Integer{Value: int64(len(list.Elems))}
	}
	return nil
}
