package bifs

import (
	"math/big"
	"time"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// monotonicBase is Erlang's monotonic time when the clock of the node starts: as in OTP the times are negative for the
// first 18 years, so that programs do not take them for anything else.
const monotonicBase = -576_460_752_000_000_000

// monotonic is Erlang's monotonic time in nanoseconds.
func monotonic(p *proc.Process) int64 { return p.Sys.Sched.Clock.Monotonic() + monotonicBase }

// unitParts gives the parts per second of a time unit: an atom, a deprecated atom, or a positive integer.
func unitParts(t term.Term) (n int64, ok bool) {
	switch t {
	case term.AtomSecond, term.AtomSeconds:
		return 1, true
	case term.AtomMillisecond, term.AtomMilliSeconds:
		return 1000, true
	case term.AtomMicrosecond, term.AtomMicroSeconds:
		return 1_000_000, true
	case term.AtomNanosecond, term.AtomNanoSeconds, term.AtomNative, term.AtomPerfCounter:
		return 1_000_000_000, true
	}
	v, ok := term.ToInt64(t)
	return v, ok && v > 0
}

// convert rounds towards minus infinity, as Erlang's time conversions do.
func convert(h *term.Heap, ns int64, parts int64) term.Term {
	z := big.NewInt(ns)
	z.Mul(z, big.NewInt(parts))
	q, _ := z.DivMod(z, big.NewInt(1_000_000_000), new(big.Int)) // Euclidean: floors for a positive divisor
	return h.BigInt(q)
}

func inUnit(p *proc.Process, ns int64, unit term.Term) term.Term {
	if unit.IsBig() && term.IntSign(unit) > 0 {
		z := unit.BigInt()
		z.Mul(z, big.NewInt(ns))
		z.DivMod(z, big.NewInt(1_000_000_000), new(big.Int))
		return p.Heap.BigInt(z)
	}
	n, ok := unitParts(unit)
	if !ok {
		return p.Badarg()
	}
	return convert(&p.Heap, ns, n)
}

func erlangMonotonicTime0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.Int64(monotonic(p))
}
func erlangMonotonicTime1(p *proc.Process, a []term.Term) term.Term {
	return inUnit(p, monotonic(p), a[0])
}

func systemTime(p *proc.Process) int64 { return p.Sys.Sched.Clock.System() }

func erlangSystemTime0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.Int64(systemTime(p))
}
func erlangSystemTime1(p *proc.Process, a []term.Term) term.Term {
	return inUnit(p, systemTime(p), a[0])
}

func erlangTimeOffset0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.Int64(p.Sys.TimeOffset())
}
func erlangTimeOffset1(p *proc.Process, a []term.Term) term.Term {
	return inUnit(p, p.Sys.TimeOffset(), a[0])
}

// bigUnit is unitParts for units of any size.
func bigUnit(t term.Term) (*big.Int, bool) {
	if t.IsBig() {
		return t.BigInt(), term.IntSign(t) > 0
	}
	n, ok := unitParts(t)
	return big.NewInt(n), ok
}

func erlangConvertTimeUnit3(p *proc.Process, a []term.Term) term.Term {
	from, ok1 := bigUnit(a[1])
	to, ok2 := bigUnit(a[2])
	if !a[0].IsInteger() || !ok1 || !ok2 {
		return p.Badarg()
	}
	z := a[0].BigInt()
	z.Mul(z, to)
	z.DivMod(z, from, new(big.Int))
	return p.Heap.BigInt(z)
}

// stamp makes {MegaSecs, Secs, MicroSecs}.
func stamp(h *term.Heap, ns int64) term.Term {
	us := ns / 1000
	return h.Tuple(term.Int(int(us/1_000_000_000_000)), term.Int(int(us/1_000_000%1_000_000)), term.Int(int(us%1_000_000)))
}

func erlangTimestamp0(p *proc.Process, _ []term.Term) term.Term {
	return stamp(&p.Heap, systemTime(p))
}

// now/0 gives strictly increasing times: unique numbers carry it forward when the clock did not move.
func erlangNow0(p *proc.Process, _ []term.Term) term.Term {
	s := nodeState(p)
	s.mu.Lock()
	us := systemTime(p) / 1000
	if us <= s.lastNow {
		us = s.lastNow + 1
	}
	s.lastNow = us
	s.mu.Unlock()
	return stamp(&p.Heap, us*1000)
}

// ---- calendar ------------------------------------------------------------------------------

func localNow(p *proc.Process) time.Time { return time.Unix(0, systemTime(p)).In(time.Local) }

func dateTuple(h *term.Heap, t time.Time) term.Term {
	return h.Tuple(term.Int(t.Year()), term.Int(int(t.Month())), term.Int(t.Day()))
}

func timeTuple(h *term.Heap, t time.Time) term.Term {
	return h.Tuple(term.Int(t.Hour()), term.Int(t.Minute()), term.Int(t.Second()))
}

func dateTime(h *term.Heap, t time.Time) term.Term { return h.Tuple(dateTuple(h, t), timeTuple(h, t)) }

func erlangDate0(p *proc.Process, _ []term.Term) term.Term { return dateTuple(&p.Heap, localNow(p)) }
func erlangTime0(p *proc.Process, _ []term.Term) term.Term { return timeTuple(&p.Heap, localNow(p)) }
func erlangLocaltime0(p *proc.Process, _ []term.Term) term.Term {
	return dateTime(&p.Heap, localNow(p))
}
func erlangUniversaltime0(p *proc.Process, _ []term.Term) term.Term {
	return dateTime(&p.Heap, localNow(p).UTC())
}

// readDateTime checks {{Y,M,D},{H,Mi,S}} and gives it as a time in loc.
func readDateTime(t term.Term, loc *time.Location) (v time.Time, ok bool) {
	if !t.TupleOf(2) || !t.Elem(0).TupleOf(3) || !t.Elem(1).TupleOf(3) {
		return v, false
	}
	limits := [6][2]int{{1, 1 << 31}, {1, 12}, {1, 31}, {0, 23}, {0, 59}, {0, 59}}
	var f [6]int
	for i := range f {
		if f[i], ok = smallIn(t.Elem(i/3).Elem(i%3), limits[i][0], limits[i][1]); !ok {
			return v, false
		}
	}
	v = time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], 0, loc)
	utc := time.Date(f[0], time.Month(f[1]), f[2], 0, 0, 0, 0, time.UTC)
	return v, utc.Day() == f[2]
}

// firstLocalYear is the first one whose local times are converted.
const firstLocalYear = 1902

func erlangUniversaltimeToLocaltime1(p *proc.Process, a []term.Term) term.Term {
	t, ok := readDateTime(a[0], time.UTC)
	if !ok || t.Year() < firstLocalYear {
		return p.Badarg()
	}
	return dateTime(&p.Heap, t.In(time.Local))
}

func erlangLocaltimeToUniversaltime1(p *proc.Process, a []term.Term) term.Term {
	t, ok := readDateTime(a[0], time.Local)
	if !ok || t.Year() < firstLocalYear {
		return p.Badarg()
	}
	return dateTime(&p.Heap, t.UTC())
}

// localtime_to_universaltime/2: the flag says whether an hour that occurs twice is daylight saving time.
func erlangLocaltimeToUniversaltime2(p *proc.Process, a []term.Term) term.Term {
	t, ok := readDateTime(a[0], time.Local)
	isDST, isBool := boolArg(a[1])
	if !ok || t.Year() < firstLocalYear || !isBool && a[1] != term.AtomUndefined {
		return p.Badarg()
	}
	if isBool && t.IsDST() != isDST {
		for _, d := range []time.Duration{-time.Hour, time.Hour} {
			if u := t.Add(d); u.IsDST() == isDST && u.Hour() == t.Hour() && u.Minute() == t.Minute() {
				t = u
				break
			}
		}
	}
	return dateTime(&p.Heap, t.UTC())
}

func erlangUniversaltimeToPosixtime1(p *proc.Process, a []term.Term) term.Term {
	t, ok := readDateTime(a[0], time.UTC)
	if !ok {
		return p.Badarg()
	}
	return p.Heap.Int64(t.Unix())
}

func erlangPosixtimeToUniversaltime1(p *proc.Process, a []term.Term) term.Term {
	s, ok := term.ToInt64(a[0])
	if !ok {
		return p.Badarg()
	}
	// Go's calendar overflows long before OTP's: whole eras of 400 years are split off.
	const era = 146097 * 86400
	n := s / era
	t := time.Unix(s%era, 0).UTC()
	h := &p.Heap
	return h.Tuple(h.Tuple(h.Int64(int64(t.Year())+n*400), term.Int(int(t.Month())), term.Int(t.Day())), timeTuple(h, t))
}

// ---- unique integers --------------------------------------------------------------------------

func erlangUniqueInteger0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.Int64(p.UniqueInteger(false, false))
}

func erlangUniqueInteger1(p *proc.Process, a []term.Term) term.Term {
	positive, mono := false, false
	l := a[0]
	for ; l.IsCons(); l = l.Tail() {
		switch l.Head() {
		case atomPositive:
			positive = true
		case atomMonotonic:
			mono = true
		default:
			return p.Badarg()
		}
	}
	if !l.IsNil() {
		return p.Badarg()
	}
	return p.Heap.Int64(p.UniqueInteger(positive, mono))
}

var (
	atomPositive  = term.Intern("positive")
	atomMonotonic = term.Intern("monotonic")
)

// ---- the same under their names in os -----------------------------------------------------------

func osSystemTime0(p *proc.Process, _ []term.Term) term.Term { return p.Heap.Int64(systemTime(p)) }
func osSystemTime1(p *proc.Process, a []term.Term) term.Term {
	return inUnit(p, systemTime(p), a[0])
}
func osTimestamp0(p *proc.Process, _ []term.Term) term.Term { return stamp(&p.Heap, systemTime(p)) }
func osPerfCounter0(p *proc.Process, _ []term.Term) term.Term {
	return p.Heap.Int64(p.Sys.Sched.Clock.Monotonic())
}
func ertsInternalPerfCounterUnit0(_ *proc.Process, _ []term.Term) term.Term {
	return term.Int(1_000_000_000)
}
func ertsInternalTimeUnit0(_ *proc.Process, _ []term.Term) term.Term { return term.Int(1_000_000_000) }
