package bifs

import (
	"math"
	"math/big"
	"sync/atomic"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// wordArray is the array behind an atomics or counters reference: 64-bit words, signed or unsigned, that wrap around.
type wordArray struct {
	words    []atomic.Uint64
	signed   bool
	counters bool // made by counters:new/2
}

// Release implements term.Resource: the array is Go memory.
func (w *wordArray) Release() {}

var (
	atomMin         = term.Intern("min")
	atomAtomics     = term.Intern("atomics")
	atomWriteConcur = term.Intern("write_concurrency")
)

// maxWordArray is the largest number of words of an array.
const maxWordArray = 1<<31 - 1

func newWordArray(p *proc.Process, n int, signed, counters bool) term.Term {
	nums, _ := term.RefNumbers(p.MakeRef())
	return p.Heap.MagicRef([3]uint32(nums[:3]), &wordArray{make([]atomic.Uint64, n), signed, counters})
}

func wordArrayOf(t term.Term, counters bool) (*wordArray, bool) {
	if counters {
		if !t.TupleOf(2) {
			return nil, false
		}
		t = t.Elem(1)
	}
	r, ok := term.MagicResource(t)
	if !ok {
		return nil, false
	}
	w, ok := r.(*wordArray)
	return w, ok && w.counters == counters
}

// slot gives the word that an array and an index from 1 name.
func slot(array, index term.Term, counters bool) (w *wordArray, at *atomic.Uint64, ok bool) {
	w, ok = wordArrayOf(array, counters)
	if !ok {
		return nil, nil, false
	}
	i, ok := smallIn(index, 1, len(w.words))
	if !ok {
		return nil, nil, false
	}
	return w, &w.words[i-1], true
}

// wrap64 gives the low 64 bits of an integer that lies in the array's range; increments may have either sign.
func (w *wordArray) value(t term.Term, increment bool) (uint64, bool) {
	if v, ok := term.ToInt64(t); ok {
		return uint64(v), w.signed || increment || v >= 0
	}
	v, ok := term.ToUint64(t)
	return v, ok && (!w.signed || increment)
}

func (w *wordArray) term(h *term.Heap, v uint64) term.Term {
	if w.signed {
		return h.Int64(int64(v))
	}
	return h.Uint64(v)
}

// erts_internal:atomics_new(Arity, Flags): bit 0 of Flags means signed.
func ertsInternalAtomicsNew2(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[0], 1, maxInt)
	flags, ok2 := smallIn(a[1], 0, 1)
	if !ok || !ok2 {
		return p.Badarg()
	}
	if n > maxWordArray {
		return p.SystemLimit()
	}
	return newWordArray(p, n, flags == 1, false)
}

// arraySize gives the number of words asked for, or 0 and the exception.
func arraySize(p *proc.Process, size term.Term) (n int, raised term.Term) {
	n, ok := smallIn(size, 1, maxInt)
	switch {
	case !ok && !(size.IsBig() && term.IntSign(size) > 0):
		return 0, p.Badarg()
	case !ok || n > maxWordArray:
		return 0, p.SystemLimit()
	}
	return n, term.Nil
}

func atomicsNew2(p *proc.Process, a []term.Term) term.Term {
	signed := true
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		v, is := optionTuple(l.Head(), term.AtomSigned)
		if is {
			signed, is = boolArg(v)
		}
		if !is {
			return p.BadargCause(atomBadopt)
		}
	}
	if !l.IsNil() {
		return p.BadargCause(atomBadopt)
	}
	n, raised := arraySize(p, a[0])
	if n == 0 {
		return raised
	}
	return newWordArray(p, n, signed, false)
}

func atomicsPut3(p *proc.Process, a []term.Term) term.Term { return putWord(p, a, false) }
func atomicsGet2(p *proc.Process, a []term.Term) term.Term { return getWord(p, a, false) }

func putWord(p *proc.Process, a []term.Term, counters bool) term.Term {
	w, at, ok := slot(a[0], a[1], counters)
	if !ok {
		return p.Badarg()
	}
	v, ok := w.value(a[2], false)
	if !ok {
		return p.Badarg()
	}
	at.Store(v)
	return term.AtomOk
}

func getWord(p *proc.Process, a []term.Term, counters bool) term.Term {
	w, at, ok := slot(a[0], a[1], counters)
	if !ok {
		return p.Badarg()
	}
	return w.term(&p.Heap, at.Load())
}

// addWord gives the new value.
func addWord(a []term.Term, sign uint64, counters bool) (w *wordArray, v uint64, ok bool) {
	w, at, ok := slot(a[0], a[1], counters)
	if !ok {
		return nil, 0, false
	}
	d, ok := w.value(a[2], true)
	if !ok {
		return nil, 0, false
	}
	return w, at.Add(d * sign), true
}

func atomicsAdd3(p *proc.Process, a []term.Term) term.Term {
	_, _, ok := addWord(a, 1, false)
	return orBadarg(p, term.AtomOk, ok)
}

func atomicsSub3(p *proc.Process, a []term.Term) term.Term {
	if !a[2].IsNumber() {
		return p.Badarith() // OTP negates the number in Erlang
	}
	_, _, ok := addWord(a, math.MaxUint64, false)
	return orBadarg(p, term.AtomOk, ok)
}

func atomicsAddGet3(p *proc.Process, a []term.Term) term.Term {
	w, v, ok := addWord(a, 1, false)
	if !ok {
		return p.Badarg()
	}
	return w.term(&p.Heap, v)
}

func atomicsSubGet3(p *proc.Process, a []term.Term) term.Term {
	if !a[2].IsNumber() {
		return p.Badarith()
	}
	w, v, ok := addWord(a, math.MaxUint64, false)
	if !ok {
		return p.Badarg()
	}
	return w.term(&p.Heap, v)
}

func atomicsExchange3(p *proc.Process, a []term.Term) term.Term {
	w, at, ok := slot(a[0], a[1], false)
	if !ok {
		return p.Badarg()
	}
	v, ok := w.value(a[2], false)
	if !ok {
		return p.Badarg()
	}
	return w.term(&p.Heap, at.Swap(v))
}

// compare_exchange gives ok, or the value that was there instead of the expected one.
func atomicsCompareExchange4(p *proc.Process, a []term.Term) term.Term {
	w, at, ok := slot(a[0], a[1], false)
	if !ok {
		return p.Badarg()
	}
	want, ok1 := w.value(a[2], false)
	v, ok2 := w.value(a[3], false)
	if !ok1 || !ok2 {
		return p.Badarg()
	}
	for {
		if at.CompareAndSwap(want, v) {
			return term.AtomOk
		}
		if got := at.Load(); got != want {
			return w.term(&p.Heap, got)
		}
	}
}

func atomicsInfo1(p *proc.Process, a []term.Term) term.Term {
	w, ok := wordArrayOf(a[0], false)
	if !ok {
		return p.Badarg()
	}
	h := &p.Heap
	lo, hi := h.Int64(math.MinInt64), h.Int64(math.MaxInt64)
	if !w.signed {
		lo, hi = term.Int(0), h.BigInt(new(big.Int).SetUint64(math.MaxUint64))
	}
	return h.MapFromPairs([]term.Term{
		term.AtomMax, hi, atomMin, lo, atomSize, term.Int(len(w.words)), term.AtomMemory, term.Int(len(w.words)*8 + 40),
	})
}

// ---- counters: {atomics | write_concurrency, Ref} ---------------------------------------------------------

func countersNew2(p *proc.Process, a []term.Term) term.Term {
	kind := atomAtomics
	l := a[1]
	for ; l.IsCons(); l = l.Tail() {
		if kind = l.Head(); kind != atomAtomics && kind != atomWriteConcur {
			return p.BadargCause(atomBadopt)
		}
	}
	if !l.IsNil() || a[1].IsCons() && !a[1].Tail().IsNil() { // one option at most
		return p.BadargCause(atomBadopt)
	}
	n, raised := arraySize(p, a[0])
	if n == 0 {
		return raised
	}
	return p.Heap.Tuple(kind, newWordArray(p, n, true, true))
}

func countersAdd3(p *proc.Process, a []term.Term) term.Term {
	_, _, ok := addWord(a, 1, true)
	return orBadarg(p, term.AtomOk, ok)
}

func countersSub3(p *proc.Process, a []term.Term) term.Term {
	if !a[2].IsNumber() {
		return p.Badarith() // OTP negates the number in Erlang
	}
	_, _, ok := addWord(a, math.MaxUint64, true)
	return orBadarg(p, term.AtomOk, ok)
}

func countersGet2(p *proc.Process, a []term.Term) term.Term { return getWord(p, a, true) }
func countersPut3(p *proc.Process, a []term.Term) term.Term { return putWord(p, a, true) }

func countersInfo1(p *proc.Process, a []term.Term) term.Term {
	w, ok := wordArrayOf(a[0], true)
	if !ok {
		return p.Badarg()
	}
	return p.Heap.MapFromPairs([]term.Term{atomSize, term.Int(len(w.words)), term.AtomMemory, term.Int(len(w.words)*8 + 40),
		term.AtomMax, p.Heap.Int64(math.MaxInt64), atomMin, p.Heap.Int64(math.MinInt64)})
}
