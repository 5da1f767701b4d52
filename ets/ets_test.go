package ets

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/scheduler"
	"github.com/gerl-lang/gerl/term"
)

func newProcess(pid uint64) *proc.Process {
	sys := proc.NewSystem(proc.Config{Scheduler: scheduler.Config{Workers: 1}})
	Install(sys)
	return proc.Unborn(sys, term.Pid(pid), term.NewArena())
}

func newTable(p *proc.Process, ty Type) *Table {
	return Of(p.Sys).New(p, term.Intern("t"), Options{Type: ty, KeyPos: 1})
}

// model is a table as a plain list of objects.
type model struct {
	ty   Type
	objs []term.Term
}

func (m *model) sameKey(a, b term.Term) bool {
	if m.ty == OrderedSet {
		return term.Equal(a, b)
	}
	return term.ExactEqual(a, b)
}

func (m *model) insert(x term.Term) {
	for i, y := range m.objs {
		switch {
		case (m.ty == Set || m.ty == OrderedSet) && m.sameKey(x.Elem(0), y.Elem(0)):
			m.objs[i] = x
			return
		case m.ty == Bag && term.ExactEqual(x, y):
			return
		}
	}
	m.objs = append(m.objs, x)
}

func (m *model) remove(hit func(x term.Term) bool) { m.objs = slices.DeleteFunc(m.objs, hit) }

func (m *model) lookup(k term.Term) (out []term.Term) {
	for _, x := range m.objs {
		if m.sameKey(x.Elem(0), k) {
			out = append(out, x)
		}
	}
	return out
}

func sorted(ts []term.Term) string {
	ts = slices.Clone(ts)
	slices.SortFunc(ts, term.CompareKeys)
	return fmt.Sprint(ts)
}

// Random operations on a table of each type have the same outcome as on a list, with and without fixing.
func TestTablesAgainstModel(t *testing.T) {
	for _, ty := range []Type{Set, OrderedSet, Bag, DuplicateBag} {
		p := newProcess(1)
		h := &p.Heap
		r := rand.New(rand.NewSource(int64(ty) + 1))
		tab, m := newTable(p, ty), &model{ty: ty}
		key := func() term.Term {
			n := r.Intn(40)
			switch r.Intn(4) {
			case 0:
				return h.Float(float64(n))
			case 1:
				return h.Tuple(term.Int(n), h.Chars("key"))
			}
			return term.Int(n)
		}
		fixed := 0
		for i := range 8000 {
			x := h.Tuple(key(), term.Int(r.Intn(3)))
			k := x.Elem(0)
			switch r.Intn(9) {
			case 0, 1, 2:
				tab.Insert([]term.Term{x})
				m.insert(x)
			case 3:
				tab.DeleteKey(k)
				m.remove(func(y term.Term) bool { return m.sameKey(y.Elem(0), k) })
			case 4:
				tab.DeleteObject(x)
				m.remove(func(y term.Term) bool { return term.ExactEqual(x, y) })
			case 5:
				if got, want := fmt.Sprint(tab.Lookup(h, k)), fmt.Sprint(h.List(m.lookup(k)...)); got != want {
					t.Fatalf("type %d, step %d: lookup(%v) = %s, want %s", ty, i, k, got, want)
				}
			case 6:
				ok := tab.InsertNew([]term.Term{x})
				if ok != (len(m.lookup(k)) == 0) {
					t.Fatalf("insert_new(%v) = %v", x, ok)
				}
				if ok {
					m.insert(x)
				}
			case 7:
				if fixed > 0 && r.Intn(2) == 0 {
					Of(p.Sys).Fix(p, tab, false)
					fixed--
				} else if fixed < 3 {
					Of(p.Sys).Fix(p, tab, true)
					fixed++
				}
			case 8:
				got := tab.Take(h, k)
				if fmt.Sprint(got) != fmt.Sprint(m.lookup(k)) {
					t.Fatalf("take(%v) = %v", k, got)
				}
				m.remove(func(y term.Term) bool { return m.sameKey(y.Elem(0), k) })
			}
			if tab.Size() != len(m.objs) {
				t.Fatalf("type %d, step %d: size %d, want %d", ty, i, tab.Size(), len(m.objs))
			}
			if i%500 == 0 {
				var objects []term.Term
				tab.scan(nil, false, false, func(o object) { objects = append(objects, term.CopyTo(h, o.t)) }, nil)
				if got, want := sorted(objects), sorted(m.objs); got != want {
					t.Fatalf("type %d: objects %s, want %s", ty, got, want)
				}
			}
		}
	}
}

// A traversal of a fixed table meets every key that stays, and none twice, while others come and go.
func TestTraversalOfFixedTable(t *testing.T) {
	for _, ty := range []Type{Set, OrderedSet, Bag} {
		p := newProcess(1)
		h := &p.Heap
		tab := newTable(p, ty)
		for i := range 1000 {
			tab.Insert([]term.Term{h.Tuple(term.Int(i))})
		}
		Of(p.Sys).Fix(p, tab, true)
		seen := map[term.Term]int{}
		k, _, ok, _ := tab.Next(h, term.None, false, false)
		for ok {
			seen[k]++
			if k.Small()%3 == 0 {
				tab.DeleteKey(k) // the one we stand on
			}
			tab.DeleteKey(term.Int(k.Small()/3*3 + 3))
			tab.Insert([]term.Term{h.Tuple(term.Int(5000 + k.Small()%50))})
			var known bool
			if k, _, ok, known = tab.Next(h, k, false, false); !known {
				t.Fatalf("type %d: lost its place", ty)
			}
		}
		for i := range 1000 {
			if want := 1; i%3 != 0 && seen[term.Int(i)] != want {
				t.Errorf("type %d: key %d seen %d times", ty, i, seen[term.Int(i)])
			}
		}
		Of(p.Sys).Fix(p, tab, false)
	}
}

// parse reads the small terms of the tests: numbers, atoms, tuples and lists.
func parse(h *term.Heap, s string) (t term.Term, rest string) {
	list := func(s string, end byte) (ts []term.Term, rest string) {
		for s[0] != end {
			t, s = parse(h, strings.TrimPrefix(s, ","))
			ts = append(ts, t)
		}
		return ts, s[1:]
	}
	switch s[0] {
	case '{':
		ts, rest := list(s[1:], '}')
		return h.Tuple(ts...), rest
	case '[':
		ts, rest := list(s[1:], ']')
		return h.List(ts...), rest
	}
	n := strings.IndexAny(s, ",}]")
	if n < 0 {
		n = len(s)
	}
	word, rest := s[:n], s[n:]
	if v, _, ok := h.ParseInt([]byte(word), 10); ok {
		return v, rest
	}
	if f, ok := term.ParseFloat([]byte(word)); ok {
		return h.Float(f), rest
	}
	return term.Intern(word), rest
}

// Match specifications: results recorded from OTP 29 for the ordered table {x,1}, {y,2}, {z,3.0}, {a,b} with key position 2.
func TestMatchSpecifications(t *testing.T) {
	p := newProcess(1)
	h := &p.Heap
	tab := Of(p.Sys).New(p, term.Intern("t"), Options{Type: OrderedSet, KeyPos: 2})
	for _, s := range []string{"{x,1}", "{y,2}", "{z,3.0}", "{a,b}"} {
		x, _ := parse(h, s)
		tab.Insert([]term.Term{x})
	}
	for _, c := range []struct{ spec, want string }{
		{"[{{$1,$2},[],[$_]}]", "[{x,1} {y,2} {z,3.0} {a,b}]"},
		{"[{{$1,$2},[{>,$2,1}],[$$]}]", "[[y,2] [z,3.0] [a,b]]"},
		{"[{{$1,$2},[],[{{$2,$1}}]}]", "[{1,x} {2,y} {3.0,z} {b,a}]"},
		{"[{{$1,$2},[],[{+,$1,1}]}]", "['EXIT' 'EXIT' 'EXIT' 'EXIT']"},
		{"[{{$1,$2},[{+,$1,1}],[$1]}]", "[]"},
		{"[{{$1,$2},[foo],[$1]}]", "[]"},
		{"[{{$1,$2},[true],[foo,bar]}]", "[bar bar bar bar]"},
		{"[{{$1,$2},[],[]}]", "bad"},
		{"[{{$1,$2},[{foo,1}],[$1]}]", "bad"},
		{"[{{$1,$2},[],[$3]}]", "bad"},
		{"[{{$1,$2},[],[{const,$1}]}]", "['$1' '$1' '$1' '$1']"},
		{"[{{$1,$2},[{andalso,true,{==,$2,3}}],[{self}]}]", "[<0.1.0>]"},
		{"[{{$1,$2},[{orelse,false,foo}],[$1]}]", "[]"},
		{"[{{$1,$2},[{is_record,$_,x}],[$1]}]", "bad"},
		{"[{{$1,$2},[{is_record,$_,x,2}],[{size,$_}]}]", "[2]"},
		{"[{{$1,$2},[],[{foo,bar}]}]", "bad"},
		{"[{{$1,$2},[],[{}]}]", "bad"},
		{"[{{$1,$2},[],[{{}}]}]", "[{} {} {} {}]"},
		{"[]", "[]"}, {"foo", "bad"}, {"[foo]", "bad"},
		{"[{{$1},[],[$1]},{{$1,$2},[],[$2]}]", "[1 2 3.0 b]"},
		{"[{_,[],[$_]}]", "[{x,1} {y,2} {z,3.0} {a,b}]"},
		{"[{{$1,$1},[],[$1]}]", "[]"},
		{"[{{$100000000000,_},[],[$100000000000]}]", "[x y z a]"},
		{"[{{$1,2},[],[$1]}]", "[y]"},
		{"[{{$1,2.0},[],[$1]}]", "[]"}, // the key is found, but the pattern is exact
		{"[{{$9,$2},[],[$$]}]", "[[1,x] [2,y] [3.0,z] [b,a]]"},
	} {
		spec, _ := parse(h, c.spec)
		got := "bad"
		if prog, err := Compile(spec); err == nil {
			r := prog.NewRunner(h, p.Pid, term.AtomNonodeNohost)
			res, _, _ := tab.Select(r, Cursor{}, 0, false)
			got = fmt.Sprint(res)
			r.Close()
			prog.Release()
		}
		if got != c.want {
			t.Errorf("%s gives %s, want %s", c.spec, got, c.want)
		}
	}
}

// Selecting in pieces gives the same as selecting at once, in both directions.
func TestSelectInPieces(t *testing.T) {
	for _, ty := range []Type{Set, OrderedSet, DuplicateBag} {
		for _, back := range []bool{false, true} {
			p := newProcess(1)
			h := &p.Heap
			tab := newTable(p, ty)
			for i := range 200 {
				tab.Insert([]term.Term{h.Tuple(term.Int(i % 150))})
			}
			spec, _ := parse(h, "[{{$1},[{>,$1,20}],[$1]}]")
			prog, err := Compile(spec)
			if err != nil {
				t.Fatal(err)
			}
			r := prog.NewRunner(h, p.Pid, term.AtomNonodeNohost)
			all, _, _ := tab.Select(r, Cursor{}, 0, back)
			var pieces []term.Term
			c, done := Cursor{}, false
			for !done {
				var l []term.Term
				l, c, done = tab.Select(r, c, 7, back)
				pieces = append(pieces, l...)
			}
			if fmt.Sprint(all) != fmt.Sprint(pieces) {
				t.Errorf("type %d: %v\nin pieces: %v", ty, all, pieces)
			}
			r.Close()
		}
	}
}

// inUse is the memory in fragments and off-heap blocks in bytes.
func inUse() int64 {
	m := term.ReadMemoryStats()
	return m.Fragments + m.Binaries
}

// Tables give all their memory back.
func TestTablesFreeTheirMemory(t *testing.T) {
	p := newProcess(1)
	h := &p.Heap
	use := func() {
		for _, ty := range []Type{Set, OrderedSet, Bag, DuplicateBag} {
			tab := newTable(p, ty)
			for i := range 300 {
				tab.Insert([]term.Term{h.Tuple(term.Int(i%100), h.Binary(make([]byte, 200)), h.Chars("text"))})
			}
			tab.DeleteKey(term.Int(5))
			Of(p.Sys).Delete(tab)
		}
	}
	use()
	h.Free()
	*h = *term.NewArena()
	before := inUse()
	use()
	h.Free()
	if after := inUse(); after != before {
		t.Errorf("memory before %d, after %d", before, after)
	}
}

// Several processes read, write, traverse and fix one table at the same time; the race detector and the memory under it have the
// last word, the counters must add up.
func TestConcurrentUse(t *testing.T) {
	for _, ty := range []Type{Set, OrderedSet, Bag} {
		owner := newProcess(1)
		ts := Of(owner.Sys)
		tab := ts.New(owner, term.Intern("t"), Options{Type: ty, Access: Public, KeyPos: 1})
		counter := ts.New(owner, term.Intern("c"), Options{Type: Set, Access: Public, KeyPos: 1})
		counter.Insert([]term.Term{owner.Heap.Tuple(term.Int(0), term.Int(0))})
		const workers, rounds = 6, 1500
		var wg sync.WaitGroup
		for w := range workers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				p := proc.Unborn(owner.Sys, term.Pid(uint64(w+10)), term.NewArena())
				h := &p.Heap
				spec, _ := parse(h, "[{{$1,$2},[{>,$1,20}],[{{$2,$1}}]}]")
				prog, err := Compile(spec)
				if err != nil {
					t.Error(err)
					return
				}
				defer prog.Release()
				r := rand.New(rand.NewSource(int64(w)))
				for i := range rounds {
					k := term.Int(r.Intn(60))
					switch r.Intn(7) {
					case 0, 1:
						tab.Insert([]term.Term{h.Tuple(k, h.Chars("value"))})
					case 2:
						tab.DeleteKey(k)
					case 3:
						_ = fmt.Sprint(tab.Lookup(h, k))
					case 4:
						run := prog.NewRunner(h, p.Pid, term.AtomNonodeNohost)
						tab.Select(run, Cursor{}, 0, false)
						run.Close()
					case 5:
						ts.Fix(p, tab, true)
						for k, _, ok, _ := tab.Next(h, term.None, false, false); ok; k, _, ok, _ = tab.Next(h, k, false, false) {
							_ = k
						}
						ts.Fix(p, tab, false)
					case 6:
						_ = tab.Take(h, k)
					}
					counter.Update(term.Int(0), term.None, h, func(h *term.Heap, x term.Term) term.Term {
						return h.Tuple(x.Elem(0), term.Int(x.Elem(1).Small()+1))
					})
					if i%100 == 0 {
						h.Free()
						*h = *term.NewArena()
						spec = term.None
					}
				}
			}()
		}
		wg.Wait()
		if got := fmt.Sprint(counter.Lookup(&owner.Heap, term.Int(0))); got != fmt.Sprintf("[{0,%d}]", workers*rounds) {
			t.Errorf("type %d: counter %s", ty, got)
		}
		if since, _, by := tab.Fixed(); len(by) != 0 {
			t.Errorf("still fixed since %d by %v", since, by)
		}
	}
}

// A panic in the midst of a traversal leaves the table unlocked and unfixed: whoever reports it may look at the table.
func TestPanicDuringTraversal(t *testing.T) {
	for _, ty := range []Type{Set, OrderedSet, Bag} {
		for _, n := range []int{10, 3 * piece} {
			for _, write := range []bool{false, true} {
				p := newProcess(1)
				tab := newTable(p, ty)
				for i := range n {
					tab.Insert([]term.Term{p.Heap.Tuple(term.Int(i))})
				}
				require.PanicsWithValue(t, "fault", func() {
					tab.scan(nil, false, write, func(object) { panic("fault") }, nil)
				})
				require.True(t, tab.mu.TryLock())
				tab.mu.Unlock()
				require.Equal(t, n, tab.Size())
			}
		}
	}
}

// A table that is given to a process which has just ended, and has looked for its tables already, is deleted and stays nobody's.
func TestGiveToTheDead(t *testing.T) {
	p, dead := newProcess(1), term.Pid(77)
	ts := Of(p.Sys)
	tab := newTable(p, Set)
	ts.Give(p, tab, dead, term.Nil)
	if ts.Find(tab.Ref(&p.Heap)) != nil || len(ts.owned) != 0 {
		t.Errorf("the table is still there; owners: %v", ts.owned)
	}
}
