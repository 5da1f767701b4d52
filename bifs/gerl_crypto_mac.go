package bifs

import (
	"bytes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"math/bits"
)

// cmac is the MAC of NIST SP 800-38B over a block cipher.
type cmac struct {
	b       cipher.Block
	k1, k2  []byte
	state   []byte
	pending []byte
}

func newCMAC(b cipher.Block) *cmac {
	n := b.BlockSize()
	c := &cmac{b: b, state: make([]byte, n)}
	l := make([]byte, n)
	b.Encrypt(l, l)
	c.k1 = double(l)
	c.k2 = double(c.k1)
	return c
}

// double multiplies by x in the field of the block's size.
func double(in []byte) []byte {
	out := make([]byte, len(in))
	carry := byte(0)
	for i := len(in) - 1; i >= 0; i-- {
		out[i] = in[i]<<1 | carry
		carry = in[i] >> 7
	}
	poly := byte(0x87)
	if len(in) == 8 {
		poly = 0x1b
	}
	out[len(out)-1] ^= poly * carry
	return out
}

func (c *cmac) Write(data []byte) (int, error) {
	n := len(c.state)
	c.pending = append(c.pending, data...)
	// the last block, even if it is whole, waits for the end
	for len(c.pending) > n {
		subtle.XORBytes(c.state, c.state, c.pending[:n])
		c.b.Encrypt(c.state, c.state)
		c.pending = c.pending[n:]
	}
	return len(data), nil
}

func (c *cmac) Sum(out []byte) []byte {
	n := len(c.state)
	last := make([]byte, n)
	k := c.k1
	if copy(last, c.pending); len(c.pending) < n {
		last[len(c.pending)] = 0x80
		k = c.k2
	}
	subtle.XORBytes(last, last, k)
	subtle.XORBytes(last, last, c.state)
	c.b.Encrypt(last, last)
	return append(out, last...)
}

func (c *cmac) Reset()         { clear(c.state); c.pending = nil }
func (c *cmac) Size() int      { return len(c.state) }
func (c *cmac) BlockSize() int { return len(c.state) }

// Clone implements hash.Cloner.
func (c *cmac) Clone() (hash.Cloner, error) {
	n := *c
	n.state = append([]byte(nil), c.state...)
	n.pending = append([]byte(nil), c.pending...)
	return &n, nil
}

// hmacState is the MAC of RFC 2104. Go's own can only be copied when its hash can be written out, which those of SHA-3 cannot within it.
type hmacState struct {
	hash.Hash // of the inner key and what was written
	outer     hash.Hash
}

func newHMAC(make func() hash.Hash, key []byte) *hmacState {
	m := &hmacState{make(), make()}
	n := m.BlockSize()
	if len(key) > n {
		m.outer.Write(key)
		key = m.outer.Sum(nil)
		m.outer.Reset()
	}
	for _, side := range []struct {
		h   hash.Hash
		pad byte
	}{{m.Hash, 0x36}, {m.outer, 0x5c}} {
		block := bytes.Repeat([]byte{side.pad}, n)
		subtle.XORBytes(block, block, key)
		side.h.Write(block)
	}
	return m
}

func (m *hmacState) Sum(out []byte) []byte {
	outer := clone(m.outer)
	outer.Write(m.Hash.Sum(nil))
	return outer.Sum(out)
}

// Clone implements hash.Cloner.
func (m *hmacState) Clone() (hash.Cloner, error) {
	return &hmacState{clone(m.Hash), clone(m.outer)}, nil
}

// poly1305 is the MAC of RFC 8439: the message as a polynomial modulo 2^130-5. The accumulator has 130 bits in three words.
type poly1305 struct {
	r       [2]uint64
	s       [2]uint64
	acc     [3]uint64
	pending []byte
}

func newPoly1305(key []byte) *poly1305 {
	p := &poly1305{}
	p.r[0] = binary.LittleEndian.Uint64(key) & 0x0ffffffc0fffffff
	p.r[1] = binary.LittleEndian.Uint64(key[8:]) & 0x0ffffffc0ffffffc
	p.s[0], p.s[1] = binary.LittleEndian.Uint64(key[16:]), binary.LittleEndian.Uint64(key[24:])
	return p
}

func (p *poly1305) Write(data []byte) (int, error) {
	n := len(data)
	if len(p.pending) > 0 {
		k := min(16-len(p.pending), len(data))
		p.pending = append(p.pending, data[:k]...)
		data = data[k:]
		if len(p.pending) < 16 {
			return n, nil
		}
		p.block(p.pending, 1)
		p.pending = nil
	}
	for len(data) >= 16 {
		p.block(data[:16], 1)
		data = data[16:]
	}
	p.pending = append([]byte(nil), data...)
	return n, nil
}

// block adds 16 bytes with a bit above them and multiplies by r.
func (p *poly1305) block(b []byte, top uint64) {
	var c uint64
	a := &p.acc
	a[0], c = bits.Add64(a[0], binary.LittleEndian.Uint64(b), 0)
	a[1], c = bits.Add64(a[1], binary.LittleEndian.Uint64(b[8:]), c)
	a[2] += top + c
	// the product of 130 and 124 bits in four words; the upper word of a is small
	h0, l0 := bits.Mul64(a[0], p.r[0])
	h1, l1 := bits.Mul64(a[0], p.r[1])
	h2, l2 := bits.Mul64(a[1], p.r[0])
	h3, l3 := bits.Mul64(a[1], p.r[1])
	m0 := l0
	m1, c := bits.Add64(h0, l1, 0)
	m2, c := bits.Add64(h1, l3, c)
	m3 := h3 + c
	m1, c = bits.Add64(m1, l2, 0)
	m2, c = bits.Add64(m2, h2, c)
	m3 += c
	m2, c = bits.Add64(m2, a[2]*p.r[0], 0)
	m3 += a[2]*p.r[1] + c
	// modulo 2^130-5: what lies above bit 130 counts five times
	a[0], a[1], a[2] = m0, m1, m2&3
	hi, lo := m3, m2&^3
	a[0], c = bits.Add64(a[0], lo, 0)
	a[1], c = bits.Add64(a[1], hi, c)
	a[2] += c
	lo = lo>>2 | hi<<62
	hi >>= 2
	a[0], c = bits.Add64(a[0], lo, 0)
	a[1], c = bits.Add64(a[1], hi, c)
	a[2] += c
}

func (p *poly1305) Sum(out []byte) []byte {
	q := *p
	if len(q.pending) > 0 {
		last := make([]byte, 16)
		copy(last, q.pending)
		last[len(q.pending)] = 1
		q.block(last, 0)
	}
	a := q.acc
	t0, borrow := bits.Sub64(a[0], 0xfffffffffffffffb, 0)
	t1, borrow := bits.Sub64(a[1], 0xffffffffffffffff, borrow)
	_, borrow = bits.Sub64(a[2], 3, borrow)
	if borrow == 0 {
		a[0], a[1] = t0, t1
	}
	a[0], borrow = bits.Add64(a[0], q.s[0], 0)
	a[1], _ = bits.Add64(a[1], q.s[1], borrow)
	out = binary.LittleEndian.AppendUint64(out, a[0])
	return binary.LittleEndian.AppendUint64(out, a[1])
}

func (p *poly1305) Reset()         { p.acc, p.pending = [3]uint64{}, nil }
func (p *poly1305) Size() int      { return 16 }
func (p *poly1305) BlockSize() int { return 16 }

// Clone implements hash.Cloner.
func (p *poly1305) Clone() (hash.Cloner, error) {
	n := *p
	n.pending = append([]byte(nil), p.pending...)
	return &n, nil
}

// chacha20 is the stream cipher of RFC 8439.
type chacha20 struct {
	state [16]uint32
	key   [64]byte // key stream that is not used up yet: its last left bytes
	left  int
}

// newChacha20 takes the key and 16 bytes: the block counter and the nonce.
func newChacha20(key, iv []byte) *chacha20 {
	c := &chacha20{}
	copy(c.state[:4], []uint32{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574})
	for i := range 8 {
		c.state[4+i] = binary.LittleEndian.Uint32(key[4*i:])
	}
	for i := range 4 {
		c.state[12+i] = binary.LittleEndian.Uint32(iv[4*i:])
	}
	return c
}

func quarter(s *[16]uint32, a, b, c, d int) {
	s[a] += s[b]
	s[d] = bits.RotateLeft32(s[d]^s[a], 16)
	s[c] += s[d]
	s[b] = bits.RotateLeft32(s[b]^s[c], 12)
	s[a] += s[b]
	s[d] = bits.RotateLeft32(s[d]^s[a], 8)
	s[c] += s[d]
	s[b] = bits.RotateLeft32(s[b]^s[c], 7)
}

func (c *chacha20) refill() {
	s := c.state
	for range 10 {
		for i := range 4 {
			quarter(&s, i, 4+i, 8+i, 12+i)
		}
		for i := range 4 {
			quarter(&s, i, 4+(i+1)%4, 8+(i+2)%4, 12+(i+3)%4)
		}
	}
	for i, v := range s {
		binary.LittleEndian.PutUint32(c.key[4*i:], v+c.state[i])
	}
	c.left = 64
	if c.state[12]++; c.state[12] == 0 {
		c.state[13]++
	}
}

// XORKeyStream implements cipher.Stream.
func (c *chacha20) XORKeyStream(dst, src []byte) {
	for len(src) > 0 {
		if c.left == 0 {
			c.refill()
		}
		n := subtle.XORBytes(dst, src, c.key[64-c.left:])
		c.left -= n
		dst, src = dst[n:], src[n:]
	}
}

// chachaPoly is the AEAD of RFC 8439.
type chachaPoly struct{ key []byte }

func (chachaPoly) NonceSize() int { return 12 }
func (chachaPoly) Overhead() int  { return 16 }

func (c chachaPoly) tag(nonce, text, aad []byte) (stream *chacha20, sum func(text []byte) []byte) {
	stream = newChacha20(c.key, append(make([]byte, 4), nonce...))
	var head [64]byte
	stream.XORKeyStream(head[:], head[:])
	return stream, func(text []byte) []byte {
		m := newPoly1305(head[:32])
		for _, part := range [][]byte{aad, text} {
			_, _ = m.Write(part)
			_, _ = m.Write(make([]byte, (16-len(part)%16)%16))
		}
		var sizes [16]byte
		binary.LittleEndian.PutUint64(sizes[:], uint64(len(aad)))
		binary.LittleEndian.PutUint64(sizes[8:], uint64(len(text)))
		_, _ = m.Write(sizes[:])
		return m.Sum(nil)
	}
}

// seal gives the cipher text and the tag.
func (c chachaPoly) seal(nonce, text, aad []byte, size int) (out, tag []byte) {
	stream, sum := c.tag(nonce, text, aad)
	out = make([]byte, len(text))
	stream.XORKeyStream(out, text)
	return out, sum(out)[:size]
}

// open gives the text, false if the tag is wrong.
func (c chachaPoly) open(nonce, text, aad, tag []byte) ([]byte, bool) {
	stream, sum := c.tag(nonce, text, aad)
	if subtle.ConstantTimeCompare(sum(text)[:len(tag)], tag) != 1 {
		return nil, false
	}
	out := make([]byte, len(text))
	stream.XORKeyStream(out, text)
	return out, true
}
