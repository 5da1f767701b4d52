package term

import (
	"bytes"
	"math"
	"math/big"
	"slices"
	"strings"
	"sync/atomic"
)

// The orders of terms. Standard order: number < atom < reference < fun < port < pid < tuple < native record <
// map < [] < list < bitstring; numbers by value, an integer equal to a float of the same value. The order of
// map keys is the same but for numbers: every integer is less than every float, and -0.0 less than 0.0.

const (
	rankNumber = iota
	rankAtom
	rankRef
	rankFun
	rankPort
	rankPid
	rankTuple
	rankRecord
	rankMap
	rankNil
	rankList
	rankBits
)

func orderRank(t Term) int {
	switch t & TagMask {
	case TagCons:
		return rankList
	case TagImm:
		switch t & Imm1Mask {
		case TagSmall:
			return rankNumber
		case TagPid:
			return rankPid
		case TagPort:
			return rankPort
		}
		if t.IsAtom() {
			return rankAtom
		}
		return rankNil
	}
	switch *t.Words() & SubMask {
	case SubTuple:
		return rankTuple
	case SubPosBig, SubNegBig, SubFloat:
		return rankNumber
	case SubRef, SubExtRef:
		return rankRef
	case SubFun, SubExport:
		return rankFun
	case SubExtPid:
		return rankPid
	case SubExtPort:
		return rankPort
	case SubRecord:
		return rankRecord
	case SubMap:
		return rankMap
	}
	return rankBits
}

// Compare gives the standard order of a and b: -1, 0 or 1. 1 and 1.0 compare equal.
func Compare(a, b Term) int {
	if a == b {
		return 0
	}
	if bothSmall(a, b) {
		return cmpInt(int64(a), int64(b))
	}
	if a.IsFloat() && b.IsFloat() {
		return cmpFloat(a.FloatVal(), b.FloatVal())
	}
	if c, ok := compareBytes(a, b); ok {
		return c
	}
	return compare(a, b, false)
}

// compareBytes is the order of two binaries that begin at a byte, which needs no stack.
func compareBytes(a, b Term) (c int, ok bool) {
	if !a.IsBoxed() || !b.IsBoxed() {
		return 0, false
	}
	x, ok := plainBytes(a)
	if !ok {
		return 0, false
	}
	y, ok := plainBytes(b)
	if !ok {
		return 0, false
	}
	return bytes.Compare(x, y), true
}

// plainBytes is Bytes without copying.
func plainBytes(t Term) ([]byte, bool) {
	switch *t.Words() & SubMask {
	case SubHeapBits:
		n := int(t.Word(1))
		return bytesAt(t.Addr()+2*WordBytes, n>>3), n&7 == 0
	case SubBits:
		b := windowBits(t)
		return bytesAt(b.Data+uintptr(b.Off>>3), b.Len>>3), b.Off&7 == 0 && b.Len&7 == 0
	}
	return nil, false
}

// CompareKeys gives the order of map keys: -1, 0 or 1; 0 means a =:= b.
func CompareKeys(a, b Term) int {
	if a == b {
		return 0
	}
	return compare(a, b, true)
}

// cmpWork is one comparison that is still to be done: n pairs of words that lie one after the other
// at pa and pb, or, when n is 0, the single pair (pa, pb) of terms.
type cmpWork struct {
	pa, pb uint64
	n      int
}

// cmpStack holds what is still to be done. It must not refer to itself, so that it stays on the stack of whoever compares.
type cmpStack struct {
	first [6]cmpWork
	n     int // in first
	more  []cmpWork
}

func (s *cmpStack) push(w cmpWork) {
	if s.n < len(s.first) {
		s.first[s.n] = w
		s.n++
		return
	}
	s.more = append(s.more, w)
}

// words plans the comparison of n words at a and b.
func (s *cmpStack) words(a, b uintptr, n int) {
	if n > 0 {
		s.push(cmpWork{uint64(a), uint64(b), n})
	}
}

func (s *cmpStack) pair(a, b Term) { s.push(cmpWork{uint64(a), uint64(b), 0}) }

// next gives the next pair to compare that is not the same word twice.
func (s *cmpStack) next() (a, b Term, ok bool) {
	for {
		var w *cmpWork
		if n := len(s.more); n > 0 {
			w = &s.more[n-1]
		} else if s.n > 0 {
			w = &s.first[s.n-1]
		} else {
			return None, None, false
		}
		if w.n == 0 {
			a, b = Term(w.pa), Term(w.pb)
		}
		for w.n > 0 && a == b {
			a, b = Term(*(*uint64)(at(uintptr(w.pa)))), Term(*(*uint64)(at(uintptr(w.pb))))
			w.pa += WordBytes
			w.pb += WordBytes
			w.n--
		}
		if w.n == 0 {
			if n := len(s.more); n > 0 {
				s.more = s.more[:n-1]
			} else {
				s.n--
			}
		}
		if a != b {
			return a, b, true
		}
	}
}

func compare(a, b Term, exact bool) int {
	var s cmpStack
	for {
		if c := s.compareOne(a, b, exact); c != 0 {
			return c
		}
		var ok bool
		if a, b, ok = s.next(); !ok {
			return 0
		}
	}
}

// compareOne compares a and b as far as that goes without their components, which it puts on the stack.
func (s *cmpStack) compareOne(a, b Term, exact bool) int {
	for {
		if a == b {
			return 0
		}
		ra, rb := orderRank(a), orderRank(b)
		if ra != rb {
			return cmpInt(ra, rb)
		}
		switch ra {
		case rankList:
			x, y := a.Head(), b.Head()
			if x == y {
				a, b = a.Tail(), b.Tail()
				continue
			}
			s.pair(a.Tail(), b.Tail())
			a, b = x, y
			continue
		case rankNumber:
			return compareNumbers(a, b, exact)
		case rankAtom:
			return strings.Compare(a.AtomName(), b.AtomName())
		case rankTuple:
			n, m := a.Arity(), b.Arity()
			if n != m {
				return cmpInt(n, m)
			}
			s.words(a.Addr()+WordBytes, b.Addr()+WordBytes, n)
			return 0
		case rankRecord:
			// the definition first, then the values
			s.words(a.Addr()+2*WordBytes, b.Addr()+2*WordBytes, min(RecordLen(a), RecordLen(b)))
			s.pair(RecordOf(a), RecordOf(b))
			return 0
		case rankMap:
			return s.compareMaps(a, b)
		case rankBits:
			x, _ := BitsOf(a)
			y, _ := BitsOf(b)
			return x.Compare(y)
		case rankFun:
			return s.compareFuns(a, b)
		default:
			return compareIdentifiers(a, b, ra)
		}
	}
}

func cmpFloat(a, b float64) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func cmpInt[T int | int64 | uint64 | uint32 | uintptr](a, b T) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// compareNumbers compares two numbers that are not the same word.
func compareNumbers(a, b Term, exact bool) int {
	af, bf := a.IsFloat(), b.IsFloat()
	switch {
	case af && bf:
		x, y := a.FloatVal(), b.FloatVal()
		if x < y {
			return -1
		}
		if x > y {
			return 1
		}
		if exact && x == 0 {
			return cmpInt(zeroRank(x), zeroRank(y))
		}
		return 0
	case !af && !bf:
		return compareInts(a, b)
	case exact && af:
		return 1
	case exact:
		return -1
	case af:
		return -compareIntFloat(b, a.FloatVal())
	}
	return compareIntFloat(a, b.FloatVal())
}

func zeroRank(f float64) int {
	if math.Signbit(f) {
		return 0
	}
	return 1
}

func compareInts(a, b Term) int {
	if bothSmall(a, b) {
		return cmpInt(int64(a), int64(b))
	}
	if a.IsSmall() {
		return -IntSign(b)
	}
	if b.IsSmall() {
		return IntSign(a)
	}
	var x, y intView
	return x.of(a).Cmp(y.of(b))
}

// compareIntFloat compares an integer with a float by their exact values.
func compareIntFloat(i Term, f float64) int {
	const exactLimit = 1 << 53
	if i.IsSmall() {
		s := i.Small()
		if s >= -exactLimit && s <= exactLimit {
			x := float64(s)
			if x < f {
				return -1
			}
			if x > f {
				return 1
			}
			return 0
		}
		if f >= 1<<62 {
			return -1
		}
		if f <= -1<<62 {
			return 1
		}
		fl := math.Floor(f)
		if c := cmpInt(int64(s), int64(fl)); c != 0 {
			return c
		}
		if fl < f {
			return -1
		}
		return 0
	}
	sign := IntSign(i)
	if (f < 0) != (sign < 0) || f == 0 {
		return sign
	}
	if math.IsInf(f, 0) { // no value of a program: the end of a range (package ets)
		return -sign
	}
	var v intView
	z, acc := big.NewFloat(f).Int(nil)
	if c := v.of(i).Cmp(z); c != 0 {
		return c
	}
	switch acc { // z against f
	case big.Below:
		return -1
	case big.Above:
		return 1
	}
	return 0
}

// compareMaps compares sizes, then keys in key order, then (on the stack) values in key order.
func (s *cmpStack) compareMaps(a, b Term) int {
	n, m := MapSize(a), MapSize(b)
	if n != m {
		return cmpInt(n, m)
	}
	pa, pb := MapSortedPairs(a), MapSortedPairs(b)
	for i := 0; i < len(pa); i += 2 {
		if c := CompareKeys(pa[i], pb[i]); c != 0 {
			return c
		}
	}
	for i := len(pa) - 1; i > 0; i -= 2 {
		if pa[i] != pb[i] {
			s.pair(pa[i], pb[i])
		}
	}
	return 0
}

// compareFuns: closures by module, index, uniq, then (on the stack) their environment; external funs by module,
// function and arity; closures before external funs.
func (s *cmpStack) compareFuns(a, b Term) int {
	al, bl := a.IsSub(SubFun), b.IsSub(SubFun)
	switch {
	case al && bl:
		x, y := a.FunEntryOf(), b.FunEntryOf()
		if x != y {
			if c := strings.Compare(x.Module.AtomName(), y.Module.AtomName()); c != 0 {
				return c
			}
			if c := cmpInt(x.Index, y.Index); c != 0 {
				return c
			}
			if c := cmpInt(x.OldUniq, y.OldUniq); c != 0 {
				return c
			}
			if c := bytes.Compare(x.Uniq[:], y.Uniq[:]); c != 0 {
				return c
			}
			if c := cmpInt(x.NumFree, y.NumFree); c != 0 {
				return c
			}
		}
		s.words(a.Addr()+3*WordBytes, b.Addr()+3*WordBytes, int(x.NumFree))
		return 0
	case al:
		return -1
	case bl:
		return 1
	}
	x, y := a.ExportOf(), b.ExportOf()
	if x == y {
		return 0
	}
	if c := strings.Compare(x.Module.AtomName(), y.Module.AtomName()); c != 0 {
		return c
	}
	if c := strings.Compare(x.Function.AtomName(), y.Function.AtomName()); c != 0 {
		return c
	}
	return cmpInt(x.Arity, y.Arity)
}

// ExactEqual is a =:= b.
func ExactEqual(a, b Term) bool {
	if a == b {
		return true
	}
	if a.IsImmediate() || b.IsImmediate() || (a^b)&TagMask != 0 {
		return false
	}
	if a.IsSub(SubRef) {
		// Each receive of a reply compares two: without the walk and its stack.
		return b.IsSub(SubRef) && a.Word(1) == b.Word(1) && uint32(a.Word(2)) == uint32(b.Word(2))
	}
	return equal(a, b, true)
}

// Equal is a == b.
func Equal(a, b Term) bool {
	if a == b {
		return true
	}
	if a.IsImmediate() && b.IsImmediate() {
		return false
	}
	return equal(a, b, false)
}

func equal(a, b Term, exact bool) bool {
	var s cmpStack
	for {
		if !s.equalOne(a, b, exact) {
			return false
		}
		var ok bool
		if a, b, ok = s.next(); !ok {
			return true
		}
	}
}

// equalOne is compareOne for equality.
func (s *cmpStack) equalOne(a, b Term, exact bool) bool {
	for {
		if a == b {
			return true
		}
		if a.IsCons() && b.IsCons() {
			x, y := a.Head(), b.Head()
			if x == y {
				a, b = a.Tail(), b.Tail()
				continue
			}
			s.pair(a.Tail(), b.Tail())
			a, b = x, y
			continue
		}
		if !a.IsBoxed() || !b.IsBoxed() {
			return !exact && a.IsNumber() && b.IsNumber() && compareNumbers(a, b, false) == 0
		}
		x, y := *a.Words(), *b.Words()
		switch sub := x & SubMask; sub {
		case SubTuple:
			if x != y {
				return false
			}
			s.words(a.Addr()+WordBytes, b.Addr()+WordBytes, int(x>>HeaderShift))
			return true
		case SubFloat:
			if exact {
				return x == y && a.Word(1) == b.Word(1)
			}
			return b.IsNumber() && compareNumbers(a, b, false) == 0
		case SubPosBig, SubNegBig:
			if x == y {
				return slices.Equal(a.bigWords(), b.bigWords())
			}
			return !exact && y&SubMask == SubFloat && compareNumbers(a, b, false) == 0
		case SubRef:
			return y&SubMask == SubRef && a.Word(1) == b.Word(1) && uint32(a.Word(2)) == uint32(b.Word(2))
		case SubMap:
			return y&SubMask == SubMap && s.equalMaps(a, b)
		case SubHeapBits, SubBits:
			if !b.IsBitstring() || a.Word(1) != b.Word(1) {
				return false
			}
			v, _ := BitsOf(a)
			w, _ := BitsOf(b)
			return v.Compare(w) == 0
		}
		if orderRank(a) != orderRank(b) {
			return false
		}
		return s.compareOne(a, b, exact) == 0
	}
}

// equalMaps: the same keys exactly; the values go on the stack.
func (s *cmpStack) equalMaps(a, b Term) bool {
	if MapSize(a) != MapSize(b) {
		return false
	}
	same := true
	MapEach(a, func(k, v Term) bool {
		w, ok := MapGet(b, k)
		if !ok {
			same = false
		} else if v != w {
			s.pair(v, w)
		}
		return same
	})
	return same
}

// compareIdentifiers compares two pids, two ports or two references. Those of this node carry no node name and come first.
func compareIdentifiers(a, b Term, order int) int {
	if order == rankPid {
		an, as := PidParts(a)
		bn, bs := PidParts(b)
		if as != bs {
			return cmpInt(as, bs)
		}
		if an != bn {
			return cmpInt(an, bn)
		}
		return compareNodes(a, b)
	}
	if c := compareNodes(a, b); c != 0 {
		return c
	}
	if order == rankPort {
		return cmpInt(PortNumber(a), PortNumber(b))
	}
	x, _ := RefNumbers(a)
	y, _ := RefNumbers(b)
	for i := MaxRefNumbers - 1; i >= 0; i-- {
		if x[i] != y[i] {
			return cmpInt(x[i], y[i])
		}
	}
	return 0
}

// ownNode is what identifiers of this node are taken for when they are compared with those of others. It belongs to the Go process: of several
// nodes in it that are alive, the last one's name counts.
var ownNode atomic.Pointer[nodeName]

type nodeName struct {
	name     Term
	creation uint32
}

// SetOwnNode tells under which name and creation other nodes know identifiers of this one.
func SetOwnNode(name Term, creation uint32) { ownNode.Store(&nodeName{name, creation}) }

// compareNodes orders identifiers by the names of their nodes, then by creation: so all nodes agree.
func compareNodes(a, b Term) int {
	an, ac, aext := ExtNode(a)
	bn, bc, bext := ExtNode(b)
	if !aext && !bext {
		return 0
	}
	own := ownNode.Load()
	if own == nil {
		own = &nodeName{name: AtomNonodeNohost}
	}
	if !aext {
		an, ac = own.name, own.creation
	}
	if !bext {
		bn, bc = own.name, own.creation
	}
	if an != bn {
		return strings.Compare(an.AtomName(), bn.AtomName())
	}
	if c := cmpInt(ac, bc); c != 0 || aext == bext {
		return c
	}
	// Not the same word, but the same name: that of an earlier life.
	if aext {
		return 1
	}
	return -1
}
