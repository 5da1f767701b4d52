package bifs

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rand"
	"crypto/rc4"
	"crypto/subtle"
	"encoding/binary"
	"sync"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"

	"github.com/emmansun/gmsm/sm4"
	//lint:ignore SA1019 old peers and files still ask for it
	"golang.org/x/crypto/blowfish"
)

// cipherFact is a cipher as crypto names it.
type cipherFact struct {
	mode      string
	keySize   int
	ivSize    int
	blockSize int
	family    string // aes, sm4, des, des3, blowfish, rc2, rc4, chacha
	segment   int    // of cfb, in bytes
	aead      bool
}

func (c cipherFact) block(key []byte) (cipher.Block, error) {
	switch c.family {
	case "des":
		return des.NewCipher(key)
	case "des3":
		return des.NewTripleDESCipher(key)
	case "blowfish":
		if len(key) == 0 {
			return nil, blowfish.KeySizeError(0)
		}
		return blowfish.NewSaltedCipher(key, []byte{0}) // an empty salt would limit the key's length
	case "rc2":
		return newRC2(key, min(8*len(key), 1024))
	}
	if c.family == "sm4" {
		return sm4.NewCipher(key)
	}
	return aes.NewCipher(key)
}

// cipherTable is made when it is first needed, and never changed.
var cipherTable = sync.OnceValue(func() map[string]cipherFact {
	m := map[string]cipherFact{
		"des_cbc": {"cbc_mode", 8, 8, 8, "des", 0, false}, "des_ecb": {"ecb_mode", 8, 0, 8, "des", 0, false},
		"des_cfb": {"cfb_mode", 8, 8, 1, "des", 8, false}, "des_ede3_cbc": {"cbc_mode", 24, 8, 8, "des3", 0, false},
		"des_ede3_cfb": {"cfb_mode", 24, 8, 1, "des3", 8, false}, "rc4": {"stream_cipher", 16, 0, 1, "rc4", 0, false},
		"blowfish_cbc": {"cbc_mode", 16, 8, 8, "blowfish", 0, false}, "blowfish_ecb": {"ecb_mode", 16, 0, 8, "blowfish", 0, false},
		"blowfish_cfb64": {"cfb_mode", 16, 8, 1, "blowfish", 8, false}, "blowfish_ofb64": {"ofb_mode", 16, 8, 1, "blowfish", 0, false},
		"rc2_cbc":           {"cbc_mode", 16, 8, 8, "rc2", 0, false},
		"chacha20":          {"stream_cipher", 32, 16, 1, "chacha", 0, false},
		"chacha20_poly1305": {"stream_cipher", 32, 12, 1, "chacha", 0, true},
	}
	for _, size := range []int{16, 24, 32} {
		name := map[int]string{16: "aes_128_", 24: "aes_192_", 32: "aes_256_"}[size]
		m[name+"cbc"] = cipherFact{"cbc_mode", size, 16, 16, "aes", 0, false}
		m[name+"ecb"] = cipherFact{"ecb_mode", size, 0, 16, "aes", 0, false}
		m[name+"ctr"] = cipherFact{"ctr_mode", size, 16, 1, "aes", 0, false}
		m[name+"ofb"] = cipherFact{"ofb_mode", size, 16, 1, "aes", 0, false}
		m[name+"cfb8"] = cipherFact{"cfb_mode", size, 16, 1, "aes", 1, false}
		m[name+"cfb128"] = cipherFact{"cfb_mode", size, 16, 1, "aes", 16, false}
		m[name+"gcm"] = cipherFact{"gcm_mode", size, 12, 1, "aes", 0, true}
		m[name+"ccm"] = cipherFact{"ccm_mode", size, 12, 1, "aes", 0, true}
	}
	m["sm4_cbc"] = cipherFact{"cbc_mode", 16, 16, 16, "sm4", 0, false}
	m["sm4_ecb"] = cipherFact{"ecb_mode", 16, 0, 16, "sm4", 0, false}
	m["sm4_ctr"] = cipherFact{"ctr_mode", 16, 16, 1, "sm4", 0, false}
	m["sm4_ofb"] = cipherFact{"ofb_mode", 16, 16, 1, "sm4", 0, false}
	m["sm4_cfb"] = cipherFact{"cfb_mode", 16, 16, 1, "sm4", 16, false}
	m["sm4_gcm"] = cipherFact{"gcm_mode", 16, 12, 1, "sm4", 0, true}
	m["sm4_ccm"] = cipherFact{"ccm_mode", 16, 12, 1, "sm4", 0, true}
	return m
})

// cipherArg finds a cipher; a name without a size, as aes_cbc, means the one whose key is as long. ok is false if there is none or
// the key's length is wrong.
func cipherArg(t term.Term, keySize int) (c cipherFact, ok bool) {
	m := cipherTable()
	name := atomName0(t)
	if c, ok = m[name]; ok {
		variable := c.family == "rc4" || c.family == "rc2" || c.family == "blowfish"
		return c, keySize == c.keySize || variable && keySize > 0
	}
	if len(name) > 4 && name[:4] == "aes_" {
		size := map[int]string{16: "aes_128_", 24: "aes_192_", 32: "aes_256_"}[keySize]
		if c, ok = m[size+name[4:]]; ok {
			return c, true
		}
	}
	return c, false
}

// cfb is the cipher feedback mode with segments of a number of bytes.
type cfb struct {
	b       cipher.Block
	reg     []byte
	pad     []byte
	used    int
	segment int
	encrypt bool
}

// XORKeyStream implements cipher.Stream.
func (c *cfb) XORKeyStream(dst, src []byte) {
	for i, in := range src {
		if c.used == 0 {
			c.b.Encrypt(c.pad, c.reg)
		}
		out := in ^ c.pad[c.used]
		fed := out
		if !c.encrypt {
			fed = in
		}
		if c.segment == len(c.reg) {
			c.reg[c.used] = fed
		} else {
			copy(c.reg, c.reg[1:])
			c.reg[len(c.reg)-1] = fed
		}
		dst[i] = out
		c.used = (c.used + 1) % c.segment
	}
}

// ofb is the output feedback mode.
type ofb struct {
	b    cipher.Block
	pad  []byte
	used int
}

// XORKeyStream implements cipher.Stream.
func (o *ofb) XORKeyStream(dst, src []byte) {
	for i, in := range src {
		if o.used %= len(o.pad); o.used == 0 {
			o.b.Encrypt(o.pad, o.pad)
		}
		dst[i] = in ^ o.pad[o.used]
		o.used++
	}
}

// cipherState is the resource behind crypto_init.
type cipherState struct {
	mu      sync.Mutex
	stream  cipher.Stream
	block   cipher.Block
	chain   cipher.BlockMode // nil in ecb mode
	size    int
	encrypt bool
	padding string
	pending []byte
	total   int
	padded  int
	ended   bool
}

// Release implements term.Resource.
func (*cipherState) Release() {}

// gerl_crypto:cipher_init(Cipher, Key, IV, Encrypt, Padding) -> state() | {error, Which}
func gerlCryptoCipherInit5(p *proc.Process, a []term.Term) term.Term {
	key, ok1 := dataArg(a[1])
	iv, ok2 := dataArg(a[2])
	if !ok1 || !ok2 {
		return p.Badarg()
	}
	fail := func(which string) term.Term { return p.Heap.Tuple(term.AtomError, term.Intern(which)) }
	c, ok := cipherArg(a[0], len(key))
	switch {
	case c.mode == "":
		return fail("cipher")
	case !ok:
		return fail("key_size")
	case c.aead:
		return fail("aead")
	case len(iv) != c.ivSize && c.ivSize > 0:
		return fail("iv_size")
	}
	s := &cipherState{encrypt: a[3] == term.AtomTrue, padding: atomName0(a[4]), size: c.blockSize, padded: -1}
	var err error
	switch c.family {
	case "rc4":
		s.stream, err = rc4.NewCipher(key)
	case "chacha":
		s.stream = newChacha20(key, iv)
	default:
		s.block, err = c.block(key)
	}
	if err != nil {
		return fail("key_size")
	}
	switch c.mode {
	case "cbc_mode":
		if s.encrypt {
			s.chain = cipher.NewCBCEncrypter(s.block, iv)
		} else {
			s.chain = cipher.NewCBCDecrypter(s.block, iv)
		}
	case "ctr_mode":
		s.stream = cipher.NewCTR(s.block, iv)
	case "ofb_mode":
		s.stream = &ofb{b: s.block, pad: iv}
	case "cfb_mode":
		s.stream = &cfb{b: s.block, reg: iv, pad: make([]byte, len(iv)), segment: c.segment, encrypt: s.encrypt}
	}
	return newResource(p, s)
}

func (s *cipherState) crypt(data []byte) {
	if s.chain != nil {
		s.chain.CryptBlocks(data, data)
		return
	}
	for n := s.size; len(data) > 0; data = data[n:] {
		if s.encrypt {
			s.block.Encrypt(data[:n], data[:n])
		} else {
			s.block.Decrypt(data[:n], data[:n])
		}
	}
}

// update takes data; whole blocks come out. When padding is to be taken off, the last block waits.
func (s *cipherState) update(data []byte) []byte {
	s.total += len(data)
	if s.stream != nil {
		s.stream.XORKeyStream(data, data)
		return data
	}
	s.pending = append(s.pending, data...)
	n := len(s.pending) / s.size * s.size
	if n == len(s.pending) && n > 0 && !s.encrypt && s.padding == "pkcs_padding" {
		n -= s.size
	}
	out := append([]byte(nil), s.pending[:n]...)
	s.pending = s.pending[n:]
	s.crypt(out)
	return out
}

// final gives what is left, or says why it cannot.
func (s *cipherState) final() (out []byte, failed string) {
	if s.stream != nil {
		s.padded = 0
		return nil, ""
	}
	missing := s.size - len(s.pending)%s.size
	last := append([]byte(nil), s.pending...)
	if s.encrypt {
		switch s.padding {
		case "pkcs_padding":
			for range missing {
				last = append(last, byte(missing))
			}
			s.padded = missing
		case "zero", "random":
			if s.padded = missing % s.size; s.padded > 0 {
				fill := make([]byte, missing)
				if s.padding == "random" {
					_, _ = rand.Read(fill)
				}
				last = append(last, fill...)
			}
		case "none":
			if len(last) > 0 {
				return nil, "unfilled"
			}
			s.padded = 0
		default:
			s.padded = missing % s.size
			return nil, ""
		}
		s.crypt(last)
		return last, ""
	}
	switch {
	case s.padding == "undefined":
		s.padded = missing % s.size
		return nil, ""
	case s.padding != "pkcs_padding":
		s.padded = 0
		if len(last) > 0 {
			return nil, "unfilled"
		}
		return nil, ""
	case len(last) != s.size:
		return nil, "final"
	}
	s.crypt(last)
	n := int(last[len(last)-1])
	if n == 0 || n > s.size {
		return nil, "final"
	}
	for _, b := range last[s.size-n:] {
		if int(b) != n {
			return nil, "final"
		}
	}
	s.padded = n
	return last[:s.size-n], ""
}

func cipherStateArg(t term.Term) (*cipherState, bool) {
	r, ok := term.MagicResource(t)
	s, isState := r.(*cipherState)
	return s, ok && isState
}

// gerl_crypto:cipher_update(State, Data) -> binary() | undefined
func gerlCryptoCipherUpdate2(p *proc.Process, a []term.Term) term.Term {
	s, ok := cipherStateArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	data, ok := dataArg(a[1])
	if !ok {
		return p.Badarg()
	}
	run := func() result {
		s.mu.Lock()
		defer s.mu.Unlock()
		return binaryResult(s.update(data))
	}
	if len(data) < cryptoLater {
		return run()(p)
	}
	return p.Async(run)
}

// gerl_crypto:cipher_final(State) -> binary() | undefined | {error, Which}
func gerlCryptoCipherFinal1(p *proc.Process, a []term.Term) term.Term {
	s, ok := cipherStateArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out, failed := s.final()
	if failed != "" {
		return p.Heap.Tuple(term.AtomError, term.Intern(failed))
	}
	s.ended = true
	return p.Heap.Binary(out)
}

// gerl_crypto:cipher_data(State) -> {Size, PaddingSize, Padding, Encrypt} | undefined
func gerlCryptoCipherData1(p *proc.Process, a []term.Term) term.Term {
	s, ok := cipherStateArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.Heap.Tuple(term.Int(s.total), term.Int(s.padded), term.Intern(s.padding), term.Bool(s.encrypt))
}

// gerl_crypto:aead(Cipher, Key, IV, Data, AAD, Tag | TagLength, Encrypt) -> {Data, Tag} | Data | error | {error, Which}
func gerlCryptoAead7(p *proc.Process, a []term.Term) term.Term {
	var in [4][]byte
	for i := range in {
		b, ok := dataArg(a[i+1])
		if !ok {
			return p.Badarg()
		}
		in[i] = b
	}
	key, iv, data, aad := in[0], in[1], in[2], in[3]
	fail := func(which string) term.Term { return p.Heap.Tuple(term.AtomError, term.Intern(which)) }
	c, ok := cipherArg(a[0], len(key))
	if !ok {
		return fail("key_size")
	}
	if !c.aead {
		return fail("cipher")
	}
	encrypt := a[6] == term.AtomTrue
	size, tag := 0, []byte(nil)
	if encrypt {
		size, ok = smallIn(a[5], 0, 16)
	} else {
		tag, ok = dataArg(a[5])
		size = len(tag)
	}
	if c.mode == "ccm_mode" && (!ok || size < 4 || size > 16 || size%2 == 1) {
		return fail("ccm_tag")
	}
	if !ok || size > 16 || size == 0 && encrypt {
		return fail("tag")
	}
	if len(iv) == 0 || c.family == "chacha" && len(iv) != 12 || c.mode == "ccm_mode" && (len(iv) < 7 || len(iv) > 13) {
		return fail("iv")
	}
	return p.Async(func() result {
		seal, open := aeadOf(c, key, iv, data, aad)
		if !encrypt {
			text, ok := open(tag)
			if !ok {
				return func(*proc.Process) term.Term { return term.AtomError }
			}
			return binaryResult(text)
		}
		out, t := seal(size)
		return func(p *proc.Process) term.Term { return p.Heap.Tuple(p.Heap.Binary(out), p.Heap.Binary(t)) }
	})
}

// aeadOf gives the two directions of an authenticated cipher.
func aeadOf(c cipherFact, key, iv, data, aad []byte) (seal func(size int) (out, tag []byte), open func(tag []byte) ([]byte, bool)) {
	if c.family == "chacha" {
		cp := chachaPoly{key}
		return func(size int) ([]byte, []byte) { return cp.seal(iv, data, aad, size) },
			func(tag []byte) ([]byte, bool) { return cp.open(iv, data, aad, tag) }
	}
	b, _ := c.block(key)
	full := func(text []byte) (out, tag []byte) {
		g, err := cipher.NewGCMWithNonceSize(b, len(iv))
		if err != nil {
			return nil, nil
		}
		sealed := g.Seal(nil, iv, text, aad)
		return sealed[:len(text)], sealed[len(text):]
	}
	if c.mode == "ccm_mode" {
		return func(size int) ([]byte, []byte) { return ccm(b, iv, data, aad, size, true) },
			func(tag []byte) ([]byte, bool) {
				text, want := ccm(b, iv, data, aad, len(tag), false)
				return text, subtle.ConstantTimeCompare(want, tag) == 1
			}
	}
	return func(size int) ([]byte, []byte) { out, tag := full(data); return out, tag[:size] },
		func(tag []byte) ([]byte, bool) {
			// sealing is its own inverse apart from the tag, which is then made again: short tags are allowed this way
			text, _ := full(data)
			_, want := full(text)
			return text, len(tag) > 0 && subtle.ConstantTimeCompare(want[:len(tag)], tag) == 1
		}
}

// ccm is the mode of NIST SP 800-38C. It gives the other text and the tag of the plain one.
func ccm(b cipher.Block, nonce, data, aad []byte, size int, encrypt bool) (out, tag []byte) {
	l := 15 - len(nonce)
	counter := make([]byte, 16)
	counter[0] = byte(l - 1)
	copy(counter[1:], nonce)
	stream := cipher.NewCTR(b, counter)
	mask := make([]byte, 16)
	stream.XORKeyStream(mask, mask)
	out = make([]byte, len(data))
	stream.XORKeyStream(out, data)
	plain := data
	if !encrypt {
		plain = out
	}
	first := make([]byte, 16)
	first[0] = byte((size-2)/2<<3 | (l - 1))
	if len(aad) > 0 {
		first[0] |= 0x40
	}
	copy(first[1:], nonce)
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(plain)))
	copy(first[16-min(l, 8):], length[8-min(l, 8):])
	mac := make([]byte, 16)
	add := func(part []byte) {
		for len(part) > 0 {
			n := subtle.XORBytes(mac, mac, part)
			b.Encrypt(mac, mac)
			part = part[min(n, len(part)):]
		}
	}
	add(first)
	if len(aad) > 0 {
		var head []byte
		if len(aad) < 0xff00 {
			head = binary.BigEndian.AppendUint16(nil, uint16(len(aad)))
		} else {
			head = binary.BigEndian.AppendUint32([]byte{0xff, 0xfe}, uint32(len(aad)))
		}
		add(append(head, aad...))
	}
	add(plain)
	subtle.XORBytes(mac, mac, mask)
	return out, mac[:size]
}
