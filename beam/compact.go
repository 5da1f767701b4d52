package beam

import (
	"encoding/binary"
)

// Compact terms: the encoding of operands. The low three bits of the first byte are a tag; the
// value follows in the upper bits (up to 4 bits, or 11 with the next byte) or in 2 to 8 or more bytes behind.
const (
	tagU = iota
	tagI
	tagA
	tagX
	tagY
	tagF
	tagH
	tagZ // extended: the value is one of the ext numbers, more operands follow

	extList    = 1
	extFloat   = 2
	extAlloc   = 3
	extLiteral = 4
	extTyped   = 5

	allocWords  = 0
	allocFloats = 1
	allocFuns   = 2
)

// kindRawAtom is an atom tag whose value is no atom (the file index in the line table).
const kindRawAtom = ArgKind(0xFF)

// maxOperandBytes bounds integers in operands; larger ones are literals (OTP's compiler draws the line at 128 bits).
const maxOperandBytes = 1 << 16

// value reads the rest of a compact term whose first byte is b. wide is the integer's bytes if it does not fit v.
func (r *reader) value(b byte) (v int64, wide []byte, err error) {
	switch {
	case b&0x08 == 0:
		return int64(b >> 4), nil, nil
	case b&0x10 == 0:
		if r.at >= len(r.data) {
			return 0, nil, r.bad("cut off")
		}
		v = int64(b>>5)<<8 | int64(r.data[r.at])
		r.at++
		return v, nil, nil
	}
	n := int(b>>5) + 2
	if n == 9 {
		k, err := r.number()
		if err != nil {
			return 0, nil, err
		}
		if k > maxOperandBytes {
			return 0, nil, r.bad("operand of %d bytes is too large", k)
		}
		n += k
	}
	bs, err := r.bytes(n)
	if err != nil {
		return 0, nil, err
	}
	if n > 8 {
		return 0, bs, nil
	}
	var buf [8]byte
	if bs[0]&0x80 != 0 {
		buf = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
	}
	copy(buf[8-n:], bs)
	return int64(binary.BigEndian.Uint64(buf[:])), nil, nil
}

// number reads an unsigned compact number below 2^31.
func (r *reader) number() (int, error) {
	if r.at >= len(r.data) {
		return 0, r.bad("cut off")
	}
	b := r.data[r.at]
	r.at++
	if b&7 != tagU {
		return 0, r.bad("operand is not a number")
	}
	if b&0x08 == 0 {
		return int(b >> 4), nil
	}
	v, wide, err := r.value(b)
	if err != nil {
		return 0, err
	}
	if wide != nil || v < 0 || v >= 1<<31 {
		return 0, r.bad("number is out of range")
	}
	return int(v), nil
}

// maxRegister bounds register numbers; OTP allows 1024 X registers of which code may name x0 to x1022.
const maxRegister = 1 << 16

// arg reads one operand. For KindList the elements follow. Atoms come as kindRawAtom with their index.
func (r *reader) arg() (Arg, error) {
	if r.at >= len(r.data) {
		return Arg{}, r.bad("cut off")
	}
	b := r.data[r.at]
	r.at++
	tag := b & 7
	if tag == tagZ {
		return r.extended(b)
	}
	v, wide, err := r.value(b)
	if err != nil {
		return Arg{}, err
	}
	if wide != nil {
		if tag != tagI {
			return Arg{}, r.bad("operand is out of range")
		}
		return r.bigOf(wide), nil
	}
	if tag == tagI {
		return Arg{Kind: KindInt, Val: v}, nil
	}
	if v < 0 {
		return Arg{}, r.bad("operand is out of range")
	}
	switch tag {
	case tagU:
		return Arg{Kind: KindU, Val: v}, nil
	case tagA:
		return Arg{Kind: kindRawAtom, Val: v}, nil
	case tagX, tagY:
		if v >= maxRegister {
			return Arg{}, r.bad("register %d is out of range", v)
		}
		return Arg{Kind: KindX + ArgKind(tag-tagX), Val: v}, nil
	case tagF:
		if v >= maxLabels {
			return Arg{}, r.bad("label %d is out of range", v)
		}
		return Arg{Kind: KindLabel, Val: v}, nil
	}
	return Arg{}, r.bad("operand has a tag that is not in use any more")
}

func (r *reader) extended(b byte) (Arg, error) {
	sub, wide, err := r.value(b)
	if err != nil || wide != nil {
		return Arg{}, r.bad("bad extended operand")
	}
	switch sub {
	case extTyped:
		reg, err := r.arg()
		if err != nil {
			return Arg{}, err
		}
		i, err := r.number()
		if err != nil {
			return Arg{}, err
		}
		if !reg.IsReg() || reg.Ext != 0 {
			return Arg{}, r.bad("type on something that is no register")
		}
		reg.Ext = uint32(i) + 1
		return reg, nil
	case extAlloc:
		n, err := r.number()
		if err != nil {
			return Arg{}, err
		}
		var need [3]int
		for range n {
			what, err := r.number()
			if err != nil {
				return Arg{}, err
			}
			if what > allocFuns {
				return Arg{}, r.bad("unknown sort %d of heap need", what)
			}
			if need[what], err = r.number(); err != nil {
				return Arg{}, err
			}
		}
		return Alloc(need[allocWords], need[allocFloats], need[allocFuns]), nil
	}
	n, err := r.number()
	if err != nil {
		return Arg{}, err
	}
	switch sub {
	case extList:
		if n > len(r.data)-r.at {
			return Arg{}, r.bad("list of %d operands does not fit the chunk", n)
		}
		return List(n), nil
	case extFloat:
		return FR(n), nil
	case extLiteral:
		return Lit(n), nil
	}
	return Arg{}, r.bad("unknown extended operand %d", sub)
}

// operands reads n operands and the elements of a list that ends them into the backing slice.
func (r *reader) operands(n int) ([]Arg, error) {
	if cap(r.args)-len(r.args) < n {
		r.args = r.scratch.block(n, r.chunkSize(n))
	}
	start := len(r.args)
	for i := 0; i < n; i++ {
		// The frequent short forms, without calls.
		if r.at < len(r.data) {
			if b := r.data[r.at]; b&0x08 == 0 && b&7 != tagZ && b&7 != tagH && b&7 != tagA {
				r.args = append(r.args, Arg{Kind: shortKinds[b&7], Val: int64(b >> 4)})
				r.at++
				continue
			}
		}
		a, err := r.arg()
		if err != nil {
			return nil, err
		}
		switch a.Kind {
		case kindRawAtom:
			if a.Val == 0 {
				a = Nil()
			} else {
				t, err := r.atom(a.N())
				if err != nil {
					return nil, err
				}
				a = Atom(t)
			}
		case KindList:
			if i != n-1 {
				return nil, r.bad("operand list in a wrong place")
			}
			if k := a.N(); k > 0 {
				if cap(r.args)-len(r.args) <= k {
					moved := r.scratch.block(n+1+k, r.chunkSize(n+1+k))
					moved = append(moved, r.args[start:]...)
					r.args, start = moved, 0
				}
				r.args = append(r.args, a)
				for range k {
					e, err := r.arg()
					if err != nil {
						return nil, err
					}
					switch e.Kind {
					case KindList:
						return nil, r.bad("operand list within an operand list")
					case kindRawAtom:
						if e.Val == 0 {
							e = Nil()
						} else {
							t, err := r.atom(e.N())
							if err != nil {
								return nil, err
							}
							e = Atom(t)
						}
					}
					r.args = append(r.args, e)
				}
				return r.args[start:len(r.args):len(r.args)], nil
			}
		}
		r.args = append(r.args, a)
	}
	return r.args[start:len(r.args):len(r.args)], nil
}

var shortKinds = [8]ArgKind{tagU: KindU, tagI: KindInt, tagX: KindX, tagY: KindY, tagF: KindLabel}

// chunkSize is the length of the next backing slice, which must hold n operands: enough for the rest of the code,
// since an operand takes a byte, but not more than a page or so at a time.
func (r *reader) chunkSize(n int) int {
	return max(n, min(4096, len(r.data)-r.at+n))
}
