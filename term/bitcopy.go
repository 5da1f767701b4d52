package term

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// Primitives on runs of bits in memory. A run is the address of a byte and an offset in bits; bit 0 is the most significant
// bit of its byte, as in Erlang's bit syntax. Nothing outside the bytes that hold the run is touched.

func bytesAt(a uintptr, n int) []byte { return unsafe.Slice((*byte)(at(a)), n) }

func byteAt(a uintptr) *byte { return (*byte)(at(a)) }

// ReadBits reads n bits, 0 to 64, as a big-endian unsigned number.
func ReadBits(data uintptr, off, n int) uint64 {
	if n == 0 {
		return 0
	}
	a := data + uintptr(off>>3)
	s := off & 7
	if s == 0 && n == 8 {
		return uint64(*byteAt(a))
	}
	total := s + n
	if total <= 64 {
		var v uint64
		k := (total + 7) >> 3
		if k == 8 {
			v = bits.ReverseBytes64(*(*uint64)(at(a)))
		} else {
			for _, b := range bytesAt(a, k) {
				v = v<<8 | uint64(b)
			}
		}
		v >>= uint(k*8 - total)
		return v & (1<<uint(n) - 1) // n = 64 gives a mask of all ones: 1<<64 is 0
	}
	v := bits.ReverseBytes64(*(*uint64)(at(a)))
	rest := uint(total - 64) // 1 to 7
	v = v<<rest | uint64(*byteAt(a + 8))>>(8-rest)
	return v & (1<<uint(n) - 1)
}

// WriteBits writes the low n bits of v, 0 to 64, big-endian; the bits around them stay.
func WriteBits(data uintptr, off, n int, v uint64) {
	a := data + uintptr(off>>3)
	if off&7 == 0 {
		switch n {
		case 8:
			*byteAt(a) = byte(v)
			return
		case 16:
			*(*uint16)(at(a)) = bits.ReverseBytes16(uint16(v))
			return
		case 32:
			*(*uint32)(at(a)) = bits.ReverseBytes32(uint32(v))
			return
		case 64:
			*(*uint64)(at(a)) = bits.ReverseBytes64(v)
			return
		}
	}
	if s := off & 7; s != 0 {
		k := min(8-s, n)
		part := byte(v >> uint(n-k))
		mask := byte(1<<uint(k)-1) << uint(8-s-k)
		p := byteAt(a)
		*p = *p&^mask | part<<uint(8-s-k)&mask
		a++
		n -= k
	}
	for n >= 8 {
		n -= 8
		*byteAt(a) = byte(v >> uint(n))
		a++
	}
	if n > 0 {
		mask := byte(0xFF) << uint(8-n)
		p := byteAt(a)
		*p = *p&^mask | byte(v)<<uint(8-n)
	}
}

// CopyBits copies n bits; the runs must not overlap.
func CopyBits(dst uintptr, dstOff int, src uintptr, srcOff, n int) {
	if n <= 0 {
		return
	}
	if k := min(-dstOff&7, n); k > 0 {
		WriteBits(dst, dstOff, k, ReadBits(src, srcOff, k))
		dstOff, srcOff, n = dstOff+k, srcOff+k, n-k
	}
	d := dst + uintptr(dstOff>>3)
	if srcOff&7 == 0 {
		a := src + uintptr(srcOff>>3)
		k := n >> 3
		copy(bytesAt(d, k), bytesAt(a, k))
		if n &= 7; n > 0 {
			WriteBits(d+uintptr(k), 0, n, uint64(*byteAt(a + uintptr(k)))>>uint(8-n))
		}
		return
	}
	a, s := src+uintptr(srcOff>>3), uint(srcOff&7)
	for ; n >= 64; n -= 64 {
		v := bits.ReverseBytes64(*(*uint64)(at(a)))<<s | uint64(*byteAt(a + 8))>>(8-s)
		*(*uint64)(at(d)) = bits.ReverseBytes64(v)
		a, d = a+8, d+8
	}
	WriteBits(d, 0, n, ReadBits(a, int(s), n))
}

// CompareBits orders two runs bit by bit; where one is a prefix of the other the shorter one is smaller.
func CompareBits(a uintptr, aOff, aLen int, b uintptr, bOff, bLen int) int {
	n := min(aLen, bLen)
	if aOff&7 == 0 && bOff&7 == 0 {
		pa, pb := a+uintptr(aOff>>3), b+uintptr(bOff>>3)
		k := n >> 3
		for k > 0 { // in pieces, so that a difference at the start is cheap
			step := min(k, 4096)
			x, y := bytesAt(pa, step), bytesAt(pb, step)
			if string(x) != string(y) {
				if string(x) < string(y) {
					return -1
				}
				return 1
			}
			pa, pb, k = pa+uintptr(step), pb+uintptr(step), k-step
		}
		done := n &^ 7
		aOff, bOff = aOff+done, bOff+done
		n -= done
		aLen, bLen = aLen-done, bLen-done
	}
	for n > 0 {
		k := min(n, 64)
		x, y := ReadBits(a, aOff, k), ReadBits(b, bOff, k)
		if x != y {
			if x < y {
				return -1
			}
			return 1
		}
		aOff, bOff, n = aOff+k, bOff+k, n-k
		aLen, bLen = aLen-k, bLen-k
	}
	switch {
	case aLen < bLen:
		return -1
	case aLen > bLen:
		return 1
	}
	return 0
}

// AppendRun appends the bits of a run to dst as bytes, the last padded with zeros.
func AppendRun(dst []byte, data uintptr, off, n int) []byte {
	if n <= 0 {
		return dst
	}
	k := (n + 7) >> 3
	if off&7 == 0 {
		dst = append(dst, bytesAt(data+uintptr(off>>3), k)...)
		if r := n & 7; r != 0 {
			dst[len(dst)-1] &= 0xFF << uint(8-r)
		}
		return dst
	}
	for ; n >= 64; n -= 64 {
		dst = binary.BigEndian.AppendUint64(dst, ReadBits(data, off, 64))
		off += 64
	}
	for ; n > 0; n -= 8 {
		m := min(n, 8)
		dst = append(dst, byte(ReadBits(data, off, m)<<uint(8-m)))
		off += 8
	}
	return dst
}
