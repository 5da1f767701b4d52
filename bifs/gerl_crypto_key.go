package bifs

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"hash"
	"math/big"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Keys come as lists of binaries, numbers as their bytes. The answers are binaries, lists of them, or {error, Which}.

func cryptoFailed(which string) result {
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomError, term.Intern(which)) }
}

func binariesResult(parts ...[]byte) result {
	return func(p *proc.Process) term.Term {
		out := make([]term.Term, len(parts))
		for i, b := range parts {
			out[i] = p.Heap.Binary(b)
		}
		return p.Heap.List(out...)
	}
}

// keyParts copies a list of binaries.
func keyParts(t term.Term) (out [][]byte, ok bool) {
	elems, ok := listElems(t)
	if !ok {
		return nil, false
	}
	for _, e := range elems {
		b, ok := e.Bytes()
		if !ok {
			return nil, false
		}
		out = append(out, append([]byte(nil), b...))
	}
	return out, true
}

func ecdhCurve(name string) ecdh.Curve {
	switch name {
	case "secp256r1", "prime256v1":
		return ecdh.P256()
	case "secp384r1":
		return ecdh.P384()
	case "secp521r1":
		return ecdh.P521()
	case "x25519":
		return ecdh.X25519()
	}
	return nil
}

func ecdsaCurve(name string) elliptic.Curve {
	switch name {
	case "secp224r1":
		return elliptic.P224()
	case "secp256r1", "prime256v1":
		return elliptic.P256()
	case "secp384r1":
		return elliptic.P384()
	case "secp521r1":
		return elliptic.P521()
	}
	return nil
}

// gerl_crypto:generate(Type, Params, PrivateKey | undefined) -> [binary()] | {error, Which}
//
// Type is ecdh (Params a curve), ec (Params its numbers), eddsa, pq (Params a method), rsa (Params [Bits, Exponent]) or dh (Params [Prime, Generator]).
func gerlCryptoGenerate3(p *proc.Process, a []term.Term) term.Term {
	var private []byte
	if a[2] != term.AtomUndefined {
		b, ok := dataArg(a[2])
		if !ok {
			return p.Badarg()
		}
		private = b
	}
	kind, curve := atomName0(a[0]), atomName0(a[1])
	params, _ := keyParts(a[1])
	return p.Async(func() result {
		switch kind {
		case "ecdh":
			return generateECDH(curve, private)
		case "ec":
			c, ok := curveOf(params)
			if !ok {
				return cryptoFailed("curve")
			}
			return c.generate(private)
		case "eddsa":
			return generateEdwards(curve, private)
		case "pq":
			return generatePQ(curve, private)
		case "rsa":
			return generateRSA(int(new(big.Int).SetBytes(params[0]).Int64()), new(big.Int).SetBytes(params[1]))
		case "dh":
			return generateDH(params, private)
		}
		return cryptoFailed("type")
	})
}

func generateECDH(curve string, private []byte) result {
	if curve == "x448" {
		return generateX448(private)
	}
	c := ecdhCurve(curve)
	if c == nil {
		return cryptoFailed("curve")
	}
	var key *ecdh.PrivateKey
	var err error
	if private == nil {
		key, err = c.GenerateKey(rand.Reader)
	} else {
		if curve == "x25519" && len(private) != 32 {
			return cryptoFailed("raw")
		}
		key, err = c.NewPrivateKey(leftPad(private, map[string]int{"x25519": 32, "secp384r1": 48, "secp521r1": 66}[curve], 32))
	}
	if err != nil {
		return cryptoFailed("key")
	}
	return binariesResult(key.PublicKey().Bytes(), key.Bytes())
}

// leftPad gives bytes of a number a fixed length.
func leftPad(b []byte, size, usual int) []byte {
	if size == 0 {
		size = usual
	}
	if len(b) >= size {
		return b
	}
	return append(make([]byte, size-len(b)), b...)
}

func generateRSA(bits int, exponent *big.Int) result {
	if !exponent.IsInt64() || exponent.Int64() > 1<<31-1 || exponent.Bit(0) == 0 || exponent.Cmp(big.NewInt(3)) < 0 {
		return cryptoFailed("key")
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{E: int(exponent.Int64())}}
	one := big.NewInt(1)
	for key.D == nil {
		p, err1 := rand.Prime(rand.Reader, (bits+1)/2)
		q, err2 := rand.Prime(rand.Reader, bits/2)
		if err1 != nil || err2 != nil {
			return cryptoFailed("key")
		}
		if p.Cmp(q) < 0 {
			p, q = q, p
		}
		n := new(big.Int).Mul(p, q)
		if p.Cmp(q) == 0 || n.BitLen() != bits {
			continue
		}
		totient := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		// none if the exponent divides it
		key.D, key.N, key.Primes = new(big.Int).ModInverse(exponent, totient), n, []*big.Int{p, q}
	}
	p, q := key.Primes[0], key.Primes[1]
	rest := func(prime *big.Int) []byte { return new(big.Int).Mod(key.D, new(big.Int).Sub(prime, one)).Bytes() }
	return binariesResult(exponent.Bytes(), key.N.Bytes(), key.D.Bytes(), p.Bytes(), q.Bytes(), rest(p), rest(q),
		new(big.Int).ModInverse(q, p).Bytes())
}

func generateDH(params [][]byte, private []byte) result {
	if len(params) < 2 {
		return cryptoFailed("params")
	}
	prime, generator := new(big.Int).SetBytes(params[0]), new(big.Int).SetBytes(params[1])
	if prime.Sign() == 0 || prime.BitLen() < 128 {
		return cryptoFailed("params")
	}
	if private == nil {
		x, err := rand.Int(rand.Reader, new(big.Int).Sub(prime, big.NewInt(2)))
		if err != nil {
			return cryptoFailed("key")
		}
		private = x.Add(x, big.NewInt(1)).Bytes()
	}
	return binariesResult(new(big.Int).Exp(generator, new(big.Int).SetBytes(private), prime).Bytes(), private)
}

// gerl_crypto:compute(ecdh | dh, OthersPublic, MyPrivate, Params) -> binary() | {error, Which}
func gerlCryptoCompute4(p *proc.Process, a []term.Term) term.Term {
	others, ok1 := dataArg(a[1])
	mine, ok2 := dataArg(a[2])
	if !ok1 || !ok2 {
		return p.Badarg()
	}
	kind, curve := atomName0(a[0]), atomName0(a[3])
	params, _ := keyParts(a[3])
	return p.Async(func() result {
		if kind == "dh" {
			prime := new(big.Int).SetBytes(params[0])
			if prime.BitLen() < 128 {
				return cryptoFailed("params")
			}
			return binaryResult(new(big.Int).Exp(new(big.Int).SetBytes(others), new(big.Int).SetBytes(mine), prime).Bytes())
		}
		if kind == "ec" {
			c, ok := curveOf(params)
			if !ok {
				return cryptoFailed("curve")
			}
			return c.shared(others, mine)
		}
		if curve == "x448" {
			return computeX448(others, mine)
		}
		c := ecdhCurve(curve)
		if c == nil {
			return cryptoFailed("curve")
		}
		private, err := c.NewPrivateKey(leftPad(mine, map[string]int{"secp384r1": 48, "secp521r1": 66}[curve], 32))
		if err != nil {
			return cryptoFailed("private")
		}
		public, err := c.NewPublicKey(others)
		if err != nil {
			return cryptoFailed("public")
		}
		secret, err := private.ECDH(public)
		if err != nil {
			return cryptoFailed("secret")
		}
		return binaryResult(secret)
	})
}

func rsaPublic(key [][]byte) (*rsa.PublicKey, bool) {
	if len(key) < 2 {
		return nil, false
	}
	e := new(big.Int).SetBytes(key[0])
	if !e.IsInt64() || e.Int64() > 1<<31-1 {
		return nil, false
	}
	return &rsa.PublicKey{E: int(e.Int64()), N: new(big.Int).SetBytes(key[1])}, true
}

func rsaPrivate(key [][]byte) (*rsa.PrivateKey, bool) {
	public, ok := rsaPublic(key)
	if !ok || len(key) < 3 {
		return nil, false
	}
	k := &rsa.PrivateKey{PublicKey: *public, D: new(big.Int).SetBytes(key[2])}
	if len(key) >= 5 {
		k.Primes = []*big.Int{new(big.Int).SetBytes(key[3]), new(big.Int).SetBytes(key[4])}
		if isSmall(k.N) { // which Validate refuses
			return k, new(big.Int).Mul(k.Primes[0], k.Primes[1]).Cmp(k.N) == 0
		}
		k.Precompute()
		return k, k.Validate() == nil
	}
	return k, k.N.Sign() > 0
}

// hashed gives the digest of a message; the message may be {digest, Digest}.
func hashed(d digest, msg []byte, isDigest bool) []byte {
	if isDigest || d.new == nil {
		return msg
	}
	h := d.new()
	_, _ = h.Write(msg)
	return h.Sum(nil)
}

// signOptions are the options of sign and verify.
type signOptions struct {
	pss  bool
	salt int
}

func signOptionsArg(t term.Term) (o signOptions, ok bool) {
	o.salt = rsa.PSSSaltLengthAuto
	for ; t.IsCons(); t = t.Tail() {
		e := t.Head()
		if !e.TupleOf(2) {
			return o, false
		}
		switch atomName0(e.Elem(0)) {
		case "rsa_padding":
			switch atomName0(e.Elem(1)) {
			case "rsa_pkcs1_padding":
				o.pss = false
			case "rsa_pkcs1_pss_padding":
				o.pss = true
			default:
				return o, false
			}
		case "rsa_pss_saltlen":
			n, isInt := smallIn(e.Elem(1), -2, 1<<16)
			if !isInt {
				return o, false
			}
			switch n {
			case -1:
				o.salt = rsa.PSSSaltLengthEqualsHash
			case -2:
				o.salt = rsa.PSSSaltLengthAuto
			default:
				o.salt = n
			}
		case "rsa_mgf1_md":
		default:
			return o, false
		}
	}
	return o, t.IsNil()
}

// signArgs reads what sign and verify have in common: algorithm, digest, message ({digest, D} or data).
func signArgs(a []term.Term) (kind string, d digest, msg []byte, isDigest bool, failed string) {
	kind = atomName0(a[0])
	if atomName0(a[1]) != "none" && kind != "eddsa" && kind != "pq" {
		var ok bool
		if d, ok = digestArg(a[1]); !ok || d.id == 0 {
			return kind, d, nil, false, "digest"
		}
	}
	m := a[2]
	if m.TupleOf(2) && atomName0(m.Elem(0)) == "digest" {
		m, isDigest = m.Elem(1), true
	}
	data, ok := term.IOListBytes(m)
	if !ok {
		return kind, d, nil, false, "message"
	}
	if isDigest && d.new != nil && len(data) != d.new().Size() {
		return kind, d, nil, false, "digest_size"
	}
	return kind, d, append([]byte(nil), data...), isDigest, ""
}

// gerl_crypto:sign(Algorithm, Digest, Message, Key, Options) -> binary() | {error, Which}; a key of ecdsa and eddsa is [Private, Curve].
func gerlCryptoSign5(p *proc.Process, a []term.Term) term.Term {
	kind, d, msg, isDigest, failed := signArgs(a)
	if failed != "" {
		return cryptoFailed(failed)(p)
	}
	o, ok := signOptionsArg(a[4])
	if !ok {
		return cryptoFailed("options")(p)
	}
	keyTerms, ok := listElems(a[3])
	if !ok || len(keyTerms) < 2 {
		return cryptoFailed("key")(p)
	}
	if kind == "rsa" {
		parts, ok := keyParts(a[3])
		if !ok {
			return cryptoFailed("key")(p)
		}
		return p.Async(func() result {
			key, ok := rsaPrivate(parts)
			if !ok {
				return cryptoFailed("key")
			}
			sum := hashed(d, msg, isDigest)
			var sig []byte
			var err error
			if d.id == crypto.BLAKE2b_512 || d.id == crypto.BLAKE2s_256 {
				return cryptoFailed("rsa_digest")
			}
			if o.pss {
				sig, err = rsaSignPSS(key, d, sum, o.salt)
			} else {
				sig, err = rsaSignPKCS1(key, d.id, sum)
			}
			if err != nil {
				return cryptoFailed("result")
			}
			return binaryResult(sig)
		})
	}
	if kind == "dss" {
		parts, ok := keyParts(a[3])
		if !ok {
			return cryptoFailed("key")(p)
		}
		return p.Async(func() result { return signDSS(parts, hashed(d, msg, isDigest)) })
	}
	private, ok := dataArg(keyTerms[0])
	curve := atomName0(keyTerms[1])
	params, _ := keyParts(keyTerms[1])
	if !ok {
		return cryptoFailed("key")(p)
	}
	return p.Async(func() result {
		if kind == "eddsa" {
			return signEdwards(curve, private, msg)
		}
		if kind == "pq" {
			return signPQ(curve, private, msg)
		}
		if params != nil {
			c, ok := curveOf(params)
			if !ok {
				return cryptoFailed("key")
			}
			return c.sign(private, hashed(d, msg, isDigest))
		}
		c := ecdsaCurve(curve)
		if c == nil {
			return cryptoFailed("key")
		}
		key, err := ecdsa.ParseRawPrivateKey(c, leftPad(private, (c.Params().BitSize+7)/8, 0))
		if err != nil {
			return cryptoFailed("key")
		}
		sig, err := ecdsa.SignASN1(rand.Reader, key, hashed(d, msg, isDigest))
		if err != nil {
			return cryptoFailed("result")
		}
		return binaryResult(sig)
	})
}

// gerl_crypto:verify(Algorithm, Digest, Message, Signature, Key, Options) -> boolean() | {error, Which}
func gerlCryptoVerify6(p *proc.Process, a []term.Term) term.Term {
	kind, d, msg, isDigest, failed := signArgs(a)
	if failed != "" {
		return cryptoFailed(failed)(p)
	}
	sig, ok := dataArg(a[3])
	o, ok2 := signOptionsArg(a[5])
	keyTerms, ok3 := listElems(a[4])
	switch {
	case !ok:
		return cryptoFailed("signature")(p)
	case !ok2:
		return cryptoFailed("options")(p)
	case !ok3 || len(keyTerms) < 2:
		return cryptoFailed("key")(p)
	}
	if kind == "rsa" {
		parts, ok := keyParts(a[4])
		if !ok {
			return cryptoFailed("key")(p)
		}
		return p.Async(func() result {
			key, ok := rsaPublic(parts)
			if !ok {
				return cryptoFailed("key")
			}
			sum := hashed(d, msg, isDigest)
			if d.id == crypto.BLAKE2b_512 || d.id == crypto.BLAKE2s_256 {
				return cryptoFailed("rsa_digest")
			}
			if o.pss {
				return truthResult(rsaVerifyPSS(key, d, sum, sig, o.salt))
			}
			return truthResult(rsaVerifyPKCS1(key, d.id, sum, sig))
		})
	}
	if kind == "dss" {
		parts, ok := keyParts(a[4])
		if !ok {
			return cryptoFailed("key")(p)
		}
		return p.Async(func() result { return verifyDSS(parts, hashed(d, msg, isDigest), sig) })
	}
	public, ok := dataArg(keyTerms[0])
	curve := atomName0(keyTerms[1])
	params, _ := keyParts(keyTerms[1])
	if !ok {
		return cryptoFailed("key")(p)
	}
	return p.Async(func() result {
		if kind == "eddsa" {
			return verifyEdwards(curve, public, msg, sig)
		}
		if kind == "pq" {
			return verifyPQ(curve, public, msg, sig)
		}
		if params != nil {
			c, ok := curveOf(params)
			if !ok {
				return cryptoFailed("key")
			}
			point, ok := c.point(public)
			if !ok {
				return cryptoFailed("key")
			}
			return truthResult(c.verify(point, hashed(d, msg, isDigest), sig))
		}
		c := ecdsaCurve(curve)
		if c == nil {
			return cryptoFailed("key")
		}
		key, err := ecdsa.ParseUncompressedPublicKey(c, public)
		if err != nil {
			return cryptoFailed("key")
		}
		return truthResult(ecdsa.VerifyASN1(key, hashed(d, msg, isDigest), sig))
	})
}

// gerl_crypto:rsa(Operation, Data, Key, Padding, OAEPDigest) -> binary() | {error, Which}
//
// Operation is public_encrypt, private_decrypt, private_encrypt or public_decrypt.
func gerlCryptoRsa5(p *proc.Process, a []term.Term) term.Term {
	data, ok := dataArg(a[1])
	parts, ok2 := keyParts(a[2])
	if !ok || !ok2 || len(parts) < 2 {
		return cryptoFailed("key")(p)
	}
	op, padding := atomName0(a[0]), atomName0(a[3])
	oaep := sha1.New
	if d, ok := digestArg(a[4]); ok {
		oaep = d.new
	}
	return p.Async(func() result { return rsaCrypt(op, padding, data, parts, oaep) })
}

func rsaCrypt(op, padding string, data []byte, parts [][]byte, oaep func() hash.Hash) result {
	public, ok := rsaPublic(parts)
	if !ok {
		return cryptoFailed("key")
	}
	var private *rsa.PrivateKey
	if op == "private_decrypt" || op == "private_encrypt" {
		if private, ok = rsaPrivate(parts); !ok {
			return cryptoFailed("key")
		}
	}
	var out []byte
	var err error
	size := (public.N.BitLen() + 7) / 8
	raw := func(exponent *big.Int) ([]byte, error) {
		if len(data) != size || new(big.Int).SetBytes(data).Cmp(public.N) >= 0 {
			return nil, rsa.ErrMessageTooLong
		}
		return new(big.Int).Exp(new(big.Int).SetBytes(data), exponent, public.N).FillBytes(make([]byte, size)), nil
	}
	switch {
	case padding == "rsa_no_padding" && private != nil:
		out, err = raw(private.D)
	case padding == "rsa_no_padding":
		out, err = raw(big.NewInt(int64(public.E)))
	case padding == "rsa_pkcs1_oaep_padding" && op == "public_encrypt":
		out, err = rsaEncryptOAEP(oaep(), public, data)
	case padding == "rsa_pkcs1_oaep_padding" && op == "private_decrypt":
		out, err = rsaDecryptOAEP(oaep(), private, data)
	case padding != "rsa_pkcs1_padding":
		return cryptoFailed("padding")
	case op == "public_encrypt":
		out, err = rsaEncryptPKCS1(public, data)
	case op == "private_decrypt":
		out, err = rsaDecryptPKCS1(private, data)
	case op == "private_encrypt":
		// a signature without the name of a digest
		out, err = rsaSignPKCS1(private, crypto.Hash(0), data)
	default:
		if out, err = raw(big.NewInt(int64(public.E))); err == nil {
			out, ok = unpadSignature(out)
		}
	}
	if err != nil || !ok {
		return cryptoFailed("result")
	}
	return binaryResult(out)
}

// unpadSignature takes 00 01 ff...ff 00 off.
func unpadSignature(b []byte) ([]byte, bool) {
	if len(b) < 11 || b[0] != 0 || b[1] != 1 {
		return nil, false
	}
	i := 2
	for i < len(b) && b[i] == 0xff {
		i++
	}
	if i < 10 || i == len(b) || b[i] != 0 {
		return nil, false
	}
	return b[i+1:], true
}
