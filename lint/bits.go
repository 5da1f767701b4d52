package lint

import (
	"math/big"
	"strconv"

	"github.com/gerl-lang/gerl/ast"
	"github.com/gerl-lang/gerl/diag"
)

// A segSize is the size of a segment as far as it is known.
type segSize struct {
	kind sizeKind
	bits *big.Int // sized only; in units until checkSegment
}

type sizeKind uint8

const (
	sizeDefault sizeKind = iota
	sizeAll              // the rest
	sizeUnknown
	sizeNone // utf8 and its like have no size of their own
	sized
)

// segType is the type of a segment.
type segType struct {
	name string
	unit int64
}

// bits checks the segments of a construction; check is expr or gexpr.
func (c *checker) bits(elems []*ast.BitsElem, old vars, check func(ast.Expr, vars) vars) vars {
	var out vars
	for _, e := range elems {
		v := check(e.Value, old)
		size := segSize{}
		var w vars
		if e.Size != nil {
			size, w = c.constructionSize(e.Size, old, check)
		}
		size, t := c.segment(e, size)
		c.checkSegment(e.At, size, t)
		out = merge(out, merge(v, w))
	}
	return out
}

func (c *checker) constructionSize(e ast.Expr, old vars, check func(ast.Expr, vars) vars) (segSize, vars) {
	if a, ok := e.(*ast.Atom); ok && a.Name == "all" {
		return segSize{kind: sizeAll}, nil
	}
	if v, ok := constant(e); ok && v.isInt() && c.isGexpr(e) {
		return segSize{sized, v.i}, nil
	}
	return segSize{kind: sizeUnknown}, check(e, old)
}

// segmentTypes are the specifiers that name a type, and the unit they imply.
var segmentTypes = map[string]segType{
	"integer": {"integer", 0}, "float": {"float", 0}, "binary": {"binary", 0}, "bytes": {"binary", 8},
	"bitstring": {"binary", 1}, "bits": {"binary", 1}, "utf8": {"utf8", 0}, "utf16": {"utf16", 0}, "utf32": {"utf32", 0},
}

// segment puts the type specifiers of a segment together; it gives the defaults if they
// contradict each other.
func (c *checker) segment(e *ast.BitsElem, size segSize) (segSize, segType) {
	if s, t, ok := c.segmentSpec(e, size); ok {
		return s, t
	}
	return segSize{sized, big.NewInt(8)}, segType{"integer", 1}
}

func (c *checker) segmentSpec(e *ast.BitsElem, size segSize) (segSize, segType, bool) {
	var typ, sign, endian string
	var unit int64
	conflict := func(what, a, b string) (segSize, segType, bool) {
		c.errorf(e.At, "bittype_mismatch", "conflict in %s specification for bit field: '%s' and '%s'", what, nameOrUnit(b), nameOrUnit(a))
		return size, segType{}, false
	}
	undefined := func(what argument) (segSize, segType, bool) {
		c.errorf(e.At, "undefined_bittype", "bit type %s undefined", what)
		return size, segType{}, false
	}
	for _, s := range e.Specs {
		if s.Name == "unit" && s.HasArg {
			if s.Arg < 1 || s.Arg > 256 {
				return undefined(sizedName("unit", s.Arg))
			}
			if unit != 0 && unit != s.Arg {
				return conflict("unit", strconv.FormatInt(unit, 10), strconv.FormatInt(s.Arg, 10))
			}
			unit = s.Arg
			continue
		}
		t, isType := segmentTypes[s.Name]
		switch {
		case s.HasArg:
			return undefined(sizedName(s.Name, s.Arg))
		case isType:
			if typ != "" && typ != t.name {
				return conflict("type", typ, t.name)
			}
			typ = t.name
			if t.unit != 0 {
				if unit != 0 && unit != t.unit {
					return conflict("unit", strconv.FormatInt(unit, 10), strconv.FormatInt(t.unit, 10))
				}
				unit = t.unit
			}
		case s.Name == "signed" || s.Name == "unsigned":
			if sign != "" && sign != s.Name {
				return conflict("sign", sign, s.Name)
			}
			sign = s.Name
		case s.Name == "big" || s.Name == "little" || s.Name == "native":
			if endian != "" && endian != s.Name {
				return conflict("endianness", endian, s.Name)
			}
			endian = s.Name
		default:
			return undefined(atomArg(s.Name))
		}
	}
	return c.segmentDefaults(e.At, typ, unit, size)
}

// nameOrUnit is what segments disagree about: a name, or the number of a unit.
func nameOrUnit(text string) pair {
	if n, err := strconv.Atoi(text); err == nil {
		return pair{text: text, v: n}
	}
	return pair{text: text, v: diag.AtomValue(text)}
}

// sizedName is a specifier with a number.
func sizedName(name string, n int64) pair {
	return pair{text: "{" + atomText(name) + "," + strconv.FormatInt(n, 10) + "}", v: diag.TupleValue{diag.AtomValue(name), int(n)}}
}

// segmentDefaults fills in what a segment does not say.
func (c *checker) segmentDefaults(at diag.Pos, typ string, unit int64, size segSize) (segSize, segType, bool) {
	if typ == "" {
		typ = "integer"
	}
	switch typ {
	case "binary":
		if size.kind == sizeDefault {
			size.kind = sizeAll
		}
		if unit == 0 {
			unit = 8
		}
	case "integer", "float":
		if size.kind == sizeDefault {
			if unit != 0 {
				c.errorf(at, "bittype_unit", "a bit unit size must not be specified unless a size is specified too")
				return size, segType{}, false
			}
			size = segSize{sized, big.NewInt(8)}
			if typ == "float" {
				size.bits = big.NewInt(64)
			}
		}
		if unit == 0 {
			unit = 1
		}
	default:
		if size.kind != sizeDefault || unit != 0 {
			c.errorf(at, "utf_bittype_size_or_unit", "neither size nor unit must be given for segments of type utf8/utf16/utf32")
			return size, segType{}, false
		}
		size.kind = sizeNone
	}
	return size, segType{typ, unit}, true
}

// checkSegment checks that type and size fit and gives the size in bits.
func (c *checker) checkSegment(at diag.Pos, size segSize, t segType) segSize {
	switch size.kind {
	case sizeAll:
		if t.name != "binary" {
			c.errorf(at, "illegal_bitsize", "illegal bit size")
			return segSize{kind: sizeUnknown}
		}
	case sized:
		n := new(big.Int).Mul(size.bits, big.NewInt(t.unit))
		if t.name == "float" && n.Cmp(big.NewInt(16)) != 0 && n.Cmp(big.NewInt(32)) != 0 && n.Cmp(big.NewInt(64)) != 0 {
			c.warnf(at, "bad_bitsize", "bad %s bit size", "float")
		}
		return segSize{sized, n}
	}
	return size
}

// bitsPattern checks a binary pattern: each segment sees what the ones before
// it have bound.
func (c *checker) bitsPattern(p *ast.Bits, outer, old vars) (used, born vars) {
	var before segSize
	for i, e := range p.Elems {
		str, isString := e.Value.(*ast.String)
		if isString && !plainString(e) {
			c.errorf(e.At, "typed_literal_string", "a literal string in a binary pattern must not have a type or a size")
			continue
		}
		u, b := c.segmentValue(e.Value, old, born)
		var su, sb vars
		size := segSize{}
		if e.Size != nil {
			size, su, sb = c.patternSize(e.Size, outer, born)
		}
		size, t := c.segment(e, size)
		size = c.checkSegment(e.At, size, t)
		if isString && size.kind == sizeAll {
			size = segSize{sized, big.NewInt(int64(8 * len(str.Value)))}
		}
		if before.kind == sizeAll {
			c.errorf(p.Elems[i-1].At, "unsized_binary_not_at_end", "a binary field without size is only allowed at the end of a binary pattern")
		}
		before = size
		used = merge(su, merge(u, used))
		born = merge(sb, merge(born, b))
	}
	return used, born
}

// plainString reports whether a string segment has no type and no size, or is
// of a utf type.
func plainString(e *ast.BitsElem) bool {
	if e.Size != nil {
		return false
	}
	if e.Specs == nil {
		return true
	}
	for _, s := range e.Specs {
		switch s.Name {
		case "utf8", "utf16", "utf32":
			return true
		}
	}
	return false
}

func (c *checker) segmentValue(p ast.Expr, old, own vars) (used, born vars) {
	switch p := p.(type) {
	case *ast.Var:
		if p.Name != "_" {
			return c.patternVar(p, old, own)
		}
	case *ast.String:
	default:
		c.constantPattern(p)
	}
	return nil, nil
}

func (c *checker) patternSize(e ast.Expr, outer, own vars) (segSize, vars, vars) {
	unknown := segSize{kind: sizeUnknown}
	if v, ok := e.(*ast.Var); ok {
		used, born := c.sizeVar(v, outer, own)
		return unknown, used, born
	}
	v, isConstant := constant(e)
	if isConstant && v.isInt() {
		return segSize{sized, v.i}, nil, nil
	}
	context, saved := c.context, c.sizeVars
	born := own
	c.context, c.sizeVars = inBinSize, &born
	used := c.gexpr(e, outer)
	c.context, c.sizeVars = context, saved
	if isConstant || noInteger(e) {
		c.warnf(e.Pos(), "non_integer_bitsize", "a size expression in a pattern evaluates to a non-integer value;\nthis pattern cannot possibly match")
	}
	return unknown, used, born
}

func noInteger(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Bits, *ast.List, *ast.Nil, *ast.Tuple:
		return true
	case *ast.Map:
		return e.Base == nil
	}
	return false
}
