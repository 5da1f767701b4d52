package term

import (
	"bytes"
	"fmt"
	"math/big"
	"math/rand"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSizeClassesCoverAllSizes(t *testing.T) {
	for n := 1; n <= 1<<16; n++ {
		w := BlockWords(n)
		require.GreaterOrEqual(t, w, n)
		require.Equal(t, w, BlockWords(w), "a class contains its own size")
		if n > 8 {
			require.LessOrEqual(t, w, n+n/4+1)
		}
	}
}

func TestBlocksDoNotOverlapAndAreCounted(t *testing.T) {
	before := ReadMemoryStats()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewSource(int64(g)))
			type blk struct {
				a   uintptr
				n   int
				tag uint64
			}
			var live []blk
			for i := range 20000 {
				if len(live) > 0 && r.Intn(2) == 0 {
					k := r.Intn(len(live))
					b := live[k]
					if *(*uint64)(at(b.a)) != b.tag || *(*uint64)(at(b.a + uintptr(b.n-1)*8)) != b.tag {
						panic("block overwritten")
					}
					FreeBlock(b.a, b.n)
					live[k] = live[len(live)-1]
					live = live[:len(live)-1]
					continue
				}
				n := 2 + r.Intn(60)
				if i%500 == 0 {
					n = 1 + r.Intn(1<<16)
				}
				b := blk{NewBlock(n), n, uint64(g)<<32 | uint64(i)}
				*(*uint64)(at(b.a)) = b.tag
				*(*uint64)(at(b.a + uintptr(n-1)*8)) = b.tag
				live = append(live, b)
			}
			for _, b := range live {
				FreeBlock(b.a, b.n)
			}
		}()
	}
	wg.Wait()
	require.Equal(t, before.Heaps, ReadMemoryStats().Heaps)
	ReleaseMemory()
	require.LessOrEqual(t, ReadMemoryStats().Mapped, before.Mapped+8<<20, "memory goes back to the system")
}

func TestMemoryLimitPanicsBeforeAnythingChanges(t *testing.T) {
	var seen *MemoryLimitError
	SetMemoryLimit(ReadMemoryStats().Mapped+4<<20, func(e *MemoryLimitError) { seen = e })
	defer SetMemoryLimit(0, nil)
	require.Panics(t, func() { NewBlock(64 << 20) })
	require.NotNil(t, seen)
	require.Contains(t, seen.Error(), "limit")
}

// randBits makes n random bits at a random offset inside a bigger buffer on the heap.
func randBits(r *rand.Rand, h *Heap, n int) (Term, string) {
	off := r.Intn(9)
	buf := make([]byte, (off+n+7)/8+1)
	r.Read(buf)
	whole := h.Bits(buf, len(buf)*8)
	s := ""
	for i := off; i < off+n; i++ {
		s += string('0' + rune(buf[i/8]>>(7-i%8)&1))
	}
	return h.SubBits(whole, off, n), s
}

func bitString(t Term) string {
	b, ok := BitsOf(t)
	if !ok {
		return "?"
	}
	s := ""
	for i := range b.Len {
		s += string('0' + rune(ReadBits(b.Data, b.Off+i, 1)))
	}
	return s
}

func TestBitPrimitivesAgreeWithStrings(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	h := NewArena()
	defer h.Free()
	for range 3000 {
		n := r.Intn(200)
		if r.Intn(10) == 0 {
			n = 500 + r.Intn(400)
		}
		x, s := randBits(r, h, n)
		require.Equal(t, s, bitString(x))
		if n > 0 {
			k := r.Intn(min(n, 64) + 1)
			o := r.Intn(n - k + 1)
			b, _ := BitsOf(x)
			want, _ := new(big.Int).SetString("0"+s[o:o+k], 2)
			require.Equal(t, want.Uint64(), ReadBits(b.Data, b.Off+o, k))
		}
		m := r.Intn(150)
		y, s2 := randBits(r, h, m)
		cat, data := h.NewBits(n + m)
		bx, _ := BitsOf(x)
		by, _ := BitsOf(y)
		CopyBits(data, 0, bx.Data, bx.Off, n)
		CopyBits(data, n, by.Data, by.Off, m)
		require.Equal(t, s+s2, bitString(cat))
		sign := 0
		if s < s2 {
			sign = -1
		} else if s > s2 {
			sign = 1
		}
		require.Equal(t, sign, bx.Compare(by), "%s %s", s, s2)
		require.Equal(t, x, x)
		require.True(t, ExactEqual(cat, CopyTo(h, cat)))
	}
}

func TestAppendIsInPlaceOnlyForTheLatest(t *testing.T) {
	h := NewArena()
	defer h.Free()
	app := func(x Term, s string) Term {
		r, data, off := h.AppendBits(x, len(s)*8)
		for i := range len(s) {
			WriteBits(data, off+i*8, 8, uint64(s[i]))
		}
		return r
	}
	str := func(x Term) string { b, _ := x.Bytes(); return string(b) }
	a := app(h.Binary([]byte("abc")), "def")
	b := app(a, "ghi")
	c := app(a, "XYZ")
	d := app(b, "jkl")
	require.Equal(t, []string{"abcdef", "abcdefghi", "abcdefXYZ", "abcdefghijkl"}, []string{str(a), str(b), str(c), str(d)})
	msg, frag := CopyMessage(d)
	e := app(d, "mno")
	big := e
	for range 2000 {
		big = app(big, "0123456789")
	}
	require.Equal(t, "abcdefghijkl", str(msg))
	require.Equal(t, "abcdefghijklmno", str(e))
	require.Equal(t, 20015, len(str(big)))
	DropFragment(frag)
}

type releaseCounter struct{ n *int }

func (r releaseCounter) Release() { *r.n++ }

func TestResourceIsReleasedWithItsLastHolder(t *testing.T) {
	n := 0
	h := NewArena()
	ref := h.MagicRef([3]uint32{1, 2, 3}, releaseCounter{&n})
	_, ok := MagicResource(ref)
	require.True(t, ok)
	msg, frag := CopyMessage(h.Tuple(AtomOk, ref))
	h.Free()
	require.Equal(t, 0, n)
	_, ok = MagicResource(msg.Elem(1))
	require.True(t, ok)
	DropFragment(frag)
	require.Equal(t, 1, n)
	require.Equal(t, 0, ResourceCount())
}

func TestLiteralsAreSharedByMessages(t *testing.T) {
	h := NewArena()
	defer h.Free()
	terms := []Term{h.List(Int(1), Int(2)), AtomOk, h.Binary(bytes.Repeat([]byte("x"), 100))}
	area := CopyLiterals(terms)
	require.True(t, IsLiteral(terms[0]) && IsLiteral(terms[2]) && !IsLiteral(terms[1]))
	require.True(t, area.Contains(terms[0]))
	x := h.Tuple(terms[0], h.Float(1.5), terms[2])
	require.Equal(t, 4+2, MessageSize(x))
	m, frag := CopyMessage(x)
	require.Equal(t, terms[0], m.Elem(0))
	all := CopyTo(h, x)
	require.False(t, IsLiteral(all.Elem(0)))
	require.True(t, ExactEqual(x, all))
	DropFragment(frag)
	area.Free()
	require.Equal(t, int64(0), literalBytes())
}

func TestDeepTermsCopyWithoutRecursion(t *testing.T) {
	h := NewArena()
	defer h.Free()
	x := Nil
	for range 3_000_000 {
		x = h.Tuple(x)
	}
	require.Equal(t, 6_000_000, Size(x))
	m, frag := CopyMessage(x)
	n := 0
	for m != Nil {
		m = m.Elem(0)
		n++
	}
	require.Equal(t, 3_000_000, n)
	DropFragment(frag)
}

func mapKey(h *Heap, i int) Term {
	switch i % 4 {
	case 0:
		return Int(i)
	case 1:
		return h.Tuple(Int(i), AtomOk)
	case 2:
		return h.Binary(fmt.Appendf(nil, "key %d", i))
	}
	return h.Float(float64(i))
}

// TestMapsAgreeWithGoMaps runs random operations on Erlang maps of all sizes beside a Go map, with the full
// hash and with one so short that keys collide.
func TestMapsAgreeWithGoMaps(t *testing.T) {
	for _, mask := range []uint64{1<<keyHashBits - 1, 0xF, 0} {
		keyHashMask = mask
		r := rand.New(rand.NewSource(7))
		for _, keys := range []int{10, 40, 300} {
			h := NewArena()
			m := h.EmptyMap()
			model := map[int]int{}
			for step := range 3000 {
				i := r.Intn(keys)
				switch r.Intn(4) {
				case 0, 1:
					m = h.MapPut(m, mapKey(h, i), Int(step))
					model[i] = step
				case 2:
					m = h.MapRemove(m, mapKey(h, i))
					delete(model, i)
				default:
					v, ok := MapGet(m, mapKey(h, i))
					w, in := model[i]
					require.Equal(t, in, ok)
					if ok {
						require.Equal(t, w, v.Small())
					}
					_, up := h.MapUpdate(m, mapKey(h, i), AtomOk)
					require.Equal(t, in, up)
				}
				require.Equal(t, len(model), MapSize(m))
			}
			var pairs []Term
			for i, v := range model {
				pairs = append(pairs, mapKey(h, i), AtomFalse, mapKey(h, i), Int(v))
			}
			fresh := h.MapFromPairs(pairs)
			sameOrder(t, m, fresh)
			var walked []Term
			for pos, done := None, false; !done; {
				var p []Term
				p, pos, done = h.MapNext(m, pos, 1+r.Intn(5))
				walked = append(walked, p...)
			}
			require.Equal(t, MapPairs([]Term{}, m), append([]Term{}, walked...))
			half, other := h.EmptyMap(), h.EmptyMap()
			for i, v := range model {
				if i%3 != 0 {
					half = h.MapPut(half, mapKey(h, i), AtomOk)
				}
				if i%3 != 1 {
					other = h.MapPut(other, mapKey(h, i), Int(v))
				}
				if i%3 == 1 {
					half = h.MapPut(half, mapKey(h, i), Int(v))
				}
			}
			sameOrder(t, m, h.MapMerge(half, other))
			h.Free()
		}
	}
	keyHashMask = 1<<keyHashBits - 1
}

func sameOrder(t *testing.T, a, b Term) {
	t.Helper()
	x, y := MapPairs(nil, a), MapPairs(nil, b)
	require.Equal(t, len(x), len(y))
	for i := range x {
		require.True(t, ExactEqual(x[i], y[i]), "place %d", i)
	}
	require.True(t, ExactEqual(a, b))
}

func TestIOData(t *testing.T) {
	h := NewArena()
	defer h.Free()
	x := h.ListTail([]Term{Int('a'), h.List(h.Binary([]byte("bc")), Nil, h.List(Int('d')))}, h.Binary([]byte("e")))
	data, ok := IOListBytes(x)
	require.True(t, ok)
	require.Equal(t, "abcde", string(data))
	n, ok := IOListSize(x)
	require.True(t, ok)
	require.Equal(t, 5, n)
	for _, bad := range []Term{h.List(Int(256)), h.List(Int(-1)), h.ListTail([]Term{Int(1)}, Int(2)), h.List(AtomOk), h.Bits([]byte{1}, 3), AtomOk} {
		_, ok := IOListBytes(bad)
		require.False(t, ok)
		_, ok = IOListSize(bad)
		require.False(t, ok)
	}
	s, ok := CharsText(h.List(Int(0x20AC), h.Binary([]byte("ü")), h.List(Int('x'))))
	require.True(t, ok)
	require.Equal(t, "€üx", s)
	_, ok = CharsText(h.List(Int(0xD800)))
	require.False(t, ok)
}
