package compiler

import (
	"math"

	"github.com/gerl-lang/gerl/beam"
)

// Arithmetic on what are floats for certain, and every division, is done in float registers; a result becomes a term only where somebody
// other than the next operation wants it. A float register is not used beyond its block, nor across a call.

// useFloatRegisters is the pass over a function.
func (m *module) useFloatRegisters(f *fn) {
	changed := false
	for _, b := range f.blocks {
		changed = m.floatBlock(f, b) || changed
	}
	if changed {
		f.dropUnused()
	}
}

// floatFacts gives the values that are floats wherever b is reached.
func (f *fn) floatFacts(b *block) map[val]bool {
	facts := map[val]bool{}
	for n := 0; n < 20 && len(b.preds) == 1; n++ {
		p := b.preds[0]
		if p.kind == tBr && p.aux == "is_float" && p.succs[0] == b && p.succs[1] != b {
			facts[p.args[0]] = true
		}
		for _, v := range p.ins {
			if f.vals[v].op == opFBox {
				facts[v] = true
			}
		}
		b = p
	}
	return facts
}

var floatOps = map[string]string{"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}

func (m *module) floatBlock(f *fn, b *block) bool {
	some := false
	for _, v := range b.ins {
		d := &f.vals[v]
		if d.op == opGcBif && len(d.args) == 2 && floatOps[d.aux.(string)] != "" {
			some = true
		}
	}
	if !some {
		return false
	}
	facts := f.floatFacts(b)
	changed := false
	inReg := map[val]val{} // float register of a value
	var out []val
	add := func(d value) val {
		d.blk = b
		id := f.newVal(d)
		out = append(out, id)
		return id
	}
	// operand gives the constant or value as a float, 0 where that is not certain.
	operand := func(v val, t beam.TypeBits) val {
		d := &f.vals[v]
		switch {
		case t == beam.TypeFloat && d.op != opConst:
			return v
		case d.op == opConst && d.lit.IsFloat():
			return v
		case d.op == opConst && d.lit.IsSmall() && math.Abs(float64(d.lit.Small())) < 1<<53:
			return f.konst(m.heap.Float(float64(d.lit.Small())))
		case d.op == opFBox || facts[v]:
			return v
		}
		return 0
	}
	for _, v := range b.ins {
		d := f.vals[v]
		if d.clobbers() {
			inReg = map[val]val{}
		}
		name := ""
		if d.op == opGcBif && len(d.args) == 2 {
			name = floatOps[d.aux.(string)]
		}
		x, y := val(0), val(0)
		if name != "" {
			ts := f.argTypes[v]
			if ts == nil {
				ts = make([]beam.Type, 2)
			}
			x, y = operand(d.args[0], ts[0].Bits), operand(d.args[1], ts[1].Bits)
		}
		unsure := map[val]bool{}
		if name == "fdiv" { // gives a float whatever its operands are; what is no number fails when it is converted
			for n, o := range []*val{&x, &y} {
				if *o == 0 {
					*o = d.args[n]
					unsure[*o] = true
				}
			}
		}
		if x == 0 || y == 0 || f.isConst(x) && f.isConst(y) && name != "fdiv" {
			out = append(out, v)
			continue
		}
		var regs []val
		for _, a := range []val{x, y} {
			r := inReg[a]
			if r == 0 {
				c := value{op: opFConv, args: []val{a}}
				if unsure[a] {
					c.aux, c.pos = "convert", d.pos
				}
				r = add(c)
				inReg[a] = r
			}
			regs = append(regs, r)
		}
		r := add(value{op: opFArith, aux: name, args: regs, pos: d.pos})
		f.vals[v] = value{op: opFBox, args: []val{r}, blk: b}
		out = append(out, v)
		inReg[v] = r
		changed = true
	}
	b.ins = out
	return changed
}

// floatReg gives a free float register to a value.
func (a *allocator) floatReg(v val, dead bool) beam.Arg {
	n := len(a.floats)
	for i, o := range a.floats {
		if o == 0 {
			n = i
			break
		}
	}
	if n == len(a.floats) {
		a.floats = append(a.floats, 0)
	}
	if !dead {
		a.floats[n] = v
	}
	return beam.FR(n)
}

// inFloat gives the float register that holds a value.
func (a *allocator) inFloat(v val) beam.Arg {
	for i, o := range a.floats {
		if o == v {
			return beam.FR(i)
		}
	}
	panic("compiler: value without a float register")
}

// float emits the operations on float registers.
func (a *allocator) float(v val, d *value, kills []val, dead bool) {
	switch d.op {
	case opFConv:
		s := a.arg(d.args[0])
		if op := a.f.vals[d.args[0]].op; op != opFBox && d.aux == nil {
			a.remark(s, tFloat)
		}
		a.freeAll(kills)
		if d.aux != nil {
			a.srcLine(d.pos)
			a.emit(beam.OpFconv, s, a.floatReg(v, dead))
			return
		}
		a.emit(beam.OpFmove, s, a.floatReg(v, dead))
		return
	case opFArith:
		s := []beam.Arg{a.inFloat(d.args[0]), a.inFloat(d.args[1])}
		a.freeFloats(kills)
		a.srcLine(d.pos)
		a.heap = -1
		a.emit(arithOps[d.aux.(string)], beam.Label(0), s[0], s[1], a.floatReg(v, dead))
	case opFBox:
		a.heapFor(0, 1, 0)
		s := a.inFloat(d.args[0])
		a.freeFloats(kills)
		a.emit(beam.OpFmove, s, a.dst(v, dead))
	}
}

func (a *allocator) freeFloats(vs []val) {
	for i, o := range a.floats {
		for _, v := range vs {
			if o == v {
				a.floats[i] = 0
			}
		}
	}
}

var arithOps = map[string]beam.Op{"fadd": beam.OpFadd, "fsub": beam.OpFsub, "fmul": beam.OpFmul, "fdiv": beam.OpFdiv}
