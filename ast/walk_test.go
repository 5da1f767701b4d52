package ast

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/diag"
)

// nodes has one zero value of every node type; TestNodesComplete holds it to
// that.
var nodes = []Node{
	&Atom{}, &Integer{}, &Char{}, &Float{}, &String{}, &Var{}, &Nil{}, &List{}, &Tuple{}, &Map{}, &MapField{},
	&Bits{}, &BitsElem{}, &Record{}, &RecordField{}, &RecordIndex{}, &RecordAccess{}, &Unary{}, &Binary{},
	&Match{}, &Catch{}, &Remote{}, &Call{}, &Fun{}, &NamedFun{}, &FunRef{}, &FunRemote{}, &Block{}, &If{},
	&Case{}, &Receive{}, &Try{}, &Maybe{}, &MaybeMatch{}, &Clause{}, &ListComp{}, &BitsComp{}, &MapComp{},
	&Generator{}, &Zip{}, &Filter{}, &Function{}, &Module{}, &Export{}, &ExportType{}, &Import{},
	&ImportRecord{}, &RecordDecl{}, &FieldDecl{}, &FileAttr{}, &TypeDecl{}, &Spec{}, &Attribute{}, &Bad{},
	&EOF{}, &NamedType{}, &RemoteType{}, &AnnType{}, &UnionType{}, &RangeType{}, &UnaryType{}, &BinaryType{},
	&TupleType{}, &MapType{}, &MapFieldType{}, &RecordType{}, &FieldType{}, &BitsType{}, &FunType{},
	&BoundedFun{}, &Constraint{},
}

// Every type with a Pos method in this package is in the list above.
func TestNodesComplete(t *testing.T) {
	have := map[string]bool{}
	for _, n := range nodes {
		have[reflect.TypeOf(n).Elem().Name()] = true
	}
	file, err := parser.ParseFile(token.NewFileSet(), "node.go", nil, 0)
	require.NoError(t, err)
	count := 0
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "Pos" {
			name := f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
			require.True(t, have[name], "%s is missing in the list of nodes", name)
			count++
		}
	}
	require.Len(t, nodes, count)
}

// Children visits every child of every node exactly once, in field order.
func TestChildrenComplete(t *testing.T) {
	for _, n := range nodes {
		v := reflect.New(reflect.TypeOf(n).Elem())
		next := diag.Pos(1)
		var want []diag.Pos
		for i := range v.Elem().NumField() {
			fill(v.Elem().Field(i), &next, &want)
		}
		var got []diag.Pos
		if f, ok := v.Interface().(*Filter); ok {
			require.Equal(t, want[0], f.Pos())
		}
		Children(v.Interface().(Node), func(c Node) { got = append(got, c.Pos()) })
		require.Equal(t, want, got, "children of %T", n)
	}
}

var nodeType = reflect.TypeFor[Node]()

// fill puts fresh leaves with increasing positions into a field.
func fill(f reflect.Value, next *diag.Pos, want *[]diag.Pos) {
	t := f.Type()
	switch {
	case t.Kind() == reflect.Slice:
		f.Set(reflect.MakeSlice(t, 2, 2))
		for i := range 2 {
			fill(f.Index(i), next, want)
		}
	case t.Implements(nodeType) && t != reflect.TypeFor[*diag.Diagnostic]():
		leaf := reflect.ValueOf(leafFor(t))
		leaf.Elem().FieldByName("At").SetInt(int64(*next))
		f.Set(leaf)
		*want = append(*want, *next)
		*next++
	}
}

func leafFor(t reflect.Type) Node {
	if t.Kind() == reflect.Pointer {
		return reflect.New(t.Elem()).Interface().(Node)
	}
	for _, n := range []Node{&Atom{}, &Generator{}, &EOF{}} {
		if reflect.TypeOf(n).Implements(t) {
			return reflect.New(reflect.TypeOf(n).Elem()).Interface().(Node)
		}
	}
	panic("no leaf for " + t.String())
}

// Operator spellings are unique and looked up correctly.
func TestOperators(t *testing.T) {
	for o := OpNone + 1; o < opCount; o++ {
		require.NotEmpty(t, o.String())
		require.Equal(t, o, LookupOp(o.String()))
		require.True(t, o.Info().Prec > 0 || o.Info().Prefix)
	}
	require.Equal(t, OpNone, LookupOp("="))
	require.False(t, strings.Contains(OpSend.String(), " "))
}

// The text of an operator expression begins with its left operand.
func TestFirstPos(t *testing.T) {
	before := func(a, b diag.Pos) bool { return a < b }
	x := &Binary{At: 5, Op: OpAdd, L: &Map{At: 3, Base: &Var{At: 2, Name: "M"}}, R: &Atom{At: 7}}
	require.Equal(t, diag.Pos(2), FirstPos(x, before))
	require.Equal(t, diag.Pos(7), LastPos(x, before))
	// A macro argument that is swapped in does not count as the beginning.
	y := &Binary{At: 1, Op: OpAdd, L: &Var{At: 8}, R: &Var{At: 4}}
	require.Equal(t, diag.Pos(1), FirstPos(y, before))
}
