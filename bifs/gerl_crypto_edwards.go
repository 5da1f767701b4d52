package bifs

import (
	//lint:ignore SA1019 crypto has it for old peers
	"crypto/dsa"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/asn1"
	"math/big"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"

	"github.com/cloudflare/circl/dh/x448"
	"github.com/cloudflare/circl/sign/ed448"
)

func truthResult(b bool) result { return func(*proc.Process) term.Term { return term.Bool(b) } }

// generateEdwards makes the keys of eddsa.
func generateEdwards(curve string, private []byte) result {
	size := map[string]int{"ed25519": ed25519.SeedSize, "ed448": ed448.SeedSize}[curve]
	if size == 0 {
		return cryptoFailed("curve")
	}
	if private == nil {
		private = make([]byte, size)
		_, _ = rand.Read(private)
	}
	if len(private) != size {
		return cryptoFailed("raw")
	}
	if curve == "ed448" {
		return binariesResult(ed448.NewKeyFromSeed(private).Public().(ed448.PublicKey), private)
	}
	return binariesResult(ed25519.NewKeyFromSeed(private).Public().(ed25519.PublicKey), private)
}

func signEdwards(curve string, private, msg []byte) result {
	switch {
	case curve == "ed25519" && len(private) == ed25519.SeedSize:
		return binaryResult(ed25519.Sign(ed25519.NewKeyFromSeed(private), msg))
	case curve == "ed448" && len(private) == ed448.SeedSize:
		return binaryResult(ed448.Sign(ed448.NewKeyFromSeed(private), msg, ""))
	}
	return cryptoFailed("key")
}

func verifyEdwards(curve string, public, msg, sig []byte) result {
	switch {
	case curve == "ed25519" && len(public) == ed25519.PublicKeySize:
		return truthResult(ed25519.Verify(public, msg, sig))
	case curve == "ed448" && len(public) == ed448.PublicKeySize:
		return truthResult(ed448.Verify(public, msg, sig, ""))
	}
	return cryptoFailed("key")
}

func generateX448(private []byte) result {
	var secret, public x448.Key
	if private == nil {
		private = make([]byte, x448.Size)
		_, _ = rand.Read(private)
	}
	if len(private) != x448.Size {
		return cryptoFailed("raw")
	}
	copy(secret[:], private)
	x448.KeyGen(&public, &secret)
	return binariesResult(public[:], private)
}

func computeX448(others, mine []byte) result {
	var shared, secret, public x448.Key
	if len(mine) != x448.Size {
		return cryptoFailed("private")
	}
	if len(others) != x448.Size {
		return cryptoFailed("public")
	}
	copy(secret[:], mine)
	copy(public[:], others)
	if !x448.Shared(&shared, &secret, &public) {
		return cryptoFailed("secret")
	}
	return binaryResult(shared[:])
}

// dssKey reads [P, Q, G, Key].
func dssKey(key [][]byte) (params dsa.Parameters, last *big.Int, ok bool) {
	if len(key) != 4 {
		return params, nil, false
	}
	var n [4]*big.Int
	for i, b := range key {
		n[i] = new(big.Int).SetBytes(b)
	}
	return dsa.Parameters{P: n[0], Q: n[1], G: n[2]}, n[3], n[0].Sign() > 0 && n[1].Sign() > 0
}

// digestOf cuts a digest to the length of a number, as dsa wants it.
func digestOf(sum []byte, order *big.Int) []byte {
	return sum[:min(len(sum), (order.BitLen()+7)/8)]
}

func signDSS(key [][]byte, sum []byte) result {
	params, x, ok := dssKey(key)
	if !ok {
		return cryptoFailed("key")
	}
	r, s, err := dsa.Sign(rand.Reader, &dsa.PrivateKey{PublicKey: dsa.PublicKey{Parameters: params}, X: x}, digestOf(sum, params.Q))
	if err != nil {
		return cryptoFailed("result")
	}
	out, err := asn1.Marshal(signature{r, s})
	if err != nil {
		return cryptoFailed("result")
	}
	return binaryResult(out)
}

func verifyDSS(key [][]byte, sum, sig []byte) result {
	params, y, ok := dssKey(key)
	if !ok {
		return cryptoFailed("key")
	}
	s, ok := signatureOf(sig, params.Q)
	return truthResult(ok && dsa.Verify(&dsa.PublicKey{Parameters: params, Y: y}, digestOf(sum, params.Q), s.R, s.S))
}
