package term

import (
	"math/rand"
	"testing"
)

// wordsOf is Size by plain recursion, except that literals for which stays is true count nothing.
func wordsOf(t Term, stays func(Term) bool) int {
	switch {
	case !t.IsCons() && !t.IsBoxed() || stays(t):
		return 0
	case t.IsCons():
		return 2 + wordsOf(t.Head(), stays) + wordsOf(t.Tail(), stays)
	}
	hdr := *t.Words()
	switch hdr & SubMask {
	case SubBits, SubMatch:
		return bitsCopyWords(t)
	}
	n := 1 + payload(hdr)
	if raw := int(rawWords[hdr&SubMask>>2]); raw != allRaw {
		for i := 1 + raw; i <= payload(hdr); i++ {
			n += wordsOf(Term(t.Word(i)), stays)
		}
	}
	return n
}

// Rule: the sizes of random terms, some of whose parts are literals, are right, and each way of copying gives an equal term that takes so much.
func TestSizesAndCopiesOfRandomTerms(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	for range 3000 {
		h := NewArena()
		parts := []Term{randomTerm(h, rng, 4), randomTerm(h, rng, 3), h.Binary(make([]byte, rng.Intn(200)))}
		var area *LiteralArea
		if rng.Intn(2) == 0 {
			area = CopyLiterals(parts)
		}
		x := h.Tuple(randomTerm(h, rng, 4), parts[0], h.List(parts[1], randomTerm(h, rng, 3)), parts[2], h.Ref([3]uint32{rng.Uint32() & (1<<18 - 1), rng.Uint32(), 0}))
		if got, want := Size(x), wordsOf(x, func(Term) bool { return false }); got != want {
			t.Fatalf("%d words instead of %d: %s", got, want, Format(x))
		}
		words := wordsOf(x, IsLiteral)
		if got := MessageSize(x); got != words {
			t.Fatalf("%d words in a message instead of %d: %s", got, words, Format(x))
		}
		m, frag := CopyMessage(x)
		if !ExactEqual(m, x) || FragmentWords(frag) != words {
			t.Fatalf("the message has %d words instead of %d: %s", FragmentWords(frag), words, Format(m))
		}
		to := NewArena()
		if all := CopyTo(to, x); !ExactEqual(all, x) || MessageSize(all) != Size(x) {
			t.Fatalf("the copy has literals or is another term: %s", Format(all))
		}
		to.Free()
		young := &Heap{}
		young.Begin(words + 2*StackReserve)
		before := young.Htop
		switch short, ok := CopyShort(young, x, 128); {
		case !ok && young.Htop != before:
			t.Fatal("what could not be copied takes room")
		case ok && (!ExactEqual(short, x) || int(young.Htop-before) != words*WordBytes || words > 128):
			t.Fatalf("%d bytes instead of %d words: %s", young.Htop-before, words, Format(short))
		}
		if err := young.Check(); err != nil {
			t.Fatal(err)
		}
		young.Free()
		DropFragment(frag)
		h.Free()
		if area != nil {
			area.Free()
		}
	}
}
