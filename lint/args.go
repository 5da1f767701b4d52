package lint

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// argument is the variable part of a message: its text stands in the message,
// its value in the descriptor that Erlang programs see.
type argument interface {
	String() string
	value() any
}

// atomArg is an atom that messages quote where it needs quotes.
type atomArg string

func (a atomArg) String() string { return atomText(string(a)) }
func (a atomArg) value() any     { return diag.AtomValue(a) }

// varArg is a variable.
type varArg string

func (a varArg) String() string { return varText(string(a)) }
func (a varArg) value() any     { return diag.AtomValue(a) }

// nameArg is an atom that messages never quote.
type nameArg string

func (a nameArg) String() string { return string(a) }
func (a nameArg) value() any     { return diag.AtomValue(a) }

// typeArg is the name of a type.
type typeArg FunKey

func (a typeArg) String() string { return typeText(FunKey(a)) }
func (a typeArg) value() any     { return FunKey(a).value() }

// termArg is a constant.
type termArg struct{ e ast.Expr }

func (a termArg) String() string { return termText(a.e) }
func (a termArg) value() any     { return a.e }

// pair is a text with a value of another shape; a pair whose text is not
// wanted in the message is hidden.
type pair struct {
	text   string
	v      any
	hidden bool
}

func (a pair) String() string { return a.text }
func (a pair) value() any     { return a.v }

func hidden(v any) pair { return pair{v: v, hidden: true} }

func (k FunKey) value() any { return diag.TupleValue{diag.AtomValue(k.Name), k.Arity} }

// mfa is a function of a module: the value of a message that has its own text for it.
func mfa(text, module string, k FunKey) pair {
	return pair{text: text, v: mfaValue(module, k)}
}

func mfaValue(module string, k FunKey) diag.TupleValue {
	return diag.TupleValue{diag.AtomValue(module), diag.AtomValue(k.Name), k.Arity}
}

// recordRef is the name of a record, which a module may stand before.
func recordRef(r ast.RecordRef) pair {
	if r.Kind == ast.RecordRemote {
		return pair{text: refText(r), v: diag.TupleValue{diag.AtomValue(r.Module), diag.AtomValue(r.Name)}}
	}
	return pair{text: refText(r), v: diag.AtomValue(r.Name)}
}

// adviceArg is what to do instead of something obsolete.
func adviceArg(a string) pair {
	switch a {
	case "undefined", "next_version", "next_major_release", "eventually", "possibly":
		return pair{text: advice(a), v: diag.AtomValue(a)}
	}
	return pair{text: advice(a), v: a}
}

// shapes gives the descriptors that are not {code, argument...} in the order of
// the message: @ is the code, a digit an argument, parentheses make a tuple. An
// argument that a message has no use for is left out at the end.
var shapes = map[string]string{
	"redefine_import":               "@(01)",
	"future_feature":                "@10",
	"unused_import":                 "@(10)",
	"duplicate_doc_attribute":       "0@1",
	"call_to_redefined_bif":         "@0",
	"redefine_bif_import":           "@0",
	"obsolete_bool_op":              "@01",
	"obsolete_guard":                "@0",
	"obsolete_guard_overridden":     "@0",
	"too_many_arguments":            "@0",
	"redefine_field":                "@10",
	"redefine_imported_record":      "@(10)",
	"novalue":                       "@10",
	"illegal_native_record_default": "@10",
	"undefined_field":               "@102",
	"field_name_is_variable":        "@10",
	"unsafe_var":                    "@0(12)",
	"exported_var":                  "@0(12)",
	"export_var_subexpr":            "@0(12)",
	"bittype_mismatch":              "@120",
	"conflicting_behaviours":        "@0132",
	"deprecated":                    "@021",
	"unsafe":                        "@021",
	"removed":                       "@021",
}

// otpNames are the descriptors' names that are not those of the codes.
var otpNames = map[string]string{"redefined_builtin_type": "redefine_builtin_type"}

// descriptor makes the value that stands for a message.
func descriptor(code, format string, args []any) any {
	name := code
	if other, ok := otpNames[code]; ok {
		name = other
	}
	if code == "format_error" {
		texts := diag.ListValue{}
		directive := "~s"
		if strings.Contains(format, "(%s)") {
			directive = "~ts"
		}
		for _, a := range args {
			texts = append(texts, fmt.Sprint(a))
		}
		return diag.TupleValue{diag.AtomValue(code), diag.TupleValue{strings.ReplaceAll(format, "%s", directive), texts}}
	}
	shape, ok := shapes[code]
	if !ok {
		shape = "@"
		for i := range args {
			shape += strconv.Itoa(i)
		}
	}
	if code == "obsolete_bool_op" {
		name = "obsolete_bool_op"
	}
	out := diag.TupleValue{}
	var inner diag.TupleValue
	nested := false
	add := func(v any) {
		if nested {
			inner = append(inner, v)
		} else {
			out = append(out, v)
		}
	}
	for _, c := range shape {
		switch {
		case c == '@':
			add(diag.AtomValue(name))
		case c == '(':
			nested, inner = true, nil
		case c == ')':
			nested = false
			add(inner)
		case int(c-'0') < len(args):
			add(valueOf(args[c-'0']))
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func valueOf(a any) any {
	if a, ok := a.(argument); ok {
		return a.value()
	}
	return a
}

// say makes a message; hidden arguments are only for the descriptor.
func say(format string, args []any) string {
	shown := make([]any, 0, len(args))
	for _, a := range args {
		if p, ok := a.(pair); !ok || !p.hidden {
			shown = append(shown, a)
		}
	}
	return fmt.Sprintf(format, shown...)
}
