package ast

import "github.com/gerl-lang/gerl/diag"

// Positions of expressions.

// Pos implements Node.
func (n *Atom) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Integer) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Char) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Float) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *String) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Var) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Nil) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *List) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Tuple) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Map) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Bits) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Record) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *RecordIndex) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *RecordAccess) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Unary) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Binary) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Match) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Catch) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Remote) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Call) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Fun) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *NamedFun) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *FunRef) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *FunRemote) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Block) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *If) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Case) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Receive) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Try) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Maybe) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *MaybeMatch) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *ListComp) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *BitsComp) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *MapComp) Pos() diag.Pos { return n.At }

// Positions of parts of nodes.

// Pos implements Node.
func (n *MapField) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *BitsElem) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *RecordField) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Clause) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Generator) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Zip) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *FieldDecl) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *MapFieldType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *FieldType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Constraint) Pos() diag.Pos { return n.At }

// Positions of forms.

// Pos implements Node.
func (n *Function) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Module) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Export) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *ExportType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Import) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *ImportRecord) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *RecordDecl) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *FileAttr) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *TypeDecl) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Spec) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *Attribute) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *EOF) Pos() diag.Pos { return n.At }

// Positions of types.

// Pos implements Node.
func (n *NamedType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *RemoteType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *AnnType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *UnionType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *RangeType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *UnaryType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *BinaryType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *TupleType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *MapType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *RecordType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *BitsType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *FunType) Pos() diag.Pos { return n.At }

// Pos implements Node.
func (n *BoundedFun) Pos() diag.Pos { return n.At }

// Pos implements Node: the place of the diagnostic.
func (n *Bad) Pos() diag.Pos { return n.Diag.Pos() }

// Pos implements Node: the place of the condition.
func (n *Filter) Pos() diag.Pos { return n.Cond.Pos() }

func (*Atom) expr()         {}
func (*Integer) expr()      {}
func (*Char) expr()         {}
func (*Float) expr()        {}
func (*String) expr()       {}
func (*Var) expr()          {}
func (*Nil) expr()          {}
func (*List) expr()         {}
func (*Tuple) expr()        {}
func (*Map) expr()          {}
func (*Bits) expr()         {}
func (*Record) expr()       {}
func (*RecordIndex) expr()  {}
func (*RecordAccess) expr() {}
func (*Unary) expr()        {}
func (*Binary) expr()       {}
func (*Match) expr()        {}
func (*Catch) expr()        {}
func (*Remote) expr()       {}
func (*Call) expr()         {}
func (*Fun) expr()          {}
func (*NamedFun) expr()     {}
func (*FunRef) expr()       {}
func (*FunRemote) expr()    {}
func (*Block) expr()        {}
func (*If) expr()           {}
func (*Case) expr()         {}
func (*Receive) expr()      {}
func (*Try) expr()          {}
func (*Maybe) expr()        {}
func (*MaybeMatch) expr()   {}
func (*ListComp) expr()     {}
func (*BitsComp) expr()     {}
func (*MapComp) expr()      {}

func (*NamedType) typ()  {}
func (*RemoteType) typ() {}
func (*AnnType) typ()    {}
func (*UnionType) typ()  {}
func (*RangeType) typ()  {}
func (*UnaryType) typ()  {}
func (*BinaryType) typ() {}
func (*TupleType) typ()  {}
func (*MapType) typ()    {}
func (*RecordType) typ() {}
func (*BitsType) typ()   {}
func (*FunType) typ()    {}
func (*BoundedFun) typ() {}
func (*Atom) typ()       {}
func (*Integer) typ()    {}
func (*Char) typ()       {}
func (*Var) typ()        {}

func (*Function) form()     {}
func (*Module) form()       {}
func (*Export) form()       {}
func (*ExportType) form()   {}
func (*Import) form()       {}
func (*ImportRecord) form() {}
func (*RecordDecl) form()   {}
func (*FileAttr) form()     {}
func (*TypeDecl) form()     {}
func (*Spec) form()         {}
func (*Attribute) form()    {}
func (*EOF) form()          {}
func (*Bad) form()          {}

func (*Generator) qualifier() {}
func (*Zip) qualifier()       {}
func (*Filter) qualifier()    {}
