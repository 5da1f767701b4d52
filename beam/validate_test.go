package beam

import (
	"math/rand"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gerl-lang/gerl/term"
)

// I makes an instruction.
func I(op Op, args ...Arg) Instr { return Instr{op, args} }

// module1 makes a module of one exported function f/2 whose body begins after entry label 2, and a local function g/1 that returns
// its argument, with entry label 51. Import 0 is erlang:'+'/2, 1 is lists:reverse/1, 2 is erlang:error/1, 3 is erlang:self/0,
// 4 is erlang:setelement/3, 5 is erlang:byte_size/1. Fun 0 is g with one free variable.
func module1(t testing.TB, body ...Instr) *Module {
	h := term.NewArena()
	name, f, g := term.Intern("m"), term.Intern("f"), term.Intern("g")
	b := NewBuilder(name, h)
	b.Export(f, 2, 2)
	b.Local(g, 1, 51)
	erl := term.AtomErlang
	for _, p := range []Import{{erl, term.AtomPlus, 2}, {term.AtomLists, term.Intern("reverse"), 1}, {erl, term.AtomError, 1},
		{erl, term.Intern("self"), 0}, {erl, term.Intern("setelement"), 3}, {erl, term.Intern("byte_size"), 1}} {
		b.Import(p.Module, p.Name, p.Arity)
	}
	b.Lambda(g, 1, 51, 1)
	b.Literal(h.Tuple(term.AtomOk, term.AtomOk))
	b.Text([]byte("abcd"))
	code := append([]Instr{I(OpLabel, U(1)), I(OpFuncInfo, Atom(name), Atom(f), U(2)), I(OpLabel, U(2))}, body...)
	code = append(code, I(OpLabel, U(50)), I(OpFuncInfo, Atom(name), Atom(g), U(1)), I(OpLabel, U(51)), I(OpReturn))
	for _, in := range code {
		b.Emit(in.Op, in.Args...)
	}
	m, err := b.Module(60)
	require.NoError(t, err)
	return m
}

// Each rule of the validator refuses code that breaks it, and only that: the same code put right is valid ("" below).
func TestRules(t *testing.T) {
	ret := I(OpReturn)
	frame := func(n int) Instr { return I(OpAllocate, U(n), U(2)) }
	drop := func(n int) Instr { return I(OpDeallocate, U(n)) }
	y0 := I(OpInitYregs, List(1), Y(0))
	str := term.Intern("string")
	for _, c := range []struct {
		rule string
		text string
		body []Instr
	}{
		{"x0 and x1 are arguments", "", []Instr{I(OpMove, X(1), X(0)), ret}},
		{"x2 is not", "x2 is not initialised", []Instr{I(OpMove, X(2), X(0)), ret}},
		{"code must not run on into the next function", "has no end", []Instr{I(OpMove, X(1), X(0))}},
		{"there are 1023 X registers", "no register x1023", []Instr{I(OpMove, X(0), X(1023)), ret}},
		{"a test dies with its registers", "x1 is not initialised", []Instr{I(OpTestHeap, U(0), U(1)), I(OpMove, X(1), X(0)), ret}},
		{"live registers are initialised", "x2 is not initialised", []Instr{I(OpTestHeap, U(0), U(3)), ret}},

		{"a frame must be dropped before return", "has 1 registers", []Instr{frame(1), ret}},
		{"a frame is dropped whole", "has 1 registers, not 2", []Instr{frame(1), drop(2), ret}},
		{"one frame at a time", "has 1 registers", []Instr{frame(1), frame(1)}},
		{"frames in balance", "", []Instr{frame(1), drop(1), ret}},
		{"Y registers need a frame", "no register y0", []Instr{I(OpMove, X(0), Y(0)), ret}},
		{"Y registers lie in the frame", "no register y1", []Instr{frame(1), I(OpMove, X(0), Y(1)), drop(1), ret}},
		{"a call needs a frame", "no stack frame", []Instr{I(OpCall, U(1), Label(51)), ret}},
		{"a call needs an initialised frame", "y0 is not initialised", []Instr{frame(1), I(OpCall, U(1), Label(51)), drop(1), ret}},
		{"a call with all that", "", []Instr{frame(1), y0, I(OpCall, U(1), Label(51)), drop(1), ret}},
		{"a call leaves x0 only", "x1 is not initialised", []Instr{frame(0), I(OpCall, U(1), Label(51)), I(OpMove, X(1), X(0)), drop(0), ret}},
		{"a call has the callee's arity", "2 arguments for g/1", []Instr{I(OpCallOnly, U(2), Label(51))}},
		{"a call goes to an entry", "not the entry", []Instr{I(OpCallOnly, U(1), Label(50))}},
		{"a jump stays in its function", "another function", []Instr{I(OpJump, Label(51))}},
		{"labels exist", "not defined", []Instr{I(OpJump, Label(9))}},
		{"an external call has the import's arity", "2 arguments", []Instr{I(OpCallExtOnly, U(2), U(1))}},
		{"external tail call", "", []Instr{I(OpCallExtOnly, U(1), U(1))}},
		{"trim keeps the frame's size in view", "not 3", []Instr{frame(2), I(OpTrim, U(1), U(2))}},
		{"trim moves registers down", "", []Instr{frame(2), I(OpMove, X(0), Y(1)), I(OpTrim, U(1), U(1)), I(OpMove, Y(0), X(0)), drop(1), ret}},
		{"paths meet with equal frames", "not the same on all paths", []Instr{I(OpIsAtom, Label(3), X(0)), frame(1), y0,
			I(OpLabel, U(3)), I(OpCallExtOnly, U(1), U(1))}},
		{"but not in front of what raises", "", []Instr{I(OpIsAtom, Label(3), X(0)), frame(1), y0,
			I(OpLabel, U(3)), I(OpCallExtOnly, U(1), U(2))}},
		{"paths meet with what both have", "x2 is not initialised", []Instr{I(OpIsAtom, Label(3), X(0)), I(OpMove, X(0), X(2)),
			I(OpLabel, U(3)), I(OpMove, X(2), X(0)), ret}},

		{"a cons takes two words", "2 words", []Instr{I(OpTestHeap, U(1), U(2)), I(OpPutList, X(0), X(1), X(0)), ret}},
		{"enough heap", "", []Instr{I(OpTestHeap, U(2), U(2)), I(OpPutList, X(0), X(1), X(0)), ret}},
		{"heap is used up", "3 words", []Instr{I(OpTestHeap, U(4), U(2)), I(OpPutList, X(0), X(1), X(0)), I(OpPutTuple2, X(0), List(2), X(0), X(1)), ret}},
		{"a BIF that allocates takes the reserve", "2 words", []Instr{I(OpTestHeap, U(2), U(2)), I(OpGcBif2, Label(0), U(2), U(0), X(0), X(1), X(0)),
			I(OpPutList, X(0), X(1), X(0)), ret}},
		{"self does not", "", []Instr{I(OpTestHeap, U(2), U(2)), I(OpBif0, U(3), X(0)), I(OpPutList, X(0), X(1), X(0)), ret}},
		{"a BIF's arity", "1 arguments", []Instr{I(OpGcBif1, Label(0), U(2), U(0), X(0), X(0)), ret}},
		{"a float needs room", "room for a float", []Instr{I(OpFconv, X(0), FR(0)), I(OpFmove, FR(0), X(0)), ret}},
		{"float registers are set", "fr1 is not set", []Instr{I(OpFconv, X(0), FR(0)), I(OpFadd, Label(0), FR(0), FR(1), FR(0)), ret}},
		{"a fun needs room", "room for a fun", []Instr{I(OpTestHeap, U(1), U(2)), I(OpMakeFun3, U(0), X(0), List(1), X(0)), ret}},
		{"a fun has its free variables", "0 values", []Instr{I(OpTestHeap, Alloc(1, 0, 1), U(2)), I(OpMakeFun3, U(0), X(0), List(0)), ret}},
		{"a fun", "", []Instr{I(OpTestHeap, Alloc(1, 0, 1), U(2)), I(OpMakeFun3, U(0), X(0), List(1), X(0)), ret}},

		{"a tag needs the handler's instruction", "does not begin with try_case", []Instr{frame(1), I(OpTry, Y(0), Label(3)), I(OpLabel, U(3)), I(OpTryEnd, Y(0)), drop(1), ret}},
		{"a tag is no term", "catch tag", []Instr{frame(1), I(OpCatch, Y(0), Label(3)), I(OpMove, Y(0), X(0)), I(OpLabel, U(3)), I(OpCatchEnd, Y(0)), drop(1), ret}},
		{"a tag is not overwritten", "holds a catch tag", []Instr{frame(1), I(OpCatch, Y(0), Label(3)), y0, I(OpLabel, U(3)), I(OpCatchEnd, Y(0)), drop(1), ret}},
		{"a tag is not dropped", "catch tag is in the frame", []Instr{frame(1), I(OpCatch, Y(0), Label(3)), drop(1), ret, I(OpLabel, U(3)), I(OpCatchEnd, Y(0)), drop(1), ret}},
		{"inner tags lie on top", "enclosing catch tag is in y0", []Instr{frame(2), I(OpCatch, Y(0), Label(3)), I(OpCatch, Y(1), Label(3)), I(OpLabel, U(3)), I(OpCatchEnd, Y(0)), drop(2), ret}},
		{"catch", "", []Instr{frame(1), I(OpCatch, Y(0), Label(3)), I(OpCall, U(1), Label(51)), I(OpLabel, U(3)), I(OpCatchEnd, Y(0)), drop(1), ret}},
		{"catch ends what catch began", "does not hold the tag", []Instr{frame(1), y0, I(OpCatchEnd, Y(0)), drop(1), ret}},
		{"a handler knows only what was there all along", "y1 is not initialised", []Instr{frame(2), I(OpTry, Y(0), Label(3)), I(OpMove, X(0), Y(1)), I(OpCall, U(1), Label(51)),
			I(OpTryEnd, Y(0)), drop(2), ret, I(OpLabel, U(3)), I(OpTryCase, Y(0)), I(OpMove, Y(1), X(0)), drop(2), ret}},
		{"a handler has three registers", "x3 is not initialised", []Instr{frame(1), I(OpTry, Y(0), Label(3)), I(OpCall, U(1), Label(51)),
			I(OpTryEnd, Y(0)), drop(1), ret, I(OpLabel, U(3)), I(OpTryCase, Y(0)), I(OpMove, X(3), X(0)), drop(1), ret}},

		{"a context is no term", "match context", []Instr{I(OpBsStartMatch3, Label(1), X(0), U(2), X(0)), ret}},
		{"a context of a bit string", "", []Instr{I(OpBsStartMatch3, Label(1), X(0), U(2), X(2)), I(OpBsGetTail, X(2), X(0), U(3)), ret}},
		{"a context is not put into a term", "match context", []Instr{I(OpBsStartMatch3, Label(1), X(0), U(2), X(2)), I(OpTestHeap, U(2), U(3)),
			I(OpPutList, X(2), X(1), X(0)), ret}},
		{"a context is not sent", "match context", []Instr{frame(0), I(OpBsStartMatch3, Label(3), X(0), U(2), X(1)), I(OpSend), drop(0), ret, I(OpLabel, U(3)), drop(0), ret}},
		{"a function that returns its argument takes no context", "match context", []Instr{I(OpBsStartMatch3, Label(1), X(0), U(2), X(0)), I(OpCallOnly, U(1), Label(51))}},
		{"strings lie in the table", "outside", []Instr{I(OpBsCreateBin, Label(0), U(0), U(2), U(1), X(0), List(6), Atom(str), U(0), U(8), Nil(), U(2), Int(3)), ret}},
		{"strings in the table", "", []Instr{I(OpBsCreateBin, Label(0), U(0), U(2), U(1), X(0), List(6), Atom(str), U(0), U(8), Nil(), U(1), Int(3)), ret}},
		{"match commands have their operands", "bad command", []Instr{I(OpBsStartMatch3, Label(1), X(0), U(2), X(2)), I(OpBsMatch, Label(1), X(2), List(2), Atom(str), U(1)), ret}},
		{"parts need a binary under construction", "no binary", []Instr{I(OpBsPutInteger, Label(0), Int(8), U(1), U(0), X(0)), ret}},

		{"set_tuple_element needs a new tuple", "setelement", []Instr{I(OpSetTupleElement, X(0), X(1), U(0)), ret}},
		{"a new tuple is old after a collection", "setelement", []Instr{frame(0), I(OpMove, X(0), X(2)), I(OpCallExt, U(3), U(4)), I(OpTestHeap, U(0), U(1)),
			I(OpSetTupleElement, Int(1), X(0), U(0)), drop(0), ret}},
		{"a new tuple", "", []Instr{frame(0), I(OpMove, X(0), X(2)), I(OpCallExt, U(3), U(4)), I(OpSetTupleElement, Int(1), X(0), U(0)), drop(0), ret}},
		{"choices have labels", "no label", []Instr{I(OpSelectVal, X(0), Label(1), List(2), Int(1), Int(2))}},
		{"updates lie in the tuple", "no element", []Instr{I(OpTestHeap, U(3), U(2)), I(OpUpdateRecord, Atom(str), U(2), X(0), X(0), List(2), U(3), Int(1)), ret}},
		{"a receive marker is reserved", "no receive marker", []Instr{I(OpRecvMarkerBind, X(0), X(1)), ret}},
		{"a loop without a call", "can loop from label 3 without a call", []Instr{I(OpLabel, U(3)), I(OpIsTuple, Label(3), X(0)), ret}},
		{"a jump back that is no loop", "", []Instr{I(OpIsTuple, Label(3), X(0)), I(OpLabel, U(4)), ret, I(OpLabel, U(3)), I(OpJump, Label(4))}},
		{"nothing comes after what raises", "", []Instr{I(OpJump, Label(3)), I(OpLabel, U(4)), I(OpRaise, X(0), X(0)), I(OpLabel, U(3)), I(OpIsAtom, Label(4), X(0)), ret}},
		{"a receive", "", []Instr{frame(0), I(OpLabel, U(3)), I(OpLoopRec, Label(4), X(0)), I(OpRemoveMessage), drop(0), ret, I(OpLabel, U(4)), I(OpWait, Label(3))}},
		{"a receive keeps no X registers", "x1 is not initialised", []Instr{frame(0), I(OpLabel, U(3)), I(OpLoopRec, Label(4), X(0)), I(OpRemoveMessage),
			I(OpMove, X(1), X(0)), drop(0), ret, I(OpLabel, U(4)), I(OpWait, Label(3))}},
	} {
		_, err := Validate(module1(t, c.body...))
		if c.text == "" {
			require.NoError(t, err, c.rule)
		} else {
			require.ErrorContains(t, err, c.text, c.rule)
		}
	}
}

// provedAt gives Proved for the first instruction of that sort.
func provedAt(t *testing.T, m *Module, op Op) bool {
	p, err := Validate(m)
	require.NoError(t, err)
	for i, in := range m.Code {
		if in.Op == op {
			require.True(t, p.Reached(i))
			return p.Proved(i)
		}
	}
	t.Fatal("no such instruction")
	return false
}

// Types come from tests, through copies of registers, and only as far as they hold.
func TestFacts(t *testing.T) {
	ret := I(OpReturn)
	el := func(i int) Instr { return I(OpGetTupleElement, X(0), U(i), X(0)) }
	for _, c := range []struct {
		rule string
		want bool
		op   Op
		body []Instr
	}{
		{"nothing is known of arguments", false, OpGetTupleElement, []Instr{el(0), ret}},
		{"is_tuple says nothing of elements", false, OpGetTupleElement, []Instr{I(OpIsTuple, Label(1), X(0)), el(0), ret}},
		{"test_arity does", true, OpGetTupleElement, []Instr{I(OpIsTuple, Label(1), X(0)), I(OpTestArity, Label(1), X(0), U(2)), el(1), ret}},
		{"up to the size", false, OpGetTupleElement, []Instr{I(OpIsTuple, Label(1), X(0)), I(OpTestArity, Label(1), X(0), U(2)), el(2), ret}},
		{"a copy is known as well", true, OpGetTupleElement, []Instr{I(OpMove, X(0), X(2)), I(OpIsTaggedTuple, Label(1), X(2), U(2), Atom(term.AtomOk)), el(1), ret}},
		{"a new value is not", false, OpGetTupleElement, []Instr{I(OpMove, X(0), X(2)), I(OpMove, X(1), X(0)),
			I(OpIsTaggedTuple, Label(1), X(2), U(2), Atom(term.AtomOk)), el(1), ret}},
		{"sizes join to the smaller", true, OpGetTupleElement, []Instr{I(OpIsTuple, Label(1), X(0)), I(OpSelectTupleArity, X(0), Label(1), List(4), U(2), Label(3), U(3), Label(3)),
			I(OpLabel, U(3)), el(1), ret}},
		{"and no further", false, OpGetTupleElement, []Instr{I(OpIsTuple, Label(1), X(0)), I(OpSelectTupleArity, X(0), Label(1), List(4), U(2), Label(3), U(3), Label(3)),
			I(OpLabel, U(3)), el(2), ret}},
		{"a literal", true, OpGetTupleElement, []Instr{I(OpMove, Lit(0), X(0)), el(1), ret}},
		{"equal to a literal", true, OpGetTupleElement, []Instr{I(OpIsEqExact, Label(1), X(0), Lit(0)), el(1), ret}},
		{"through a local call", true, OpGetTupleElement, []Instr{I(OpAllocate, U(0), U(2)), I(OpTestHeap, U(3), U(2)), I(OpPutTuple2, X(0), List(2), X(0), X(1)),
			I(OpCall, U(1), Label(53)), el(1), I(OpDeallocate, U(0)), ret,
			I(OpLabel, U(52)), I(OpFuncInfo, Atom(term.Intern("m")), Atom(term.Intern("h")), U(1)), I(OpLabel, U(53)),
			I(OpTestHeap, U(3), U(1)), I(OpPutTuple2, X(0), List(2), X(0), X(0)), ret}},
		{"not through one that returns its argument, which others may call", false, OpGetTupleElement, []Instr{I(OpAllocate, U(0), U(2)), I(OpTestHeap, U(3), U(2)),
			I(OpPutTuple2, X(0), List(2), X(0), X(1)), I(OpCall, U(1), Label(51)), el(1), I(OpDeallocate, U(0)), ret}},
		{"a list that is not empty", true, OpGetList, []Instr{I(OpIsNonemptyList, Label(1), X(0)), I(OpGetList, X(0), X(0), X(1)), ret}},
		{"a list is a cons if it is not []", true, OpGetHd, []Instr{I(OpIsList, Label(1), X(0)), I(OpIsNil, Label(3), X(0)), ret, I(OpLabel, U(3)), I(OpGetHd, X(0), X(0)), ret}},
		{"a loop joins with its start", false, OpGetTl, []Instr{I(OpAllocate, U(1), U(2)), I(OpMove, X(0), Y(0)),
			I(OpIsNonemptyList, Label(4), Y(0)), I(OpLabel, U(3)), I(OpGetTl, Y(0), Y(0)), I(OpLoopRecEnd, Label(3)), I(OpLabel, U(4)), I(OpDeallocate, U(1)), ret}},
	} {
		require.Equal(t, c.want, provedAt(t, module1(t, c.body...), c.op), c.rule)
	}
}

// mutate changes an instruction at random.
func mutate(r *rand.Rand, m *Module) {
	i := r.Intn(len(m.Code))
	in := &m.Code[i]
	switch r.Intn(6) {
	case 0:
		m.Code[i], m.Code[r.Intn(len(m.Code))] = m.Code[r.Intn(len(m.Code))], *in
	case 1:
		m.Code = append(m.Code[:i:i], m.Code[i+1:]...)
	case 2:
		other := m.Code[r.Intn(len(m.Code))]
		in.Args = other.Args
	default:
		if len(in.Args) == 0 {
			return
		}
		in.Args = append([]Arg(nil), in.Args...)
		a := &in.Args[r.Intn(len(in.Args))]
		switch r.Intn(4) {
		case 0:
			a.Val += int64(r.Intn(5) - 2)
		case 1:
			a.Val = int64(r.Intn(300))
		case 2:
			a.Val = r.Int63() - r.Int63()
		default:
			*a = Arg{Kind: ArgKind(r.Intn(14)), Val: int64(r.Intn(20)), Ext: uint32(r.Intn(3))}
		}
		if a.Kind == KindAtom {
			*a = Atom(term.AtomOk)
		}
	}
}

// Changed real modules are refused or valid; the validator neither panics nor hangs.
func TestMutatedModules(t *testing.T) {
	files := realFiles(t)
	seed := time.Now().UnixNano()
	r := rand.New(rand.NewSource(seed))
	refused, runs := 0, 0
	for begin := time.Now(); time.Since(begin) < time.Second; {
		data, err := os.ReadFile(files[r.Intn(len(files))])
		require.NoError(t, err)
		if len(data) > 200_000 {
			continue
		}
		m, err := Read(data)
		require.NoError(t, err)
		if len(m.Code) == 0 {
			continue
		}
		original := append([]Instr(nil), m.Code...)
		for range 20 {
			m.Code = append(m.Code[:0:0], original...)
			for range 1 + r.Intn(3) {
				mutate(r, m)
			}
			runs++
			func() {
				defer func() {
					if e := recover(); e != nil {
						t.Fatalf("seed %d, module %s: %v", seed, m.Name.AtomName(), e)
					}
				}()
				if m.index() != nil {
					refused++
				} else if _, err := Validate(m); err != nil {
					refused++
				}
			}()
		}
		m.Heap.Free()
	}
	t.Logf("%d mutations, %d refused", runs, refused)
	require.Greater(t, refused, runs/4)
}
