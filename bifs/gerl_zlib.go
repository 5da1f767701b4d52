package bifs

import (
	"errors"
	"sync"

	"github.com/gerl-lang/gerl/bifs/deflate"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// zstream is the resource behind a zlib stream.
type zstream struct {
	mu     sync.Mutex
	owner  term.Term
	w      *deflate.Writer
	r      *deflate.Reader
	atEnd  term.Term // what follows the end of a stream that is read: cut, reset or error
	closed bool
	saved  []byte // output of deflateParams that the next call gives
}

// Release implements term.Resource.
func (*zstream) Release() {}

func zraise(p *proc.Process, reason string) term.Term {
	return p.Raise(term.AtomError, term.Intern(reason))
}

// onZ runs f on a stream, on another goroutine if there is much work.
func onZ(p *proc.Process, handle term.Term, work int, check func(z *zstream) string, f func(z *zstream) result) term.Term {
	r, ok := term.MagicResource(handle)
	z, isZ := r.(*zstream)
	if !ok || !isZ {
		return p.Badarg()
	}
	z.mu.Lock()
	reason := ""
	switch {
	case z.owner != p.Pid:
		reason = "not_on_controlling_process"
	default:
		reason = check(z)
	}
	z.mu.Unlock()
	if reason != "" {
		return zraise(p, reason)
	}
	run := func() result {
		z.mu.Lock()
		defer z.mu.Unlock()
		return f(z)
	}
	p.Bump(work >> 8)
	if work < zWorkHere {
		return run()(p)
	}
	return p.Async(run)
}

// zWorkHere is how many bytes a worker compresses itself.
const zWorkHere = 16 << 10

func zFree(z *zstream) string {
	if z.closed || z.w != nil || z.r != nil {
		return "already_initialized"
	}
	return ""
}

func zWriting(z *zstream) string {
	if z.w == nil {
		return "not_initialized"
	}
	return ""
}

func zReading(z *zstream) string {
	if z.r == nil {
		return "not_initialized"
	}
	return ""
}

// gerl_zlib:open() -> zstream()
func gerlZlibOpen0(p *proc.Process, _ []term.Term) term.Term {
	nums, _ := term.RefNumbers(p.MakeRef())
	return p.Heap.MagicRef([3]uint32(nums[:3]), &zstream{owner: p.Pid})
}

// gerl_zlib:deflate_init(Z, Level, WindowBits, MemLevel, Strategy, Wrap) -> ok
func gerlZlibDeflateInit6(p *proc.Process, a []term.Term) term.Term {
	n := [5]int{}
	for i := range n {
		n[i] = a[i+1].Small()
	}
	return onZ(p, a[0], 0, zFree, func(z *zstream) result {
		z.w = deflate.NewWriter(n[0], n[1], n[2], deflate.Strategy(n[3]), deflate.Wrap(n[4]))
		return okResult
	})
}

// gerl_zlib:inflate_init(Z, {WindowBits, Wrap}, cut | reset | error) -> ok
func gerlZlibInflateInit3(p *proc.Process, a []term.Term) term.Term {
	bits, wrap, behaviour := a[1].Elem(0).Small(), a[1].Elem(1).Small(), a[2]
	return onZ(p, a[0], 0, zFree, func(z *zstream) result {
		z.r, z.atEnd = deflate.NewReader(bits, deflate.Wrap(wrap)), behaviour
		return okResult
	})
}

func binaryResult(b []byte) result {
	return func(p *proc.Process) term.Term { return p.Heap.Binary(b) }
}

func raiseResult(reason string) result {
	return func(p *proc.Process) term.Term { return zraise(p, reason) }
}

// gerl_zlib:deflate(Z, Data, Flush) -> binary()
func gerlZlibDeflate3(p *proc.Process, a []term.Term) term.Term {
	data, ok := dataArg(a[1])
	if !ok {
		return p.Badarg()
	}
	flush := deflate.Flush(a[2].Small())
	return onZ(p, a[0], len(data), zWriting, func(z *zstream) result {
		if z.w.Done() {
			if len(data) > 0 {
				return raiseResult("stream_error")
			}
			return binaryResult(nil)
		}
		out := append(z.saved, z.w.Write(data, flush)...)
		z.saved = nil
		return binaryResult(out)
	})
}

// gerl_zlib:deflate_params(Z, Level, Strategy) -> ok
func gerlZlibDeflateParams3(p *proc.Process, a []term.Term) term.Term {
	level, strategy := a[1].Small(), deflate.Strategy(a[2].Small())
	return onZ(p, a[0], 0, zWriting, func(z *zstream) result {
		z.saved = append(z.saved, z.w.Write(nil, deflate.SyncFlush)...)
		z.saved = append(z.saved, z.w.Params(level, strategy)...)
		return okResult
	})
}

// gerl_zlib:deflate_dictionary(Z, Dictionary) -> integer()
func gerlZlibDeflateDictionary2(p *proc.Process, a []term.Term) term.Term {
	data, ok := dataArg(a[1])
	if !ok {
		return p.Badarg()
	}
	return onZ(p, a[0], 0, zWriting, func(z *zstream) result {
		sum, ok := z.w.SetDictionary(data)
		if !ok {
			return raiseResult("stream_error")
		}
		return func(p *proc.Process) term.Term { return term.Int(int(sum)) }
	})
}

// gerl_zlib:inflate(Z, Data, Limit) -> {continue | finished, binary()} | {need_dictionary, integer(), binary()}
func gerlZlibInflate3(p *proc.Process, a []term.Term) term.Term {
	data, ok := dataArg(a[1])
	limit, ok2 := smallIn(a[2], 1, maxInt)
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onZ(p, a[0], max(len(data), limit/16), zReading, func(z *zstream) result { return z.inflate(data, limit) })
}

func (z *zstream) inflate(data []byte, limit int) result {
	r := z.r
	if r.AtEnd() && (len(data) > 0 || r.HasInput()) {
		if f := z.next(); f != nil {
			return f
		}
	}
	if r.AtEnd() {
		return inflated("finished", nil)
	}
	r.Write(data)
	out, err := r.Read(limit)
	var need deflate.NeedDictionary
	switch {
	case errors.As(err, &need):
		return func(p *proc.Process) term.Term {
			return p.Heap.Tuple(term.Intern("need_dictionary"), term.Int(int(need)), p.Heap.Binary(out))
		}
	case err != nil:
		return raiseResult("data_error")
	case r.AtEnd() && r.HasInput():
		if f := z.next(); f != nil {
			return f
		}
		if !r.AtEnd() {
			return inflated("continue", out)
		}
	case len(out) >= limit:
		return inflated("continue", out)
	}
	return inflated("finished", out)
}

// next deals with input behind the end of the stream.
func (z *zstream) next() result {
	switch z.atEnd.AtomName() {
	case "error":
		return raiseResult("data_error")
	case "reset":
		z.r.Reset()
	default:
		z.r.Rest()
	}
	return nil
}

func inflated(tag string, out []byte) result {
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.Intern(tag), p.Heap.Binary(out)) }
}

// gerl_zlib:inflate_dictionary(Z, Dictionary) -> ok
func gerlZlibInflateDictionary2(p *proc.Process, a []term.Term) term.Term {
	data, ok := dataArg(a[1])
	if !ok {
		return p.Badarg()
	}
	return onZ(p, a[0], 0, zReading, func(z *zstream) result {
		switch z.r.SetDictionary(data) {
		case nil:
			return okResult
		case deflate.ErrState:
			return raiseResult("stream_error")
		}
		return raiseResult("data_error")
	})
}

// gerl_zlib:dictionary(Z) -> binary()
func gerlZlibDictionary1(p *proc.Process, a []term.Term) term.Term {
	return onZ(p, a[0], 0, zReading, func(z *zstream) result {
		return binaryResult(append([]byte(nil), z.r.Dictionary()...))
	})
}

// gerl_zlib:reset(Z, deflate | inflate) -> ok
func gerlZlibReset2(p *proc.Process, a []term.Term) term.Term {
	writing := a[1].AtomName() == "deflate"
	check := zReading
	if writing {
		check = zWriting
	}
	return onZ(p, a[0], 0, check, func(z *zstream) result {
		if writing {
			z.w.Reset()
			z.saved = nil
		} else {
			z.r.Rest()
			z.r.Reset()
		}
		return okResult
	})
}

// gerl_zlib:finish(Z, deflate | inflate) -> ok: data_error if the stream is not at its end.
func gerlZlibFinish2(p *proc.Process, a []term.Term) term.Term {
	writing := a[1].AtomName() == "deflate"
	check := zReading
	if writing {
		check = zWriting
	}
	return onZ(p, a[0], 0, check, func(z *zstream) result {
		bad := false
		if writing {
			bad = z.w.Pending()
			z.w, z.saved = nil, nil
		} else {
			bad = !z.r.AtEnd()
			z.r = nil
		}
		if bad {
			return raiseResult("data_error")
		}
		return okResult
	})
}

// gerl_zlib:close(Z) -> ok
func gerlZlibClose1(p *proc.Process, a []term.Term) term.Term {
	closed := func(z *zstream) string {
		if z.closed {
			return "not_initialized"
		}
		return ""
	}
	return onZ(p, a[0], 0, closed, func(z *zstream) result {
		z.closed, z.w, z.r, z.saved = true, nil, nil, nil
		return okResult
	})
}

// gerl_zlib:owner(Z, Pid) -> ok: Pid may use the stream from now on.
func gerlZlibOwner2(p *proc.Process, a []term.Term) term.Term {
	if !a[1].IsLocalPid() {
		return p.Badarg()
	}
	pid := a[1]
	return onZ(p, a[0], 0, func(*zstream) string { return "" }, func(z *zstream) result {
		z.owner = pid
		return okResult
	})
}
