package proc

import (
	"sync/atomic"

	"github.com/gerl-lang/gerl/term"
)

// Defaults are the flags of new processes; system_flag/2 changes them.
type Defaults struct {
	MinHeap     atomic.Int64 // words
	MinBinVHeap atomic.Int64 // words
	Fullsweep   atomic.Int64
	OffHeap     atomic.Bool // message queues
	maxHeap     atomic.Pointer[MaxHeap]
}

func (d *Defaults) init() {
	d.MinHeap.Store(DefaultMinHeapSize)
	d.MinBinVHeap.Store(DefaultMinBinVHeapSize)
	d.Fullsweep.Store(DefaultFullsweepAfter)
	d.maxHeap.Store(&MaxHeap{Kill: true, ErrorLogger: true})
}

// QueueData is the default of message_queue_data.
func (d *Defaults) QueueData() term.Term {
	if d.OffHeap.Load() {
		return term.AtomOffHeap
	}
	return term.AtomOnHeap
}

// MaxHeap is the default of max_heap_size, SetMaxHeap changes it.
func (d *Defaults) MaxHeap() MaxHeap { return *d.maxHeap.Load() }

// SetMaxHeap sets the default of max_heap_size.
func (d *Defaults) SetMaxHeap(m MaxHeap) { d.maxHeap.Store(&m) }
