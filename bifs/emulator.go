package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Names of settings that the command line's emulator flags make. system_info shows them.
const (
	SetMinHeap     = "min_heap_size"       // +hms
	SetMinBinVHeap = "min_bin_vheap_size"  // +hmbs
	SetMaxHeap     = "max_heap_size"       // +hmax
	SetMaxHeapKill = "max_heap_kill"       // +hmaxk, 0 or 1
	SetMaxHeapLog  = "max_heap_log"        // +hmaxel
	SetMaxHeapBins = "max_heap_bins"       // +hmaxib
	SetQueueData   = "message_queue_data"  // +hmqd, 0 (on heap) or 1
	SetThreadPool  = "thread_pool_size"    // +A
	SetETSLimit    = "ets_limit"           // +e
	SetDistBuffer  = "dist_buf_busy_limit" // +zdbbl, in bytes
	SetCorrection  = "time_correction"     // +c, 0 or 1
	SetTimeWarp    = "time_warp_mode"      // +C, 0 (never), 1 (once) or 2
	SetUnicode     = "printable_unicode"   // +pc unicode
	SetBadNames    = "bad_names"           // +fnu: w, i or e
	SetWarningMap  = "warning_map"         // +W: w, i or e
)

// SetEmulator makes the settings of a command line. It is called before the first process runs.
func SetEmulator(sys *proc.System, settings map[string]int64) {
	v, _ := sys.Values.LoadOrStore(stateKey{}, &state{})
	flags, d := &v.(*state).flags, &sys.Defaults
	m := d.MaxHeap()
	for name, n := range settings {
		switch name {
		case SetMinHeap:
			d.MinHeap.Store(int64(proc.HeapSize(max(int(n), proc.DefaultMinHeapSize))))
		case SetQueueData:
			d.OffHeap.Store(n != 0)
		case SetTimeWarp:
			sys.SetTimeWarpMode(int(n))
		case SetMinBinVHeap:
			d.MinBinVHeap.Store(int64(proc.HeapSize(int(n))))
		case SetMaxHeap:
			m.Size = int(n)
		case SetMaxHeapKill:
			m.Kill = n != 0
		case SetMaxHeapLog:
			m.ErrorLogger = n != 0
		case SetMaxHeapBins:
			m.IncludeShared = n != 0
		default:
			flags.set(name, n, 0)
		}
	}
	d.SetMaxHeap(m)
}

// printsUnicode tells whether strings may be shown as such that have characters beyond Latin-1.
func printsUnicode(p *proc.Process) bool { return nodeState(p).flags.get(SetUnicode, 0) != 0 }

func ioPrintableRange0(p *proc.Process, _ []term.Term) term.Term {
	if printsUnicode(p) {
		return term.AtomUnicode
	}
	return term.AtomLatin1
}

// errorLoggerWarningMap0 tells as what error_logger logs warnings.
func errorLoggerWarningMap0(p *proc.Process, _ []term.Term) term.Term {
	return severity(p, SetWarningMap, "info")
}

// gerl_file:bad_names() -> warning | ignore | error: what comes of names in a directory that are no text (+fnuw, +fnui, +fnue).
func gerlFileBadNames0(p *proc.Process, _ []term.Term) term.Term {
	return severity(p, SetBadNames, "ignore")
}

// severity is the value of a setting that is w, i (for what, that differs) or e.
func severity(p *proc.Process, setting, least string) term.Term {
	switch nodeState(p).flags.get(setting, 'w') {
	case 'i':
		return term.Intern(least)
	case 'e':
		return term.AtomError
	}
	return term.Intern("warning")
}
