package bifs

import (
	"crypto"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/subtle"
	"hash"
	"math/big"
	"reflect"
	"sync"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"

	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blake2s"
	//lint:ignore SA1019 old peers and files still ask for it
	"golang.org/x/crypto/md4"
	//lint:ignore SA1019 old peers and files still ask for it
	"golang.org/x/crypto/ripemd160"
)

// digest is a hash function as crypto names it.
type digest struct {
	new func() hash.Hash
	id  crypto.Hash // 0: signatures cannot use it
	nid int         // the number that hash_info shows
}

// digests is made when it is first needed, and never changed.
var digests = sync.OnceValue(func() map[string]digest {
	return map[string]digest{
		"md5": {md5.New, crypto.MD5, 4}, "sha": {sha1.New, crypto.SHA1, 64}, "sha224": {sha256.New224, crypto.SHA224, 675},
		"sha256": {sha256.New, crypto.SHA256, 672}, "sha384": {sha512.New384, crypto.SHA384, 673}, "sha512": {sha512.New, crypto.SHA512, 674},
		"sha512_224": {sha512.New512_224, crypto.SHA512_224, 1094}, "sha512_256": {sha512.New512_256, crypto.SHA512_256, 1095},
		"sha3_224": {func() hash.Hash { return sha3.New224() }, crypto.SHA3_224, 1096},
		"sha3_256": {func() hash.Hash { return sha3.New256() }, crypto.SHA3_256, 1097},
		"sha3_384": {func() hash.Hash { return sha3.New384() }, crypto.SHA3_384, 1098},
		"sha3_512": {func() hash.Hash { return sha3.New512() }, crypto.SHA3_512, 1099},
		"md4":      {md4.New, crypto.MD4, 257}, "ripemd160": {ripemd160.New, crypto.RIPEMD160, 117},
		"blake2b":  {func() hash.Hash { h, _ := blake2b.New512(nil); return h }, crypto.BLAKE2b_512, 1056},
		"blake2s":  {func() hash.Hash { h, _ := blake2s.New256(nil); return h }, crypto.BLAKE2s_256, 1057},
		"sm3":      {sm3.New, 0, 1143},
		"shake128": {func() hash.Hash { return &shake{sha3.NewSHAKE128(), 16, false} }, 0, 1100},
		"shake256": {func() hash.Hash { return &shake{sha3.NewSHAKE256(), 32, true} }, 0, 1101},
	}
})

// shake makes an extendable function a hash with its usual length.
type shake struct {
	*sha3.SHAKE
	size int
	wide bool
}

func (s *shake) Size() int { return s.size }

func (s *shake) Sum(b []byte) []byte {
	c, _ := s.Clone()
	out := make([]byte, s.size)
	_, _ = c.(*shake).Read(out)
	return append(b, out...)
}

// Clone implements hash.Cloner.
func (s *shake) Clone() (hash.Cloner, error) {
	state, err := s.MarshalBinary()
	if err != nil {
		return nil, err
	}
	c := &shake{sha3.NewSHAKE128(), s.size, s.wide}
	if s.wide {
		c.SHAKE = sha3.NewSHAKE256()
	}
	return c, c.UnmarshalBinary(state)
}

func digestArg(t term.Term) (d digest, ok bool) {
	if t.IsAtom() {
		d, ok = digests()[t.AtomName()]
	}
	return d, ok
}

// cryptoState is the resource behind the state of a hash or mac: it never changes, an update makes another.
type cryptoState struct{ h hash.Hash }

// Release implements term.Resource.
func (*cryptoState) Release() {}

func newResource(p *proc.Process, r term.Resource) term.Term {
	nums, _ := term.RefNumbers(p.MakeRef())
	return p.Heap.MagicRef([3]uint32(nums[:3]), r)
}

func stateArg(t term.Term) (*cryptoState, bool) {
	r, ok := term.MagicResource(t)
	s, isState := r.(*cryptoState)
	return s, ok && isState
}

// cryptoLater is how many bytes a worker works on itself.
const cryptoLater = 64 << 10

// withData runs f with data, on another goroutine if there is much of it. f gives the bytes of the result.
func withData(p *proc.Process, t term.Term, f func(data []byte) []byte) term.Term {
	data, ok := term.IOListBytes(t)
	if !ok {
		return p.Badarg()
	}
	p.Bump(len(data) >> 8)
	if len(data) < cryptoLater {
		return p.Heap.Binary(f(data))
	}
	data = append([]byte(nil), data...)
	return p.Async(func() result { return binaryResult(f(data)) })
}

// gerl_crypto:hash(Type, Data) -> binary() | undefined
func gerlCryptoHash2(p *proc.Process, a []term.Term) term.Term {
	d, ok := digestArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	return withData(p, a[1], func(data []byte) []byte {
		h := d.new()
		_, _ = h.Write(data)
		return h.Sum(nil)
	})
}

// gerl_crypto:hash_init(Type) -> state() | undefined
func gerlCryptoHashInit1(p *proc.Process, a []term.Term) term.Term {
	d, ok := digestArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	return newResource(p, &cryptoState{d.new()})
}

func clone(h hash.Hash) hash.Hash {
	if c, ok := h.(hash.Cloner); ok {
		if n, err := c.Clone(); err == nil {
			return n
		}
	}
	// the older hashes are flat structures that cannot be copied in another way
	v := reflect.ValueOf(h)
	if v.Kind() != reflect.Pointer {
		return nil
	}
	n := reflect.New(v.Elem().Type())
	n.Elem().Set(v.Elem())
	return n.Interface().(hash.Hash)
}

// gerl_crypto:hash_update(State, Data) -> state() | undefined
func gerlCryptoHashUpdate2(p *proc.Process, a []term.Term) term.Term {
	s, ok := stateArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	data, ok := dataArg(a[1])
	if !ok {
		return p.Badarg()
	}
	n := clone(s.h)
	if n == nil {
		return term.AtomUndefined
	}
	if len(data) < cryptoLater {
		_, _ = n.Write(data)
		return newResource(p, &cryptoState{n})
	}
	return p.Async(func() result {
		_, _ = n.Write(data)
		return func(p *proc.Process) term.Term { return newResource(p, &cryptoState{n}) }
	})
}

// gerl_crypto:hash_final(State) -> binary() | undefined
func gerlCryptoHashFinal1(p *proc.Process, a []term.Term) term.Term {
	s, ok := stateArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	return p.Heap.Binary(clone(s.h).Sum(nil))
}

// gerl_crypto:hash_info(Type) -> {Size, BlockSize, Number} | undefined
func gerlCryptoHashInfo1(p *proc.Process, a []term.Term) term.Term {
	d, ok := digestArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	h := d.new()
	size := h.Size()
	if _, extendable := h.(*shake); extendable {
		size = 0
	}
	return p.Heap.Tuple(term.Int(size), term.Int(h.BlockSize()), term.Int(d.nid))
}

// gerl_crypto:hash_xof(Type, Data, Bytes) -> binary() | undefined
func gerlCryptoHashXof3(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[2], 0, 1<<26)
	if !ok {
		return p.Badarg()
	}
	d, ok := digestArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	s, ok := d.new().(*shake)
	if !ok {
		return term.AtomUndefined
	}
	return withData(p, a[1], func(data []byte) []byte {
		out := make([]byte, n)
		_, _ = s.Write(data)
		_, _ = s.Read(out)
		return out
	})
}

// gerl_crypto:hash_final_xof(State, Bytes) -> binary() | undefined
func gerlCryptoHashFinalXof2(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[1], 0, 1<<26)
	if !ok {
		return p.Badarg()
	}
	s, ok := stateArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	x, ok := clone(s.h).(*shake)
	if !ok {
		return term.AtomUndefined
	}
	return p.Async(func() result {
		out := make([]byte, n)
		_, _ = x.Read(out)
		return binaryResult(out)
	})
}

// gerl_crypto:mac_init(hmac | cmac | poly1305, Sub, Key) -> state() | {error, Which}
func gerlCryptoMacInit3(p *proc.Process, a []term.Term) term.Term {
	key, ok := dataArg(a[2])
	if !ok || !a[0].IsAtom() {
		return p.Badarg()
	}
	fail := func(which string) term.Term { return p.Heap.Tuple(term.AtomError, term.Intern(which)) }
	var h hash.Hash
	switch a[0].AtomName() {
	case "hmac":
		d, ok := digestArg(a[1])
		if !ok {
			return fail("digest")
		}
		if _, extendable := d.new().(*shake); extendable {
			return fail("digest")
		}
		h = newHMAC(d.new, key)
	case "cmac":
		c, ok := cipherArg(a[1], len(key))
		if !ok || c.mode != "cbc_mode" {
			if _, known := cipherTable()[atomName0(a[1])]; known && !ok {
				return fail("key_size")
			}
			return fail("cipher")
		}
		b, err := c.block(key)
		if err != nil {
			return fail("key_size")
		}
		h = newCMAC(b)
	case "poly1305":
		if len(key) != 32 {
			return fail("key_length")
		}
		h = newPoly1305(key)
	default:
		return fail("mac")
	}
	return newResource(p, &cryptoState{h})
}

func atomName0(t term.Term) string {
	if t.IsAtom() {
		return t.AtomName()
	}
	return ""
}

// gerl_crypto:mac_update(State, Data) -> state() | undefined
func gerlCryptoMacUpdate2(p *proc.Process, a []term.Term) term.Term {
	return gerlCryptoHashUpdate2(p, a)
}

// gerl_crypto:mac_final(State) -> binary() | undefined
func gerlCryptoMacFinal1(p *proc.Process, a []term.Term) term.Term { return gerlCryptoHashFinal1(p, a) }

// gerl_crypto:pbkdf2(Digest, Password, Salt, Iterations, Length) -> binary() | undefined
func gerlCryptoPbkdf25(p *proc.Process, a []term.Term) term.Term {
	d, ok := digestArg(a[0])
	if !ok {
		return term.AtomUndefined
	}
	password, ok1 := dataArg(a[1])
	salt, ok2 := dataArg(a[2])
	iterations, ok3 := smallIn(a[3], 1, 1<<40)
	size, ok4 := smallIn(a[4], 1, 1<<26)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return p.Badarg()
	}
	return p.Async(func() result {
		key, err := pbkdf2.Key(d.new, string(password), salt, iterations, size)
		if err != nil {
			return func(*proc.Process) term.Term { return term.AtomUndefined }
		}
		return binaryResult(key)
	})
}

// gerl_crypto:rand_bytes(Count) -> binary()
func gerlCryptoRandBytes1(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[0], 0, 1<<31-1)
	if !ok {
		return p.Badarg()
	}
	if n < cryptoLater {
		t, data := p.Heap.NewBinary(n)
		_, _ = rand.Read(data)
		return t
	}
	return p.Async(func() result {
		data := make([]byte, n)
		_, _ = rand.Read(data)
		return binaryResult(data)
	})
}

// gerl_crypto:hash_equals(A, B) -> boolean(), in a time that does not depend on what is in them
func gerlCryptoHashEquals2(p *proc.Process, a []term.Term) term.Term {
	x, ok1 := a[0].Bytes()
	y, ok2 := a[1].Bytes()
	if !ok1 || !ok2 || len(x) != len(y) {
		return p.Badarg()
	}
	return term.Bool(subtle.ConstantTimeCompare(x, y) == 1)
}

// gerl_crypto:exor(A, B) -> binary()
func gerlCryptoExor2(p *proc.Process, a []term.Term) term.Term {
	x, ok1 := a[0].Bytes()
	y, ok2 := a[1].Bytes()
	if !ok1 || !ok2 || len(x) != len(y) {
		return p.Badarg()
	}
	t, out := p.Heap.NewBinary(len(x))
	subtle.XORBytes(out, x, y)
	return t
}

// bigArg reads a number as its bytes.
func bigArg(t term.Term) (*big.Int, bool) {
	b, ok := t.Bytes()
	if !ok {
		return nil, false
	}
	return new(big.Int).SetBytes(b), true
}

// gerl_crypto:mod_pow(Base, Exponent, Modulus) -> binary() | error
func gerlCryptoModPow3(p *proc.Process, a []term.Term) term.Term {
	x, ok1 := bigArg(a[0])
	y, ok2 := bigArg(a[1])
	m, ok3 := bigArg(a[2])
	if !ok1 || !ok2 || !ok3 {
		return p.Badarg()
	}
	if m.Sign() == 0 {
		return term.AtomError
	}
	return p.Async(func() result { return binaryResult(new(big.Int).Exp(x, y, m).Bytes()) })
}
