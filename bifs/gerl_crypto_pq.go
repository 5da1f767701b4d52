package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"

	"github.com/cloudflare/circl/kem"
	"github.com/cloudflare/circl/kem/mlkem/mlkem1024"
	"github.com/cloudflare/circl/kem/mlkem/mlkem512"
	"github.com/cloudflare/circl/kem/mlkem/mlkem768"
	"github.com/cloudflare/circl/sign"
	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/cloudflare/circl/sign/mldsa/mldsa87"
	"github.com/cloudflare/circl/sign/slhdsa"
)

// kemOf finds a method of FIPS 203 for sending keys, nil if there is none of the name.
func kemOf(name string) kem.Scheme {
	switch name {
	case "mlkem512":
		return mlkem512.Scheme()
	case "mlkem768":
		return mlkem768.Scheme()
	case "mlkem1024":
		return mlkem1024.Scheme()
	}
	return nil
}

// signerOf finds a method of FIPS 204 or 205 for signatures, nil if there is none of the name.
func signerOf(name string) sign.Scheme {
	switch name {
	case "mldsa44":
		return mldsa44.Scheme()
	case "mldsa65":
		return mldsa65.Scheme()
	case "mldsa87":
		return mldsa87.Scheme()
	}
	id, ok := map[string]slhdsa.ID{
		"slh_dsa_sha2_128s": slhdsa.SHA2_128s, "slh_dsa_sha2_128f": slhdsa.SHA2_128f, "slh_dsa_sha2_192s": slhdsa.SHA2_192s,
		"slh_dsa_sha2_192f": slhdsa.SHA2_192f, "slh_dsa_sha2_256s": slhdsa.SHA2_256s, "slh_dsa_sha2_256f": slhdsa.SHA2_256f,
		"slh_dsa_shake_128s": slhdsa.SHAKE_128s, "slh_dsa_shake_128f": slhdsa.SHAKE_128f, "slh_dsa_shake_192s": slhdsa.SHAKE_192s,
		"slh_dsa_shake_192f": slhdsa.SHAKE_192f, "slh_dsa_shake_256s": slhdsa.SHAKE_256s, "slh_dsa_shake_256f": slhdsa.SHAKE_256f,
	}[name]
	if !ok {
		return nil
	}
	return id.Scheme()
}

// generatePQ makes a pair of keys for one of these methods, or the public key of a private one.
func generatePQ(name string, given []byte) result {
	var public, private interface{ MarshalBinary() ([]byte, error) }
	var err error
	switch k, s := kemOf(name), signerOf(name); {
	case k != nil && given == nil:
		public, private, err = k.GenerateKeyPair()
	case k != nil:
		var key kem.PrivateKey
		if key, err = k.UnmarshalBinaryPrivateKey(given); err == nil {
			public, private = key.Public(), key
		}
	case s != nil && given == nil:
		public, private, err = s.GenerateKey()
	case s != nil:
		var key sign.PrivateKey
		if key, err = s.UnmarshalBinaryPrivateKey(given); err == nil {
			private = key
			public, _ = key.Public().(sign.PublicKey)
		}
	default:
		return cryptoFailed("type")
	}
	if err != nil || public == nil {
		return cryptoFailed("key")
	}
	a, err1 := public.MarshalBinary()
	b, err2 := private.MarshalBinary()
	if err1 != nil || err2 != nil {
		return cryptoFailed("key")
	}
	return binariesResult(a, b)
}

func signPQ(name string, private, msg []byte) result {
	s := signerOf(name)
	if s == nil {
		return cryptoFailed("type")
	}
	key, err := s.UnmarshalBinaryPrivateKey(private)
	if err != nil {
		return cryptoFailed("key")
	}
	return binaryResult(s.Sign(key, msg, nil))
}

func verifyPQ(name string, public, msg, sig []byte) result {
	s := signerOf(name)
	if s == nil {
		return cryptoFailed("type")
	}
	key, err := s.UnmarshalBinaryPublicKey(public)
	if err != nil {
		return cryptoFailed("key")
	}
	return truthResult(s.Verify(key, msg, sig, nil))
}

// gerl_crypto:encapsulate(Type, PublicKey) -> [Secret, Encapsulated] | {error, Which}
func gerlCryptoEncapsulate2(p *proc.Process, a []term.Term) term.Term {
	public, ok := dataArg(a[1])
	if !ok {
		return p.Badarg()
	}
	k := kemOf(atomName0(a[0]))
	if k == nil {
		return cryptoFailed("type")(p)
	}
	return p.Async(func() result {
		key, err := k.UnmarshalBinaryPublicKey(public)
		if err != nil {
			return cryptoFailed("key")
		}
		sent, secret, err := k.Encapsulate(key)
		if err != nil {
			return cryptoFailed("result")
		}
		return binariesResult(secret, sent)
	})
}

// gerl_crypto:decapsulate(Type, PrivateKey, Encapsulated) -> binary() | {error, Which}
func gerlCryptoDecapsulate3(p *proc.Process, a []term.Term) term.Term {
	private, ok1 := dataArg(a[1])
	sent, ok2 := dataArg(a[2])
	if !ok1 || !ok2 {
		return p.Badarg()
	}
	k := kemOf(atomName0(a[0]))
	if k == nil {
		return cryptoFailed("type")(p)
	}
	return p.Async(func() result {
		key, err := k.UnmarshalBinaryPrivateKey(private)
		if err != nil {
			return cryptoFailed("key")
		}
		secret, err := k.Decapsulate(key, sent)
		if err != nil {
			return cryptoFailed("result")
		}
		return binaryResult(secret)
	})
}
