package bifs

import (
	"crypto/md5"
	"encoding"
	"hash/adler32"
	"hash/crc32"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func erlangPhash21(p *proc.Process, a []term.Term) term.Term {
	return term.Int(int(term.Phash2(a[0]) & (1<<27 - 1)))
}

// hashRange reads the range of a hash: 1 to 2^32.
func hashRange(t term.Term) (uint64, bool) {
	n, ok := smallIn(t, 1, 1<<32)
	return uint64(n), ok
}

func erlangPhash22(p *proc.Process, a []term.Term) term.Term {
	n, ok := hashRange(a[1])
	if !ok {
		return p.Badarg()
	}
	return term.Int(int(uint64(term.Phash2(a[0])) % n))
}

func erlangPhash2(p *proc.Process, a []term.Term) term.Term {
	n, ok := hashRange(a[1])
	if !ok {
		return p.Badarg()
	}
	return term.Int(int(uint64(term.Phash(a[0]))%n) + 1)
}

// iodata gives the bytes of an argument that must be iodata.
func iodata(p *proc.Process, t term.Term) (b []byte, ok bool) {
	if b, ok = t.Bytes(); !ok {
		b, ok = term.IOListBytes(t)
	}
	if !ok {
		p.Badarg()
	}
	p.Bump(len(b) / 500)
	return b, ok
}

func erlangMd51(p *proc.Process, a []term.Term) term.Term {
	b, ok := iodata(p, a[0])
	if !ok {
		return term.None
	}
	sum := md5.Sum(b)
	return p.Heap.Binary(sum[:])
}

// The context of md5_update is the state of Go's digest as a binary; programs only hand it on.
func md5State(p *proc.Process, h any) term.Term {
	b, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return p.Badarg()
	}
	return p.Heap.Binary(b)
}

func erlangMd5Init0(p *proc.Process, _ []term.Term) term.Term { return md5State(p, md5.New()) }

func erlangMd5Update2(p *proc.Process, a []term.Term) term.Term {
	h := md5.New()
	state, ok := a[0].Bytes()
	if !ok || h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state) != nil {
		return p.Badarg()
	}
	b, ok := iodata(p, a[1])
	if !ok {
		return term.None
	}
	h.Write(b)
	return md5State(p, h)
}

func erlangMd5Final1(p *proc.Process, a []term.Term) term.Term {
	h := md5.New()
	state, ok := a[0].Bytes()
	if !ok || h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state) != nil {
		return p.Badarg()
	}
	return p.Heap.Binary(h.Sum(nil))
}

func checksumArg(t term.Term) (uint32, bool) {
	v, ok := smallIn(t, 0, 1<<32-1)
	return uint32(v), ok
}

func erlangCrc321(p *proc.Process, a []term.Term) term.Term {
	b, ok := iodata(p, a[0])
	if !ok {
		return term.None
	}
	return term.Int(int(crc32.ChecksumIEEE(b)))
}

func erlangCrc322(p *proc.Process, a []term.Term) term.Term {
	old, ok := checksumArg(a[0])
	if !ok {
		return p.Badarg()
	}
	b, ok := iodata(p, a[1])
	if !ok {
		return term.None
	}
	return term.Int(int(crc32.Update(old, crc32.IEEETable, b)))
}

func erlangAdler321(p *proc.Process, a []term.Term) term.Term {
	b, ok := iodata(p, a[0])
	if !ok {
		return term.None
	}
	return term.Int(int(adler32.Checksum(b)))
}

const adlerMod = 65521

func erlangAdler322(p *proc.Process, a []term.Term) term.Term {
	old, ok := checksumArg(a[0])
	if !ok {
		return p.Badarg()
	}
	b, ok := iodata(p, a[1])
	if !ok {
		return term.None
	}
	lo, hi := old&0xFFFF%adlerMod, old>>16%adlerMod
	for _, c := range b {
		lo = (lo + uint32(c)) % adlerMod
		hi = (hi + lo) % adlerMod
	}
	return term.Int(int(hi<<16 | lo))
}

func combineArgs(a []term.Term) (x, y uint32, n int, ok bool) {
	x, ok1 := checksumArg(a[0])
	y, ok2 := checksumArg(a[1])
	n, ok3 := smallIn(a[2], 0, 1<<32-1)
	return x, y, n, ok1 && ok2 && ok3
}

// adler32_combine: the checksum of two pieces from theirs and the second one's length (RFC 1950).
func erlangAdler32Combine3(p *proc.Process, a []term.Term) term.Term {
	x, y, n, ok := combineArgs(a)
	if !ok {
		return p.Badarg()
	}
	if n == 0 {
		return a[0]
	}
	rem := uint64(n % adlerMod)
	lx, hx := uint64(x&0xFFFF), uint64(x>>16)
	ly, hy := uint64(y&0xFFFF), uint64(y>>16)
	lo := (lx + ly + adlerMod - 1) % adlerMod
	hi := (hx + hy + rem*lx + adlerMod - rem) % adlerMod
	return term.Int(int(hi<<16 | lo))
}

// crc32_combine appends n zero bytes to the first checksum by squaring the matrix that appends one zero bit.
func erlangCrc32Combine3(p *proc.Process, a []term.Term) term.Term {
	x, y, n, ok := combineArgs(a)
	if !ok {
		return p.Badarg()
	}
	var m [32]uint32
	m[0] = crc32.IEEE
	for i := 1; i < 32; i++ {
		m[i] = 1 << (i - 1)
	}
	times := func(m *[32]uint32, v uint32) (r uint32) {
		for i := 0; v != 0; i, v = i+1, v>>1 {
			if v&1 != 0 {
				r ^= m[i]
			}
		}
		return r
	}
	square := func() {
		var s [32]uint32
		for i := range s {
			s[i] = times(&m, m[i])
		}
		m = s
	}
	for range 3 { // 1 bit, 2, 4, 8: a byte
		square()
	}
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			x = times(&m, x)
		}
		square()
	}
	return term.Int(int(x ^ y))
}
