package term

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
)

// mutator drives a heap the way the machine and BIFs do: it builds terms from terms it already has, keeps some in X registers, on
// the stack and in a root set, drops others, adopts messages, and collects. Beside each root it keeps a copy in an arena.
type mutator struct {
	t     *testing.T
	r     *rand.Rand
	h     *Heap
	model *Heap // arena
	x     []Term
	wantX []Term
	extra []Term
	wantE []Term
	wantY []Term // terms on the stack, top first; None for a return address
	depth int
}

func (m *mutator) VisitRoots(c *Collector) { c.Roots(m.extra) }

// pick gives a random root with its copy.
func (m *mutator) pick() (Term, Term) {
	switch k := m.r.Intn(10); {
	case k < 6 && len(m.x) > 0:
		i := m.r.Intn(len(m.x))
		return m.x[i], m.wantX[i]
	case k < 8 && len(m.extra) > 0:
		i := m.r.Intn(len(m.extra))
		return m.extra[i], m.wantE[i]
	case len(m.wantY) > 0:
		i := m.r.Intn(len(m.wantY))
		if m.wantY[i] != None {
			return wordsAt(m.h.E, len(m.wantY))[i], m.wantY[i]
		}
	}
	v := Int(m.r.Intn(1000) - 500)
	return v, v
}

func (m *mutator) pickList(n int) (a, b []Term) {
	for range n {
		x, y := m.pick()
		if Size(y) > 3000 {
			x, y = AtomOk, AtomOk
		}
		a, b = append(a, x), append(b, y)
	}
	return a, b
}

// build makes a random term on the heap and the same in the arena.
func (m *mutator) build() (Term, Term) {
	a, b := m.pickList(4)
	switch m.r.Intn(16) {
	case 0, 1:
		return m.h.Cons(a[0], a[1]), m.model.Cons(b[0], b[1])
	case 2:
		return m.h.Tuple(a[:m.r.Intn(3)]...), None
	case 3:
		return m.h.List(a...), m.model.List(b...)
	case 4:
		f := m.r.NormFloat64()
		return m.h.Float(f), m.model.Float(f)
	case 5, 6:
		data := make([]byte, m.r.Intn(200))
		m.r.Read(data)
		return m.h.Binary(data), m.model.Binary(data)
	case 7:
		if n, ok := BitSize(a[0]); ok && n > 0 {
			off := m.r.Intn(n)
			k := m.r.Intn(n - off + 1)
			return m.h.SubBits(a[0], off, k), m.model.SubBits(b[0], off, k)
		}
	case 8:
		if _, ok := BitSize(a[0]); ok {
			n := m.r.Intn(70)
			v := m.r.Uint64()
			k := min(n, 64)
			r, d, off := m.h.AppendBits(a[0], k)
			WriteBits(d, off, k, v)
			s, d, off := m.model.AppendBits(b[0], k)
			WriteBits(d, off, k, v)
			return r, s
		}
	case 9, 10:
		if a[0].IsMap() {
			return m.h.MapPut(a[0], a[1], a[2]), m.model.MapPut(b[0], b[1], b[2])
		}
		var p, q []Term
		n := m.r.Intn(80)
		for i := range n {
			p = append(p, mapKey(m.h, i), Int(i))
			q = append(q, mapKey(m.model, i), Int(i))
		}
		return m.h.MapFromPairs(p), m.model.MapFromPairs(q)
	case 11:
		n := [3]uint32{m.r.Uint32(), m.r.Uint32(), m.r.Uint32()}
		return m.h.Ref(n), m.model.Ref(n)
	case 12:
		n := m.r.Uint32()
		return m.h.ExtPid(AtomNode, 1, n, 2), m.model.ExtPid(AtomNode, 1, n, 2)
	case 13:
		msg, f := CopyMessage(b[0])
		m.h.Adopt(f)
		return msg, b[0]
	case 14:
		v := m.r.Uint64()
		return m.h.Uint64(v), m.model.Uint64(v)
	case 15:
		return CopyLocal(m.h, b[0]), b[0]
	}
	return a[0], b[0]
}

func (m *mutator) step() {
	switch m.r.Intn(12) {
	case 0: // push a frame
		n := 1 + m.r.Intn(3)
		if m.depth > 40 || !m.h.HasRoom(n+1) {
			return
		}
		frame := []Term{None}
		m.h.E -= WordBytes * uintptr(n+1)
		store(m.h.E, 0, 0x1000)
		for i := range n {
			x, w := m.pickX()
			store(m.h.E, 1+i, uint64(x))
			frame = append(frame, w)
		}
		m.wantY = append(frame, m.wantY...)
		m.depth++
	case 1: // pop everything now and then
		if m.r.Intn(20) == 0 {
			m.h.E, m.wantY, m.depth = m.h.End, nil, 0
		}
	case 2:
		i := m.r.Intn(len(m.x))
		m.x[i], m.wantX[i] = Nil, Nil
	case 3:
		i, j := m.r.Intn(len(m.extra)), m.r.Intn(len(m.x))
		m.extra[i], m.wantE[i] = m.x[j], m.wantX[j]
	default:
		i := m.r.Intn(len(m.x))
		m.x[i], m.wantX[i] = m.build2()
	}
}

func (m *mutator) pickX() (Term, Term) {
	i := m.r.Intn(len(m.x))
	return m.x[i], m.wantX[i]
}

func (m *mutator) build2() (Term, Term) {
	a, b := m.build()
	if b == None { // empty and small tuples
		b = CopyTo(m.model, a)
	}
	if Size(b) > 20000 {
		return Nil, Nil
	}
	return a, b
}

func (m *mutator) check() {
	for i := range m.x {
		if !ExactEqual(m.x[i], m.wantX[i]) {
			m.t.Fatalf("x%d is\n%.2000v\nshould be\n%.2000v", i, dump(m.x[i]), dump(m.wantX[i]))
		}
	}
	for i := range m.extra {
		require.True(m.t, ExactEqual(m.extra[i], m.wantE[i]), "extra %d", i)
	}
	y := wordsAt(m.h.E, len(m.wantY))
	for i, w := range m.wantY {
		if w == None {
			require.Equal(m.t, Term(0x1000), y[i])
		} else {
			require.True(m.t, ExactEqual(y[i], w), "y %d", i)
		}
	}
}

func dump(t Term) string { return fmt.Sprintf("%#x size %d", uint64(t), Size(t)) }

func TestCollectionKeepsEveryRootAndNothingElse(t *testing.T) {
	Debug.Poison, Debug.CheckHeap = true, true
	defer func() { Debug.Poison, Debug.CheckHeap = false, false }()
	steps := 8000
	if testing.Short() {
		steps = 3000
	}
	for seed := range int64(6) {
		before := ReadMemoryStats()
		m := &mutator{t: t, r: rand.New(rand.NewSource(seed)), h: &Heap{MaxMinor: []uint32{DefaultMaxMinor, 0, 5}[seed%3]}, model: NewArena(),
			x: make([]Term, 8), wantX: make([]Term, 8), extra: make([]Term, 4), wantE: make([]Term, 4)}
		for i := range m.x {
			m.x[i], m.wantX[i] = Nil, Nil
		}
		for i := range m.extra {
			m.extra[i], m.wantE[i] = Nil, Nil
		}
		collections := 0
		for i := range steps {
			m.step()
			if need := m.r.Intn(30); m.h.NeedsCollection() || !m.h.HasRoom(need) || m.r.Intn(50) == 0 {
				m.h.Collect(need, Roots{X: m.x, Extra: m}, m.r.Intn(30) == 0)
				require.True(t, m.h.HasRoom(need))
				m.check()
				collections++
			}
			if i%2000 == 1999 { // a fresh arena with what is still needed
				fresh := NewArena()
				for _, ws := range [][]Term{m.wantX, m.wantE, m.wantY} {
					for j, w := range ws {
						if w != None {
							ws[j] = CopyTo(fresh, w)
						}
					}
				}
				m.model.Free()
				m.model = fresh
			}
		}
		require.Greater(t, collections, steps/100)
		m.model.Free()
		for i := range m.x {
			m.x[i] = Nil
		}
		for i := range m.extra {
			m.extra[i] = Nil
		}
		m.h.E = m.h.End
		m.h.Collect(0, Roots{X: m.x, Extra: m}, true)
		require.Equal(t, m.h.Start, m.h.Htop, "nothing survives without roots")
		require.Equal(t, before.Binaries, ReadMemoryStats().Binaries, "off-heap blocks are freed with their last holder")
		m.h.Free()
		require.Equal(t, before.Heaps, ReadMemoryStats().Heaps)
		require.Equal(t, before.Fragments, ReadMemoryStats().Fragments)
	}
}

func TestDeepTermsCollectWithoutRecursion(t *testing.T) {
	var h Heap
	defer h.Free()
	x := []Term{Nil}
	for range 1_000_000 {
		if !h.HasRoom(4) {
			h.Collect(4, Roots{X: x}, false)
		}
		x[0] = h.Tuple(h.Cons(x[0], Nil))
	}
	h.Collect(0, Roots{X: x}, true)
	n := 0
	for t := x[0]; t != Nil; t = t.Elem(0).Head() {
		n++
	}
	require.Equal(t, 1_000_000, n)
	require.NoError(t, h.Check())
}

func TestHeapShrinksAfterAFullCollection(t *testing.T) {
	var h Heap
	h.MaxMinor = DefaultMaxMinor
	defer h.Free()
	x := []Term{Nil}
	for i := range 500_000 {
		if !h.HasRoom(2) {
			h.Collect(2, Roots{X: x}, false)
		}
		x[0] = h.Cons(Int(i), x[0])
	}
	require.Greater(t, h.Words(), 1_000_000)
	x[0] = Nil
	h.Collect(0, Roots{X: x}, true)
	require.LessOrEqual(t, h.Words(), 256)
}

func TestWritableBinaryIsTrimmedWhenIdle(t *testing.T) {
	var h Heap
	h.MaxMinor = DefaultMaxMinor
	defer h.Free()
	x := []Term{h.Binary(nil)}
	for i := range 1000 {
		r, d, off := h.AppendBits(x[0], 8)
		WriteBits(d, off, 8, uint64(i))
		x[0] = r
		if i%100 == 0 {
			h.Collect(20, Roots{X: x}, false)
		}
	}
	before := ReadMemoryStats().Binaries
	h.Collect(0, Roots{X: x}, true)
	h.Collect(0, Roots{X: x}, true)
	require.Less(t, ReadMemoryStats().Binaries, before)
	data, _ := x[0].Bytes()
	require.Equal(t, 1000, len(data))
	require.Equal(t, byte(999&255), data[999])
}

// BenchmarkListBuild is a lists:seq that keeps everything: copying cost of a growing heap.
func BenchmarkListBuild(b *testing.B) {
	for range b.N {
		h := Heap{MaxMinor: DefaultMaxMinor}
		x := []Term{Nil}
		for i := range 1_000_000 {
			if !h.HasRoom(2) {
				h.Collect(2, Roots{X: x}, false)
			}
			x[0] = h.Cons(Int(i), x[0])
		}
		h.Free()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/cons")
}

// BenchmarkSmallCollections keeps a list of 30 cells alive in a small heap, as naive reverse does.
func BenchmarkSmallCollections(b *testing.B) {
	h := Heap{MaxMinor: DefaultMaxMinor}
	defer h.Free()
	x := []Term{Nil}
	for range b.N {
		x[0] = Nil
		for i := range 30 {
			if !h.HasRoom(2) {
				h.Collect(2, Roots{X: x}, false)
			}
			x[0] = h.Cons(Int(i), x[0])
		}
	}
}

// BenchmarkCopyWord measures a full collection of a tree, per word copied.
func BenchmarkCopyWord(b *testing.B) {
	h := Heap{MaxMinor: DefaultMaxMinor}
	defer h.Free()
	var tree func(d int) Term
	tree = func(d int) Term {
		if d == 0 {
			return Nil
		}
		return h.Tuple(tree(d-1), tree(d-1))
	}
	x := []Term{tree(16)}
	h.Collect(0, Roots{X: x}, true)
	b.ResetTimer()
	for range b.N {
		h.Collect(0, Roots{X: x}, true)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(h.Htop-h.Start)*8, "ns/word")
}

func BenchmarkMessage(b *testing.B) {
	h := NewArena()
	defer h.Free()
	msg := h.Tuple(AtomOk, h.Ref([3]uint32{1, 2, 3}), h.List(Int(1), Int(2), Int(3)))
	for range b.N {
		_, f := CopyMessage(msg)
		DropFragment(f)
	}
}

func BenchmarkSpawnHeap(b *testing.B) {
	var h Heap
	for range b.N {
		h.Collect(10, Roots{}, false)
		h.Free()
	}
}

func BenchmarkMapPut(b *testing.B) {
	for _, n := range []int{8, 30, 1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := Heap{MaxMinor: DefaultMaxMinor}
			defer h.Free()
			x := []Term{h.EmptyMap()}
			for i := range b.N {
				if h.NeedsCollection() || !h.HasRoom(100) {
					h.Collect(100, Roots{X: x}, false)
				}
				x[0] = h.MapPut(x[0], Int(i*7919%n), Int(i))
			}
		})
	}
}

func BenchmarkMapGet(b *testing.B) {
	for _, n := range []int{8, 30, 1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := NewArena()
			defer h.Free()
			var p []Term
			for i := range n {
				p = append(p, Int(i), Int(i))
			}
			m := h.MapFromPairs(p)
			for i := range b.N {
				MapGet(m, Int(i*7919%n))
			}
		})
	}
}
