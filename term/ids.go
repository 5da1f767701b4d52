package term

import (
	"sync/atomic"
	"unsafe"
)

// Pids, ports and references. Local pids and ports are immediates. The rest are boxed:
//
//	header(SubRef, 2)     | numbers 0 and 1 | number 2                   local reference
//	header(SubRef, 3)     | numbers 0 and 1 | number 2 | pid             reference that names its process (aliases)
//	header(SubRef, 4)     magic reference, see offheap.go
//	header(SubExtPid, 3)  | node | creation | number + serial<<32
//	header(SubExtPort, 3) | node | creation | number
//	header(SubExtRef, 5)  | node | creation + count<<32 | numbers, two a word, three words

// MaxRefNumbers is the most 32-bit numbers that a reference has.
const MaxRefNumbers = 5

// RefSource makes the numbers of a node's references. The zero value is ready.
type RefSource struct{ n atomic.Uint64 }

// Next gives numbers that no reference of this source had: the lowest has 18 bits, as references of OTP do.
func (s *RefSource) Next() [3]uint32 {
	v := s.n.Add(1)
	return [3]uint32{uint32(v) & (1<<18 - 1), uint32(v >> 18), uint32(v >> 50)}
}

// Ref makes a local reference.
func (h *Heap) Ref(nums [3]uint32) Term {
	a := h.Alloc(3)
	store(a, 0, Header(SubRef, 2))
	store(a, 1, uint64(nums[0])|uint64(nums[1])<<32)
	store(a, 2, uint64(nums[2]))
	return MakeBoxed(a)
}

// PidRef makes a local reference that names a local process, which makes sending to an alias a table lookup.
func (h *Heap) PidRef(nums [3]uint32, pid Term) Term {
	a := h.Alloc(4)
	store(a, 0, Header(SubRef, 3))
	store(a, 1, uint64(nums[0])|uint64(nums[1])<<32)
	store(a, 2, uint64(nums[2]))
	store(a, 3, uint64(pid))
	return MakeBoxed(a)
}

// RefPid is the process that a reference made by PidRef names, else None.
func RefPid(t Term) Term {
	if t.IsBoxed() && *t.Words() == Header(SubRef, 3) {
		return Term(t.Word(3))
	}
	return None
}

// RefNumbers gives the 32-bit numbers of a local or external reference, lowest first. They are its identity: a local one has three,
// whether it names a process or not.
func RefNumbers(t Term) (nums [MaxRefNumbers]uint32, n int) {
	switch *t.Words() & SubMask {
	case SubRef:
		nums[0], nums[1], nums[2] = uint32(t.Word(1)), uint32(t.Word(1)>>32), uint32(t.Word(2))
		return nums, 3
	case SubExtRef:
		n = int(t.Word(2) >> 32)
		for i := range n {
			nums[i] = uint32(t.Word(3+i/2) >> (i % 2 * 32))
		}
	}
	return nums, n
}

// ExtPid makes the pid of a process on another node.
func (h *Heap) ExtPid(node Term, creation, number, serial uint32) Term {
	return h.ext(SubExtPid, node, uint64(creation), uint64(number)|uint64(serial)<<32)
}

// ExtPort makes the identifier of a port on another node.
func (h *Heap) ExtPort(node Term, creation uint32, number uint64) Term {
	return h.ext(SubExtPort, node, uint64(creation), number)
}

// ExtRef makes a reference of another node from 1 to 5 numbers, lowest first.
func (h *Heap) ExtRef(node Term, creation uint32, nums []uint32) Term {
	var w [3]uint64
	for i, n := range nums {
		w[i/2] |= uint64(n) << (i % 2 * 32)
	}
	return h.ext(SubExtRef, node, uint64(creation)|uint64(len(nums))<<32, w[0], w[1], w[2])
}

func (h *Heap) ext(sub uint64, node Term, words ...uint64) Term {
	a := h.Alloc(2 + len(words))
	store(a, 0, Header(sub, 1+len(words)))
	store(a, 1, uint64(node))
	for i, w := range words {
		store(a, 2+i, w)
	}
	return MakeBoxed(a)
}

// ExtNode gives the node and creation of an external pid, port or reference; ok is false for all other terms.
func ExtNode(t Term) (node Term, creation uint32, ok bool) {
	switch t.sub() {
	case SubExtPid, SubExtPort, SubExtRef:
		return Term(t.Word(1)), uint32(t.Word(2)), true
	}
	return None, 0, false
}

// Bits of a pid's number; a local pid's data is number + serial<<PidNumberBits.
const PidNumberBits = 28

// PidParts gives number and serial of a local or external pid.
func PidParts(t Term) (number, serial uint32) {
	if t.IsLocalPid() {
		d := t.ImmData()
		return uint32(d & (1<<PidNumberBits - 1)), uint32(d >> PidNumberBits)
	}
	w := t.Word(3)
	return uint32(w), uint32(w >> 32)
}

// PortNumber gives the number of a local or external port.
func PortNumber(t Term) uint64 {
	if t.IsLocalPort() {
		return t.ImmData()
	}
	return t.Word(3)
}

// ---- funs ----------------------------------------------------------------------

// Closure makes a fun from its entry, the pid of its creator and the values of its free variables.
func (h *Heap) Closure(e uintptr, creator Term, free ...Term) Term {
	a := h.Alloc(3 + len(free))
	store(a, 0, Header(SubFun, 2+len(free)))
	store(a, 1, uint64(e))
	store(a, 2, uint64(creator))
	for i, f := range free {
		store(a, 3+i, uint64(f))
	}
	return MakeBoxed(a)
}

// ExternalFun makes fun M:F/A from the address of its export slot.
func (h *Heap) ExternalFun(export uintptr) Term {
	a := h.Alloc(2)
	store(a, 0, Header(SubExport, 1))
	store(a, 1, uint64(export))
	return MakeBoxed(a)
}

// FunFree is the number of free variables of a closure, FunEnv variable i, FunCreator the pid of its creator.
func FunFree(t Term) int        { return t.Arity() - 2 }
func FunEnv(t Term, i int) Term { return Term(t.Word(3 + i)) }
func FunCreator(t Term) Term    { return Term(t.Word(2)) }

// FunArity is the arity of a closure or external fun.
func FunArity(t Term) int {
	if t.sub() == SubExport {
		return int(t.ExportOf().Arity)
	}
	return int(t.FunEntryOf().Arity)
}

// Address gives where an export slot lies: what external funs hold.
func (e *Export) Address() uintptr { return uintptr(unsafe.Pointer(e)) }

// Address gives where a fun entry lies: what closures hold. It is 0 for nil.
func (e *FunEntry) Address() uintptr { return uintptr(unsafe.Pointer(e)) }
