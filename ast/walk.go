package ast

// Walk calls visit for n and, if it returns true, for everything below n, in
// the order of the abstract format (which is source order but for operators:
// a node comes before its operands). Nil nodes are not visited.
func Walk(n Node, visit func(Node) bool) {
	if !visit(n) {
		return
	}
	Children(n, func(c Node) { Walk(c, visit) })
}

// Children calls visit for each direct part of n.
func Children(n Node, visit func(Node)) {
	switch n := n.(type) {
	case *Atom, *Integer, *Char, *Float, *String, *Var, *Nil, *FunRef,
		*Module, *Export, *ExportType, *Import, *ImportRecord, *FileAttr, *Bad, *EOF:
		// leaves
	case *List:
		all(n.Elems, visit)
		visit(n.Tail)
	case *Tuple:
		all(n.Elems, visit)
	case *Map:
		opt(n.Base, visit)
		all(n.Fields, visit)
	case *MapField:
		visit(n.Key)
		visit(n.Value)
	case *Bits:
		all(n.Elems, visit)
	case *BitsElem:
		visit(n.Value)
		opt(n.Size, visit)
	case *Record:
		opt(n.Base, visit)
		all(n.Fields, visit)
	case *RecordField:
		visit(n.Name)
		visit(n.Value)
	case *RecordIndex:
		visit(n.Field)
	case *RecordAccess:
		visit(n.Base)
		visit(n.Field)
	case *Unary:
		visit(n.X)
	case *Binary:
		visit(n.L)
		visit(n.R)
	case *Match:
		visit(n.Pattern)
		visit(n.Value)
	case *Catch:
		visit(n.X)
	case *Remote:
		visit(n.Module)
		visit(n.Name)
	case *Call:
		visit(n.Fun)
		all(n.Args, visit)
	case *Fun:
		all(n.Clauses, visit)
	case *NamedFun:
		all(n.Clauses, visit)
	case *FunRemote:
		visit(n.Module)
		visit(n.Name)
		visit(n.Arity)
	case *Block:
		all(n.Body, visit)
	case *If:
		all(n.Clauses, visit)
	case *Case:
		visit(n.Arg)
		all(n.Clauses, visit)
	case *Receive:
		all(n.Clauses, visit)
		opt(n.After, visit)
		all(n.AfterBody, visit)
	case *Try:
		all(n.Body, visit)
		all(n.Of, visit)
		all(n.Catch, visit)
		all(n.After, visit)
	case *Maybe:
		all(n.Body, visit)
		all(n.Else, visit)
	case *MaybeMatch:
		visit(n.Pattern)
		visit(n.Value)
	case *Clause:
		all(n.Patterns, visit)
		for _, g := range n.Guard {
			all(g, visit)
		}
		all(n.Body, visit)
	case *ListComp:
		all(n.Exprs, visit)
		all(n.Quals, visit)
	case *BitsComp:
		visit(n.Value)
		all(n.Quals, visit)
	case *MapComp:
		all(n.Fields, visit)
		all(n.Quals, visit)
	case *Generator:
		opt(n.Pattern, visit)
		if n.MapPattern != nil {
			visit(n.MapPattern)
		}
		visit(n.Source)
	case *Zip:
		all(n.Gens, visit)
	case *Filter:
		visit(n.Cond)
	case *Function:
		all(n.Clauses, visit)
	case *RecordDecl:
		all(n.Fields, visit)
	case *FieldDecl:
		opt(n.Default, visit)
		opt(n.Type, visit)
	case *TypeDecl:
		all(n.Params, visit)
		visit(n.Def)
	case *Spec:
		all(n.Sigs, visit)
	case *Attribute:
		visit(n.Value)
	default:
		typeChildren(n, visit)
	}
}

func typeChildren(n Node, visit func(Node)) {
	switch n := n.(type) {
	case *NamedType:
		all(n.Args, visit)
	case *RemoteType:
		visit(n.Module)
		visit(n.Name)
		all(n.Args, visit)
	case *AnnType:
		visit(n.Var)
		visit(n.Type)
	case *UnionType:
		all(n.Types, visit)
	case *RangeType:
		visit(n.Lo)
		visit(n.Hi)
	case *UnaryType:
		visit(n.X)
	case *BinaryType:
		visit(n.L)
		visit(n.R)
	case *TupleType:
		all(n.Elems, visit)
	case *MapType:
		all(n.Fields, visit)
	case *MapFieldType:
		visit(n.Key)
		visit(n.Value)
	case *RecordType:
		if n.Module != nil {
			visit(n.Module)
		}
		visit(n.Name)
		all(n.Fields, visit)
	case *FieldType:
		visit(n.Name)
		visit(n.Type)
	case *BitsType:
		opt(n.Base, visit)
		opt(n.Unit, visit)
	case *FunType:
		all(n.Args, visit)
		opt(n.Result, visit)
	case *BoundedFun:
		visit(n.Fun)
		all(n.Constraints, visit)
	case *Constraint:
		visit(n.Var)
		visit(n.Type)
	default:
		panic("ast: unknown node")
	}
}

func all[N Node](nodes []N, visit func(Node)) {
	for _, n := range nodes {
		visit(n)
	}
}

func opt[N interface {
	comparable
	Node
}](n N, visit func(Node)) {
	var none N
	if n != none {
		visit(n)
	}
}
