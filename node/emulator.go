package node

import "github.com/gerl-lang/gerl/bifs"

// Names of the settings in Config.Emulator, with the flags of erl that make them.
const (
	SetMinHeap     = bifs.SetMinHeap     // +hms
	SetMinBinVHeap = bifs.SetMinBinVHeap // +hmbs
	SetMaxHeap     = bifs.SetMaxHeap     // +hmax
	SetMaxHeapKill = bifs.SetMaxHeapKill // +hmaxk, 0 or 1
	SetMaxHeapLog  = bifs.SetMaxHeapLog  // +hmaxel
	SetMaxHeapBins = bifs.SetMaxHeapBins // +hmaxib
	SetThreadPool  = bifs.SetThreadPool  // +A
	SetETSLimit    = bifs.SetETSLimit    // +e
	SetDistBuffer  = bifs.SetDistBuffer  // +zdbbl, in bytes
	SetQueueData   = bifs.SetQueueData   // +hmqd, 0 (on heap) or 1
	SetTimeWarp    = bifs.SetTimeWarp    // +C, 0 (never), 1 (once) or 2
	SetCorrection  = bifs.SetCorrection  // +c, 0 or 1
	SetUnicode     = bifs.SetUnicode     // +pc unicode
	SetBadNames    = bifs.SetBadNames    // +fnu: w, i or e
	SetWarningMap  = bifs.SetWarningMap  // +W: w, i or e
)
