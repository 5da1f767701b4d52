package term

// Fragment is a piece of memory beside the blocks: BIF overflow or a message. This
// header lies in front of its words, in the same memory.
type Fragment struct {
	Next    uintptr // next older fragment of the heap that owns it
	OffHeap uintptr // chain of off-heap holders inside
	Size    uint32  // capacity in words, this header not counted
	Used    uint32
}
