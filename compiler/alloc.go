package compiler

import (
	"github.com/gerl-lang/gerl/beam"
)

// Register allocation and instruction selection. Blocks are visited in reverse
// postorder, so that every value's definition is seen before its uses; as the
// code is in SSA form, taking any register that is free at the definition is
// enough. A value that lives across a call has a place on the stack as well,
// and moves there when it is made or when the frame is.

// oins is a generic instruction being collected; labels of blocks are
// negative: -1-order.
type oins struct {
	op   beam.Op
	args []beam.Arg
}

// opNote is no instruction: a remark for OTP's validator about a register, see beam.Note.
const opNote beam.Op = 0xFF

type allocator struct {
	m    *module
	f    *fn
	g    *codegen
	lv   *lives
	fr   *frames
	x, y []int16 // register of each value, -1
	yIn  []int32 // region in which y is the place on the stack
	// places in further regions: a value made before the frames of several
	// regions has one in each
	more     map[homeKey]int16
	want     []int16 // X register that would suit
	regX     []val
	regY     []val
	cur      *block
	code     [][]oins // by block order
	out      []oins   // code of the current block
	inY      []bool   // value is on the stack at this point
	def      []bool   // X registers that hold something at this point
	defs     [][]bool // the same at the end of each block
	heap     int      // index in out of the test_heap that is still open, -1
	line     int      // last line operand, per block
	seen     []int32  // stamps for sets of values
	epoch    int32
	points   map[pointKey]*spillPoint
	pointsOf map[val][]*spillPoint
	// X registers that still hold what a Y register holds
	copies  []copyOf
	late    []val // results that still wait in X registers for their places on the stack
	callAt  int   // index of the block's last instruction that destroys the X registers, -1
	index   int   // of the instruction at hand
	floats  []val // float registers
	framed  bool  // there is a frame at this point
	notes   []typ // what opNote refers to
	fragile int32 // as frames.fragile, at this point
}

type homeKey struct {
	v      val
	region int32
}

// home gives the Y register of a value in the frame of block b, -1 for none.
func (a *allocator) home(v val, b *block) int16 {
	return a.homeIn(v, a.fr.region[b.order])
}

func (a *allocator) homeIn(v val, r int32) int16 {
	if a.yIn[v] == r {
		return a.y[v]
	}
	if y, ok := a.more[homeKey{v, r}]; ok {
		return y
	}
	return -1
}

func (a *allocator) setHome(v val, y int) {
	r := a.fr.region[a.cur.order]
	if a.yIn[v] < 0 || a.yIn[v] == r {
		a.y[v], a.yIn[v] = int16(y), r
		return
	}
	if a.more == nil {
		a.more = map[homeKey]int16{}
	}
	a.more[homeKey{v, r}] = int16(y)
}

type copyOf struct{ y, x int16 }

func (g *codegen) allocate(f *fn) *allocator {
	var lv *lives
	var fr *frames
	for {
		f.liveness()
		lv = f.analyse()
		var again bool
		if fr, again = f.placeFrames(lv); !again {
			break
		}
	}
	nv := len(f.vals)
	a := &allocator{m: g.m, f: f, g: g, lv: lv, fr: fr, x: make([]int16, nv), y: make([]int16, nv), yIn: make([]int32, nv), want: make([]int16, nv),
		inY: make([]bool, nv), code: make([][]oins, len(f.blocks)), defs: make([][]bool, len(f.blocks)), seen: make([]int32, nv)}
	for i := range a.x {
		a.x[i], a.y[i], a.yIn[i], a.want[i] = -1, -1, -1, -1
	}
	a.wishes()
	a.findPoints()
	for _, b := range f.blocks {
		a.block(b)
	}
	for _, b := range f.blocks {
		a.edgeMoves(b)
	}
	return a
}

// wishes finds the register in which each value will be needed first.
func (a *allocator) wishes() {
	f := a.f
	wish := func(v val, r int) {
		if f.inRegister(v) {
			a.want[v] = int16(r)
		}
	}
	for k := len(f.blocks) - 1; k >= 0; k-- {
		b := f.blocks[k]
		if b.kind == tReturn {
			wish(b.args[0], 0)
		}
		for _, s := range b.succs {
			if len(s.phis) > 0 {
				i := predIndex(s, b)
				for _, p := range s.phis {
					if v := f.vals[p].args[i]; a.want[p] >= 0 && f.inRegister(v) {
						a.want[v] = a.want[p]
					}
				}
			}
		}
		for i := len(b.ins) - 1; i >= 0; i-- {
			d := &f.vals[b.ins[i]]
			switch d.op {
			case opCall, opCallExt, opSend, opStack, opInitWritable:
				for i, v := range d.args {
					wish(v, i)
				}
			case opCallFun:
				for i, v := range d.args[1:] {
					wish(v, i)
				}
				wish(d.args[0], len(d.args)-1)
			case opApply:
				n := len(d.args) - 2
				wish(d.args[0], n)
				wish(d.args[1], n+1)
				for i, v := range d.args[2:] {
					wish(v, i)
				}
			}
		}
	}
	for i, p := range f.params {
		_ = i
		a.want[p] = -1
	}
}

// fragileIn reports whether v belongs to a message that receive id has not
// taken yet.
func (a *allocator) fragileIn(v val, id int32) bool { return id != 0 && a.fr.fragDef[v] == id }

// isInY tells where a value is at the entry of b.
func (a *allocator) isInY(v val, b *block) bool {
	return a.lv.needY[v] && a.fr.entry[b.order] && !a.fragileIn(v, a.fr.fragile[b.order])
}

func (a *allocator) setX(r int, v val) {
	for len(a.regX) <= r {
		a.regX = append(a.regX, 0)
	}
	a.regX[r] = v
}

func (a *allocator) setY(r int, v val) {
	for len(a.regY) <= r {
		a.regY = append(a.regY, 0)
	}
	a.regY[r] = v
	if s := &a.fr.size[a.fr.region[a.cur.order]]; *s <= r {
		*s = r + 1
	}
}

// pickX chooses a free X register for v.
func (a *allocator) pickX(v val) int {
	if w := int(a.want[v]); w >= 0 && (w >= len(a.regX) || a.regX[w] == 0) {
		return w
	}
	for r, o := range a.regX {
		if o == 0 {
			return r
		}
	}
	return len(a.regX)
}

func (a *allocator) pickY() int {
	for r, o := range a.regY {
		if o == 0 {
			return r
		}
	}
	return len(a.regY)
}

// free gives up the registers of a value.
func (a *allocator) free(v val) {
	if r := a.x[v]; r >= 0 && int(r) < len(a.regX) && a.regX[r] == v {
		a.regX[r] = 0
	}
	if r := a.home(v, a.cur); r >= 0 && int(r) < len(a.regY) && a.regY[r] == v {
		a.regY[r] = 0
	}
}

func (a *allocator) block(b *block) {
	a.cur = b
	o := b.order
	a.out = nil
	a.heap = -1
	a.line = -1
	a.copies, a.late, a.floats = a.copies[:0], a.late[:0], a.floats[:0]
	a.framed, a.fragile = a.fr.entry[o], a.fr.fragile[o]
	a.regX = a.regX[:0]
	a.regY = a.regY[:0]
	for _, v := range b.liveIn {
		if a.inY[v] = a.isInY(v, b); a.inY[v] {
			if a.home(v, b) >= tagBase {
				continue
			}
			a.setY(int(a.home(v, b)), v)
		} else {
			a.setX(int(a.x[v]), v)
		}
	}
	if b == a.f.entry {
		for i, p := range a.f.params {
			a.x[p] = int16(i)
			a.setX(i, p)
		}
	}
	a.enterDefs(b)
	a.phiRegs(b)
	bl := &a.lv.block[o]
	tail := a.f.tailCall(b)
	if b == a.f.entry {
		// parameters that are never used
		for _, p := range a.f.params {
			if !a.usedLater(b, p) {
				a.free(p)
			}
		}
	}
	a.callAt = -1
	for i, v := range b.ins {
		if a.f.vals[v].wantsFrame() && a.f.vals[v].clobbers() && i != tail {
			a.callAt = i
		}
	}
	for i := 0; i < len(b.ins); i++ {
		a.index = i
		if a.fr.allocAt[o] == i {
			a.makeFrame()
		}
		if i == tail {
			a.tailCall(b, b.ins[i])
			a.code[o] = a.out
			return
		}
		i += a.instr(b.ins[i], i, bl)
	}
	if a.fr.allocAt[o] == len(b.ins) {
		a.makeFrame()
	}
	a.terminator(b, bl)
	a.code[o] = a.out
	d := a.def
	a.defs[o] = d
	a.def = nil
}

// usedLater reports whether a parameter is used in the entry block or after it.
func (a *allocator) usedLater(b *block, p val) bool {
	bl := &a.lv.block[b.order]
	for _, ks := range bl.kills {
		for _, k := range ks {
			if k == p {
				return true
			}
		}
	}
	out := false
	a.f.liveOut(b, func(v val) { out = out || v == p })
	return out
}

// enterDefs finds the X registers that hold something on all ways into b.
func (a *allocator) enterDefs(b *block) {
	a.def = nil
	first := true
	for _, p := range b.preds {
		if p.order >= b.order {
			a.def = nil // back edge: nothing but what lives
			break
		}
		d := a.defs[p.order]
		if r := a.x[max(p.val, 0)]; p.val != 0 && p.succs[0] != b && !a.inY[p.val] && r >= 0 && int(r) < len(d) && d[r] {
			d = append([]bool(nil), d...)
			d[r] = false // written on success only
		}
		if first {
			a.def = append([]bool(nil), d...)
			first = false
			continue
		}
		if len(d) < len(a.def) {
			a.def = a.def[:len(d)]
		}
		for i := range a.def {
			a.def[i] = a.def[i] && d[i]
		}
	}
	if b == a.f.entry {
		for i := range a.f.params {
			a.defX(i)
		}
	}
	if b.isHandler(a.f) {
		a.def = nil
	}
	for r, v := range a.regX {
		if v != 0 {
			a.defX(r)
		}
	}
}

func (a *allocator) defX(r int) {
	for len(a.def) <= r {
		a.def = append(a.def, false)
	}
	a.def[r] = true
	a.dropCopy(int16(r))
}

func (a *allocator) dropCopy(x int16) {
	for i := 0; i < len(a.copies); i++ {
		if a.copies[i].x == x {
			a.copies = append(a.copies[:i], a.copies[i+1:]...)
			i--
		}
	}
}

func (a *allocator) dropCopyY(y int16) {
	for i := 0; i < len(a.copies); i++ {
		if a.copies[i].y == y {
			a.copies = append(a.copies[:i], a.copies[i+1:]...)
			i--
		}
	}
}

// phiRegs gives the phis of b their registers.
func (a *allocator) phiRegs(b *block) {
	for _, p := range b.phis {
		switch {
		case b.isHandler(a.f):
			a.x[p] = 0
			a.setX(0, p)
			a.defX(0)
		case a.isInY(p, b):
			r := -1
			for _, v := range a.f.vals[p].args {
				if y := int(a.home(v, b)); a.f.inRegister(v) && y >= 0 && (y >= len(a.regY) || a.regY[y] == 0) {
					r = y
					break
				}
			}
			if r < 0 {
				r = a.pickY()
			}
			a.setHome(p, r)
			a.inY[p] = true
			a.setY(r, p)
		default:
			r := -1
			if a.want[p] < 0 || int(a.want[p]) < len(a.regX) && a.regX[a.want[p]] != 0 {
				for i, v := range a.f.vals[p].args {
					if x := int(a.x[v]); !a.endsInY(v, b.preds[i]) && a.f.inRegister(v) && x >= 0 && (x >= len(a.regX) || a.regX[x] == 0) {
						r = x
						break
					}
				}
			}
			if r < 0 {
				r = a.pickX(p)
			}
			a.x[p] = int16(r)
			a.setX(r, p)
			a.defX(r)
		}
	}
}

// makeFrame allocates the frame and moves what must survive into it.
func (a *allocator) makeFrame() {
	live := a.liveX()
	a.fixHoles(live)
	a.emit(beam.OpAllocate, beam.U(0), beam.U(live))
	a.heap = -1
	a.killAbove(live)
	a.framed = true
	a.toStack(a.points[pointKey{a.cur.order, a.fr.allocAt[a.cur.order], false}])
}

// onStack reports whether a value that is made here must go to the stack.
func (a *allocator) onStack(v val) bool {
	return a.lv.needY[v] && a.framed && !a.fragileIn(v, a.fragile)
}

// toStack moves the values of a spill point from X registers to their places
// on the stack.
func (a *allocator) toStack(p *spillPoint) {
	if p == nil {
		return
	}
	a.epoch++
	for _, v := range p.moved {
		a.seen[v] = a.epoch
	}
	for r, v := range a.regX {
		if v == 0 || a.seen[v] != a.epoch {
			continue
		}
		y := a.chooseHome(v)
		a.setHome(v, y)
		a.setY(y, v)
		a.inY[v] = true
		a.emit(beam.OpMove, beam.X(r), beam.Y(y))
		a.regX[r] = 0
		a.copies = append(a.copies, copyOf{int16(y), int16(r)})
	}
}

// liveX is the number of X registers that must survive a collection here.
func (a *allocator) liveX() int {
	for r := len(a.regX) - 1; r >= 0; r-- {
		if a.regX[r] != 0 {
			return r + 1
		}
	}
	return 0
}

// fixHoles fills the X registers below n that hold nothing.
func (a *allocator) fixHoles(n int) {
	for r := 0; r < n; r++ {
		if r >= len(a.def) || !a.def[r] {
			a.emit(beam.OpMove, beam.Nil(), beam.X(r))
			a.defX(r)
		}
	}
}

// killAbove notes that a collection may have destroyed X registers from n on.
func (a *allocator) killAbove(n int) {
	if len(a.def) > n {
		a.def = a.def[:n]
	}
	k := a.copies[:0]
	for _, c := range a.copies {
		if int(c.x) < n {
			k = append(k, c)
		}
	}
	a.copies = k
}

// gc prepares an instruction that may collect and gives its live operand.
func (a *allocator) gc() beam.Arg {
	n := a.liveX()
	a.fixHoles(n)
	a.killAbove(n)
	a.heap = -1
	return beam.U(n)
}

// call notes that an instruction destroys the X registers.
func (a *allocator) clobber() {
	for i := range a.regX {
		a.regX[i] = 0
	}
	a.def = a.def[:0]
	a.copies = a.copies[:0]
	a.heap = -1
}

func (a *allocator) emit(op beam.Op, args ...beam.Arg) {
	a.out = append(a.out, oins{op, args})
}

// arg is the operand for a value.
func (a *allocator) arg(v val) beam.Arg {
	d := &a.f.vals[v]
	if d.op == opConst {
		return a.g.literal(d.lit)
	}
	if a.inY[v] {
		y := a.home(v, a.cur)
		for _, c := range a.copies {
			if c.y == y {
				return beam.X(int(c.x))
			}
		}
		return beam.Y(int(y))
	}
	return beam.X(int(a.x[v]))
}

// dst chooses the register for a new value.
func (a *allocator) dst(v val, dead bool) beam.Arg {
	if a.onStack(v) && !dead {
		y := a.pickY()
		a.setHome(v, y)
		a.inY[v] = true
		a.setY(y, v)
		a.dropCopyY(int16(y))
		return beam.Y(y)
	}
	r := a.pickX(v)
	a.x[v] = int16(r)
	a.inY[v] = false
	if !dead {
		a.setX(r, v)
	}
	a.defX(r)
	return beam.X(r)
}

// tagBase is where the numbers of Y registers for catch tags begin: tag
// tagBase+d is the tag at nesting depth d. Enclosing tags must lie behind the
// tags inside them, so they take the end of the frame, which layout knows.
const tagBase = 1 << 13

// tagSlot gives the place for the tag that block b makes.
func (a *allocator) tagSlot(b *block) beam.Arg {
	d := 0
	for t := b.tag; t != 0; t = a.f.vals[t].blk.tag {
		d++
	}
	a.setHome(b.val, tagBase+d)
	a.inY[b.val] = true
	if n := &a.fr.tags[a.fr.region[b.order]]; *n <= d {
		*n = d + 1
	}
	return beam.Y(tagBase + d)
}

// result places a value that an instruction leaves in X register r.
func (a *allocator) result(v val, r int, dead bool) {
	a.defX(r)
	if dead {
		return
	}
	a.x[v] = int16(r)
	a.inY[v] = false
	if a.onStack(v) && a.waits() {
		a.setX(r, v)
		a.late = append(a.late, v)
		return
	}
	if a.onStack(v) {
		y := a.pickY()
		a.setHome(v, y)
		a.inY[v] = true
		a.setY(y, v)
		a.dropCopyY(int16(y))
		a.emit(beam.OpMove, beam.X(r), beam.Y(y))
		a.copies = append(a.copies, copyOf{int16(y), int16(r)})
		return
	}
	a.setX(r, v)
}

// waits reports whether a result can stay in its X register until the block's
// next call, when places on the stack may have become free.
func (a *allocator) waits() bool {
	if a.cur.handler != nil || a.fragile != 0 {
		return false
	}
	return a.index < a.callAt
}

// spillLate gives the results that wait and survive the instruction at hand their places.
func (a *allocator) spillLate() []move {
	var ms []move
	for _, v := range a.late {
		r := int(a.x[v])
		if a.inY[v] || r < 0 || r >= len(a.regX) || a.regX[r] != v {
			continue // not used any more
		}
		y := len(a.regY)
		for k := len(a.regY) - 1; k >= 0; k-- {
			if a.regY[k] == 0 {
				y = k
				break
			}
		}
		a.setHome(v, y)
		a.inY[v] = true
		a.setY(y, v)
		a.dropCopyY(int16(y))
		a.regX[r] = 0
		ms = append(ms, move{beam.X(r), beam.Y(y)})
	}
	a.late = a.late[:0]
	return ms
}

// move is one of several moves that happen at once.
type move struct{ src, dst beam.Arg }

// moves emits parallel moves.
func (a *allocator) moves(ms []move) {
	a.out = emitMoves(a.out, ms)
}

func sameReg(x, y beam.Arg) bool { return x.Kind == y.Kind && x.Val == y.Val }

// emitMoves orders parallel moves and breaks cycles with swap.
func emitMoves(out []oins, ms []move) []oins {
	todo := ms[:0:0]
	for _, m := range ms {
		if !(m.src.IsReg() && sameReg(m.src, m.dst)) {
			todo = append(todo, m)
		}
	}
	for len(todo) > 0 {
		progress := false
		for i := 0; i < len(todo); i++ {
			m := todo[i]
			blocked := false
			for k, o := range todo {
				if k != i && o.src.IsReg() && sameReg(o.src, m.dst) {
					blocked = true
					break
				}
			}
			if blocked {
				continue
			}
			out = append(out, oins{beam.OpMove, []beam.Arg{m.src, m.dst}})
			todo = append(todo[:i:i], todo[i+1:]...)
			i--
			progress = true
		}
		if progress {
			continue
		}
		// every destination is still to be read: a cycle
		m := todo[0]
		out = append(out, oins{beam.OpSwap, []beam.Arg{m.src, m.dst}})
		rest := todo[:0:0]
		for _, o := range todo[1:] {
			if o.src.IsReg() {
				if sameReg(o.src, m.src) {
					o.src = m.dst
				} else if sameReg(o.src, m.dst) {
					o.src = m.src
				}
			}
			if !(o.src.IsReg() && sameReg(o.src, o.dst)) {
				rest = append(rest, o)
			}
		}
		todo = rest
	}
	return out
}

// edgeMoves puts the values for the phis of b's successor in place.
func (a *allocator) edgeMoves(b *block) {
	if b.kind != tJump || len(b.succs[0].phis) == 0 {
		return
	}
	s := b.succs[0]
	i := predIndex(s, b)
	var ms []move
	for _, p := range s.phis {
		v := a.f.vals[p].args[i]
		d := &a.f.vals[v]
		if d.op == opUndef {
			continue
		}
		dst := beam.X(int(a.x[p]))
		if a.isInY(p, s) && !s.isHandler(a.f) {
			dst = beam.Y(int(a.home(p, s)))
		}
		var src beam.Arg
		switch {
		case d.op == opConst:
			src = a.g.literal(d.lit)
		case a.endsInY(v, b):
			src = beam.Y(int(a.home(v, b)))
		default:
			src = beam.X(int(a.x[v]))
		}
		ms = append(ms, move{src, dst})
	}
	a.code[b.order] = emitMoves(a.code[b.order], ms)
}

// endsInY tells where a value is at the end of b.
func (a *allocator) endsInY(v val, b *block) bool {
	if !a.lv.needY[v] || !a.fr.exit[b.order] {
		return false
	}
	if a.fragileIn(v, a.fr.fragile[b.order]) {
		// still fragile unless the message was taken in this block
		for _, i := range b.ins {
			if a.f.vals[i].op == opRemoveMsg {
				return true
			}
		}
		return false
	}
	return true
}
