package ast

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gerl-lang/gerl/diag"
)

// Format writes a form, expression or type as source text: one that parses to
// the same tree again, positions aside. Parentheses appear only where they
// are needed; clauses and long lists of expressions get lines of their own.
func Format(n Node) string { return FormatAt(n, 0) }

// FormatAt is Format for a text that begins at a column of its first line.
func FormatAt(n Node, column int) string {
	p := &printer{indent: column, start: column}
	switch n := n.(type) {
	case Form:
		p.form(n)
	case Expr:
		p.expr(n, 0)
	case Type:
		p.typ(n, 0)
	case *Clause:
		p.clause("", n)
	case Qualifier:
		p.qualifier(n)
	default:
		panic(fmt.Sprintf("ast: cannot print a %T by itself", n))
	}
	return p.b.String()
}

// printer writes source text. indent is the column at which lines begin.
type printer struct {
	b      strings.Builder
	indent int
	start  int // the column at which the text as a whole begins
}

const indentWidth = 4

func (p *printer) put(parts ...string) {
	for _, s := range parts {
		p.b.WriteString(s)
	}
}

func (p *printer) newline() {
	p.put("\n", strings.Repeat(" ", p.indent))
}

// column is where the next text will stand, counted in characters from 0.
func (p *printer) column() int {
	text := p.b.String()
	line := strings.LastIndexByte(text, '\n') + 1
	n := utf8.RuneCountInString(text[line:])
	if line == 0 {
		n += p.start
	}
	return n
}

// at calls f with lines beginning at a column.
func (p *printer) at(column int, f func()) {
	old := p.indent
	p.indent = column
	f()
	p.indent = old
}

// indented calls f with one more level of indentation.
func (p *printer) indented(f func()) { p.at(p.indent+indentWidth, f) }

func commaList[N any](p *printer, list []N, write func(N)) {
	for i, n := range list {
		if i > 0 {
			p.put(", ")
		}
		write(n)
	}
}

func (p *printer) exprs(list []Expr) { commaList(p, list, func(e Expr) { p.expr(e, 0) }) }

// lines writes expressions each on a line of its own.
func (p *printer) lines(list []Expr) {
	for i, e := range list {
		if i > 0 {
			p.put(",")
		}
		p.newline()
		p.expr(e, 0)
	}
}

// Precedences of contexts: an expression that binds less tightly is put into
// parentheses.
const (
	precMax = 1000 // only what stands for itself
	precPat = 0
)

// exprPrec is how tightly an expression's outermost operator binds.
func exprPrec(e Expr) int {
	switch e := e.(type) {
	case *Catch:
		return PrecCatch
	case *Match, *MaybeMatch:
		return PrecMatch
	case *Binary:
		return e.Op.Info().Prec
	case *Unary:
		return PrecPrefix
	case *Integer:
		if e.Big != nil && e.Big.Sign() < 0 || e.Value < 0 {
			return PrecPrefix
		}
	case *Float:
		if e.Value < 0 {
			return PrecPrefix
		}
	case *Map, *Record, *RecordIndex, *RecordAccess:
		return PrecHash
	case *Call:
		return PrecCall
	case *Remote:
		return PrecRemote
	}
	return precMax
}

// expr writes an expression in a context that demands the precedence min.
func (p *printer) expr(e Expr, min int) {
	if exprPrec(e) < min {
		p.put("(")
		p.bare(e)
		p.put(")")
		return
	}
	p.bare(e)
}

func (p *printer) bare(e Expr) {
	switch e := e.(type) {
	case *Atom:
		p.put(diag.WriteAtom(e.Name))
	case *Integer:
		if e.Big != nil {
			p.put(e.Big.String())
		} else {
			p.put(strconv.FormatInt(e.Value, 10))
		}
	case *Char:
		p.put(diag.WriteChar(e.Value))
	case *Float:
		p.put(diag.WriteFloat(e.Value))
	case *String:
		p.put(diag.QuoteString(e.Value, '"'))
	case *Var:
		p.put(e.Name)
	case *Nil:
		p.put("[]")
	case *List:
		p.put("[")
		p.exprs(e.Elems)
		if _, proper := e.Tail.(*Nil); !proper {
			p.put(" | ")
			p.expr(e.Tail, 0)
		}
		p.put("]")
	case *Tuple:
		p.put("{")
		p.exprs(e.Elems)
		p.put("}")
	case *Bits:
		p.put("<<")
		for i, s := range e.Elems {
			if i > 0 {
				p.put(",")
			}
			p.bitsElem(s)
		}
		p.put(">>")
	case *Unary:
		p.put(e.Op.String())
		if e.Op == OpBnot || e.Op == OpNot {
			p.put(" ")
		}
		p.expr(e.X, PrecPrefix+1)
	case *Binary:
		p.binary(e)
	case *Match:
		p.expr(e.Pattern, PrecMatch+1)
		p.put(" = ")
		p.expr(e.Value, PrecMatch)
	case *MaybeMatch:
		p.expr(e.Pattern, 0)
		p.put(" ?= ")
		p.expr(e.Value, 0)
	case *Catch:
		p.put("catch ")
		p.expr(e.X, PrecCatch)
	case *Remote:
		p.expr(e.Module, PrecRemote+1)
		p.put(":")
		p.expr(e.Name, PrecRemote+1)
	case *Call:
		p.expr(e.Fun, PrecCall+1)
		p.put("(")
		p.exprs(e.Args)
		p.put(")")
	default:
		p.compound(e)
	}
}

func (p *printer) binary(e *Binary) {
	info := e.Op.Info()
	left, right := info.Prec, info.Prec+1
	switch info.Assoc {
	case RightAssoc:
		left, right = info.Prec+1, info.Prec
	case NonAssoc:
		left = info.Prec + 1
	}
	p.expr(e.L, left)
	p.put(" ", info.Text, " ")
	p.expr(e.R, right)
}

// compound writes maps, records, funs, comprehensions and control structures.
func (p *printer) compound(e Expr) {
	switch e := e.(type) {
	case *Map:
		p.base(e.Base, false)
		p.put("#{")
		commaList(p, e.Fields, p.mapField)
		p.put("}")
	case *Record:
		p.base(e.Base, true)
		p.ref(e.Ref)
		p.put("{")
		commaList(p, e.Fields, func(f *RecordField) {
			p.expr(f.Name, 0)
			p.put(" = ")
			p.expr(f.Value, 0)
		})
		p.put("}")
	case *RecordIndex:
		p.ref(e.Ref)
		p.put(".", diag.WriteAtom(e.Field.Name))
	case *RecordAccess:
		p.base(e.Base, true)
		p.ref(e.Ref)
		p.put(".", diag.WriteAtom(e.Field.Name))
	case *FunRef:
		p.put("fun ", diag.WriteAtom(e.Name), "/", strconv.FormatInt(e.Arity, 10))
	case *FunRemote:
		p.put("fun ")
		p.bare(e.Module)
		p.put(":")
		p.bare(e.Name)
		p.put("/")
		p.bare(e.Arity)
	case *Fun:
		p.fun("fun", "", e.Clauses)
	case *NamedFun:
		p.fun("fun ", e.Name, e.Clauses)
	case *ListComp:
		p.put("[")
		p.exprs(e.Exprs)
		p.quals(e.Quals)
		p.put("]")
	case *BitsComp:
		p.put("<< ")
		p.expr(e.Value, precMax)
		p.quals(e.Quals)
		p.put(" >>")
	case *MapComp:
		p.put("#{")
		commaList(p, e.Fields, p.mapField)
		p.quals(e.Quals)
		p.put("}")
	default:
		p.at(p.column(), func() { p.control(e) })
	}
}

// fun writes the clauses of a fun below each other, and its end below the
// beginning.
func (p *printer) fun(keyword, name string, clauses []*Clause) {
	start := p.column()
	p.put(keyword)
	p.at(p.column(), func() { p.clauses(name, clauses) })
	p.at(start, p.end)
}

// base writes what a map or record operation works on. Only operations of the
// same kind may stand there without parentheses.
func (p *printer) base(e Expr, record bool) {
	if e == nil {
		return
	}
	same := exprPrec(e) == precMax
	switch e.(type) {
	case *Map:
		same = !record
	case *Record, *RecordAccess:
		// A remote or anonymous name is not possible behind one of these.
		same = false
	}
	if same {
		p.bare(e)
		return
	}
	p.put("(")
	p.bare(e)
	p.put(")")
}

func (p *printer) ref(r RecordRef) {
	switch r.Kind {
	case RecordAnon:
		p.put("#_")
	case RecordRemote:
		p.put("#", diag.WriteAtom(r.Module), ":", diag.WriteAtom(r.Name))
	default:
		p.put("#", diag.WriteAtom(r.Name))
	}
}

func (p *printer) mapField(f *MapField) {
	p.expr(f.Key, 0)
	if f.Exact {
		p.put(" := ")
	} else {
		p.put(" => ")
	}
	p.expr(f.Value, 0)
}

func (p *printer) bitsElem(e *BitsElem) {
	if u, ok := e.Value.(*Unary); ok && exprPrec(u.X) == precMax {
		p.bare(u)
	} else {
		p.expr(e.Value, precMax)
	}
	if e.Size != nil {
		p.put(":")
		p.expr(e.Size, precMax)
	}
	for i, s := range e.Specs {
		if i == 0 {
			p.put("/")
		} else {
			p.put("-")
		}
		p.put(diag.WriteAtom(s.Name))
		if s.HasArg {
			p.put(":", strconv.FormatInt(s.Arg, 10))
		}
	}
}

func (p *printer) quals(quals []Qualifier) {
	p.put(" || ")
	commaList(p, quals, p.qualifier)
}

func (p *printer) qualifier(q Qualifier) {
	switch q := q.(type) {
	case *Filter:
		p.expr(q.Cond, 0)
	case *Zip:
		for i, g := range q.Gens {
			if i > 0 {
				p.put(" && ")
			}
			p.qualifier(g)
		}
	case *Generator:
		arrow := " <- "
		switch {
		case q.Kind == BinaryGen && q.Strict:
			arrow = " <:= "
		case q.Kind == BinaryGen:
			arrow = " <= "
		case q.Strict:
			arrow = " <:- "
		}
		if q.MapPattern != nil {
			p.mapField(q.MapPattern)
		} else {
			p.expr(q.Pattern, 0)
		}
		p.put(arrow)
		p.expr(q.Source, 0)
	}
}

// control writes the structures that have clauses or bodies.
func (p *printer) control(e Expr) {
	switch e := e.(type) {
	case *Block:
		p.block("begin", e.Body)
	case *If:
		p.put("if")
		p.clauseLines(e.Clauses)
		p.end()
	case *Case:
		p.put("case ")
		p.expr(e.Arg, 0)
		p.put(" of")
		p.clauseLines(e.Clauses)
		p.end()
	case *Receive:
		p.put("receive")
		p.clauseLines(e.Clauses)
		if e.After != nil {
			p.newline()
			p.put("after")
			p.indented(func() {
				p.newline()
				p.expr(e.After, 0)
				p.put(" ->")
				p.indented(func() { p.lines(e.AfterBody) })
			})
		}
		p.end()
	case *Try:
		p.try(e)
	case *Maybe:
		p.put("maybe")
		p.indented(func() { p.lines(e.Body) })
		if e.Else != nil {
			p.newline()
			p.put("else")
			p.clauseLines(e.Else)
		}
		p.end()
	default:
		panic(fmt.Sprintf("ast: cannot print a %T", e))
	}
}

// block writes a body up to an end, on one line if it is one short expression.
func (p *printer) block(keyword string, body []Expr) {
	p.put(keyword)
	if len(body) == 1 {
		one := printer{indent: p.column() + 1}
		one.expr(body[0], 0)
		if text := one.b.String(); !strings.Contains(text, "\n") && len(text) < 60 {
			p.put(" ", text, " end")
			return
		}
	}
	p.indented(func() { p.lines(body) })
	p.end()
}

func (p *printer) try(e *Try) {
	p.put("try")
	p.indented(func() { p.lines(e.Body) })
	if e.Of != nil {
		p.newline()
		p.put("of")
		p.clauseLines(e.Of)
	}
	if e.Catch != nil {
		p.newline()
		p.put("catch")
		p.indented(func() {
			for i, c := range e.Catch {
				if i > 0 {
					p.put(";")
				}
				p.newline()
				p.catchHead(c)
				p.guardAndBody(c)
			}
		})
	}
	if e.After != nil {
		p.newline()
		p.put("after")
		p.indented(func() { p.lines(e.After) })
	}
	p.end()
}

// catchHead writes Class:Reason:Stacktrace without a stacktrace that is _.
func (p *printer) catchHead(c *Clause) {
	t, ok := c.Patterns[0].(*Tuple)
	if !ok || len(t.Elems) != 3 {
		p.exprs(c.Patterns)
		return
	}
	stack, _ := t.Elems[2].(*Var)
	p.bare(t.Elems[0])
	p.put(":")
	p.expr(t.Elems[1], precPat)
	if stack != nil && stack.Name != "_" {
		p.put(":", stack.Name)
	}
}

func (p *printer) end() {
	p.newline()
	p.put("end")
}

// clauseLines writes clauses of patterns, each from a line of its own on.
func (p *printer) clauseLines(clauses []*Clause) {
	p.indented(func() {
		for i, c := range clauses {
			if i > 0 {
				p.put(";")
			}
			p.newline()
			p.exprs(c.Patterns)
			if len(c.Patterns) == 0 {
				p.guard(c.Guard)
				p.arrow(c)
				continue
			}
			p.guardAndBody(c)
		}
	})
}

// clauses writes clauses with arguments: those of functions and funs.
func (p *printer) clauses(name string, clauses []*Clause) {
	for i, c := range clauses {
		if i > 0 {
			p.put(";")
			p.newline()
		}
		p.clause(name, c)
	}
}

func (p *printer) clause(name string, c *Clause) {
	p.put(name, "(")
	p.exprs(c.Patterns)
	p.put(")")
	p.guardAndBody(c)
}

func (p *printer) guardAndBody(c *Clause) {
	if c.Guard != nil {
		p.put(" when ")
		p.guard(c.Guard)
	}
	p.arrow(c)
}

func (p *printer) arrow(c *Clause) {
	p.put(" ->")
	p.indented(func() { p.lines(c.Body) })
}

func (p *printer) guard(guard [][]Expr) {
	for i, g := range guard {
		if i > 0 {
			p.put("; ")
		}
		p.exprs(g)
	}
}
