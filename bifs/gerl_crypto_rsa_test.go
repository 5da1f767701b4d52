package bifs

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"hash"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// The formats that serve small keys are those of crypto/rsa: each side reads what the other one writes.
func TestSmallRSAFormats(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	sum := sha256.Sum256([]byte("message"))
	e := big.NewInt(int64(key.E))
	for id := range digestNames {
		block, err := signatureBlock(key.Size(), id, make([]byte, id.Size()))
		require.NoError(t, err)
		sig, err := rsaPower(block, key.D, key.N)
		require.NoError(t, err)
		require.NoError(t, rsa.VerifyPKCS1v15(&key.PublicKey, id, make([]byte, id.Size()), sig), id)
	}
	for _, salt := range []int{0, 5, 32} {
		em := pssBlock(key.N.BitLen()-1, sha256.New(), sum[:], make([]byte, salt))
		sig, err := rsaPower(append(make([]byte, key.Size()-len(em)), em...), key.D, key.N)
		require.NoError(t, err)
		require.NoError(t, rsa.VerifyPSS(&key.PublicKey, crypto.SHA256, sum[:], sig, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}))
	}
	data, err := rsa.EncryptOAEP(sha1.New(), rand.Reader, &key.PublicKey, []byte("secret"), nil)
	require.NoError(t, err)
	plain, err := rsaPower(data, key.D, key.N)
	require.NoError(t, err)
	require.Zero(t, plain[0], e)
}

// Small keys sign, verify, encrypt and decrypt, and refuse what is damaged.
func TestSmallRSA(t *testing.T) {
	for _, bits := range []int{512, 515, 768, 1023} {
		key := smallKey(t, bits)
		sum := sha256.Sum256([]byte("message"))
		d := digest{id: crypto.SHA256, new: func() hash.Hash { return sha256.New() }}
		sig, err := rsaSignPKCS1(key, d.id, sum[:])
		require.NoError(t, err)
		require.True(t, rsaVerifyPKCS1(&key.PublicKey, d.id, sum[:], sig))
		for _, salt := range []int{rsa.PSSSaltLengthAuto, 0, 16} {
			pss, err := rsaSignPSS(key, d, sum[:], salt)
			require.NoError(t, err, bits)
			require.True(t, rsaVerifyPSS(&key.PublicKey, d, sum[:], pss, salt))
			pss[len(pss)-1] ^= 1
			require.False(t, rsaVerifyPSS(&key.PublicKey, d, sum[:], pss, salt))
		}
		sig[5] ^= 1
		require.False(t, rsaVerifyPKCS1(&key.PublicKey, d.id, sum[:], sig))
		for _, n := range []int{0, 1, 20} {
			data, err := rsaEncryptPKCS1(&key.PublicKey, make([]byte, n))
			require.NoError(t, err)
			plain, err := rsaDecryptPKCS1(key, data)
			require.NoError(t, err)
			require.Equal(t, make([]byte, n), plain)
			data, err = rsaEncryptOAEP(sha1.New(), &key.PublicKey, make([]byte, n))
			require.NoError(t, err)
			plain, err = rsaDecryptOAEP(sha1.New(), key, data)
			require.NoError(t, err)
			require.Len(t, plain, n)
			data[3] ^= 1
			_, err = rsaDecryptOAEP(sha1.New(), key, data)
			require.Error(t, err)
		}
		_, err = rsaEncryptPKCS1(&key.PublicKey, make([]byte, key.Size()-10))
		require.Error(t, err)
	}
}

func smallKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	one, e := big.NewInt(1), big.NewInt(65537)
	for {
		p, err := rand.Prime(rand.Reader, (bits+1)/2)
		require.NoError(t, err)
		q, err := rand.Prime(rand.Reader, bits/2)
		require.NoError(t, err)
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		if d := new(big.Int).ModInverse(e, phi); d != nil && n.BitLen() == bits && p.Cmp(q) != 0 {
			return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, D: d, Primes: []*big.Int{p, q}}
		}
	}
}
