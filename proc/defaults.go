package proc

import "sync/atomic"

// Defaults are the flags of new processes; system_flag/2 changes them.
type Defaults struct {
	MinHeap     atomic.Int64 // words
	MinBinVHeap atomic.Int64 // words
	Fullsweep   atomic.Int64
	maxHeap     atomic.Pointer[MaxHeap]
}

func (d *Defaults) init() {
	d.MinHeap.Store(DefaultMinHeapSize)
	d.MinBinVHeap.Store(DefaultMinBinVHeapSize)
	d.Fullsweep.Store(DefaultFullsweepAfter)
	d.maxHeap.Store(&MaxHeap{Kill: true, ErrorLogger: true})
}

// MaxHeap is the default of max_heap_size, SetMaxHeap changes it.
func (d *Defaults) MaxHeap() MaxHeap { return *d.maxHeap.Load() }

// SetMaxHeap sets the default of max_heap_size.
func (d *Defaults) SetMaxHeap(m MaxHeap) { d.maxHeap.Store(&m) }
