package bifs

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"hash"
	"math/big"
)

// Go's crypto/rsa refuses keys of less than 1024 bits unless a setting of the whole program allows them, which would
// hold for TLS as well. crypto takes them, as OpenSSL does, so those keys alone are served here: the formats of PKCS #1 over
// math/big, whose time depends on the numbers. Nothing that small keys protect is safe anyway.

const smallestRSA = 1024

var errRSA = errors.New("crypto: the key, the data or its padding is wrong")

func isSmall(n *big.Int) bool { return n.BitLen() < smallestRSA }

func rsaSignPKCS1(key *rsa.PrivateKey, id crypto.Hash, sum []byte) ([]byte, error) {
	if !isSmall(key.N) {
		return rsa.SignPKCS1v15(nil, key, id, sum)
	}
	em, err := signatureBlock(key.Size(), id, sum)
	if err != nil {
		return nil, err
	}
	return rsaPower(em, key.D, key.N)
}

func rsaVerifyPKCS1(key *rsa.PublicKey, id crypto.Hash, sum, sig []byte) bool {
	if !isSmall(key.N) {
		return rsa.VerifyPKCS1v15(key, id, sum, sig) == nil
	}
	want, err := signatureBlock(key.Size(), id, sum)
	got, err2 := rsaPower(sig, big.NewInt(int64(key.E)), key.N)
	return err == nil && err2 == nil && bytes.Equal(want, got)
}

func rsaSignPSS(key *rsa.PrivateKey, d digest, sum []byte, salt int) ([]byte, error) {
	if !isSmall(key.N) {
		return rsa.SignPSS(rand.Reader, key, d.id, sum, &rsa.PSSOptions{SaltLength: salt})
	}
	bits := key.N.BitLen() - 1
	most := (bits+7)/8 - 2 - len(sum)
	switch salt {
	case rsa.PSSSaltLengthAuto:
		salt = most
	case rsa.PSSSaltLengthEqualsHash:
		salt = len(sum)
	}
	if salt < 0 || salt > most {
		return nil, errRSA
	}
	random := make([]byte, salt)
	_, _ = rand.Read(random)
	em := pssBlock(bits, d.new(), sum, random)
	return rsaPower(append(make([]byte, key.Size()-len(em)), em...), key.D, key.N)
}

func rsaVerifyPSS(key *rsa.PublicKey, d digest, sum, sig []byte, salt int) bool {
	if !isSmall(key.N) {
		return rsa.VerifyPSS(key, d.id, sum, sig, &rsa.PSSOptions{SaltLength: salt}) == nil
	}
	bits := key.N.BitLen() - 1
	em, err := rsaPower(sig, big.NewInt(int64(key.E)), key.N)
	if err != nil {
		return false
	}
	h := d.new()
	size := (bits + 7) / 8
	if len(em) > size && em[0] != 0 || size < h.Size()+2 || em[len(em)-1] != 0xbc {
		return false
	}
	em = em[len(em)-size:]
	db := bytes.Clone(em[:size-h.Size()-1])
	mask(db, h, em[len(db):size-1])
	db[0] &= 0xff >> (8*size - bits)
	one := bytes.IndexByte(db, 1)
	if one < 0 || !allZero(db[:one]) {
		return false
	}
	random := db[one+1:]
	if salt == rsa.PSSSaltLengthEqualsHash && len(random) != h.Size() || salt >= 1 && len(random) != salt {
		return false
	}
	return bytes.Equal(em, pssBlock(bits, h, sum, random))
}

func rsaEncryptPKCS1(key *rsa.PublicKey, data []byte) ([]byte, error) {
	if !isSmall(key.N) {
		//lint:ignore SA1019 crypto's default padding is this one
		return rsa.EncryptPKCS1v15(rand.Reader, key, data)
	}
	em := make([]byte, key.Size())
	if len(data) > len(em)-11 {
		return nil, errRSA
	}
	em[1] = 2
	padding := em[2 : len(em)-len(data)-1]
	_, _ = rand.Read(padding)
	for i := range padding {
		for padding[i] == 0 {
			_, _ = rand.Read(padding[i : i+1])
		}
	}
	copy(em[len(em)-len(data):], data)
	return rsaPower(em, big.NewInt(int64(key.E)), key.N)
}

func rsaDecryptPKCS1(key *rsa.PrivateKey, data []byte) ([]byte, error) {
	if !isSmall(key.N) {
		//lint:ignore SA1019 crypto's default padding is this one
		return rsa.DecryptPKCS1v15(nil, key, data)
	}
	em, err := rsaPower(data, key.D, key.N)
	if err != nil {
		return nil, err
	}
	end := bytes.IndexByte(em[2:], 0)
	if em[0] != 0 || em[1] != 2 || end < 8 {
		return nil, errRSA
	}
	return em[2+end+1:], nil
}

func rsaEncryptOAEP(h hash.Hash, key *rsa.PublicKey, data []byte) ([]byte, error) {
	if !isSmall(key.N) {
		return rsa.EncryptOAEP(h, rand.Reader, key, data, nil)
	}
	n := h.Size()
	em := make([]byte, key.Size())
	if len(data) > len(em)-2*n-2 {
		return nil, errRSA
	}
	seed, db := em[1:1+n], em[1+n:]
	_, _ = rand.Read(seed)
	h.Reset()
	copy(db, h.Sum(nil))
	db[len(db)-len(data)-1] = 1
	copy(db[len(db)-len(data):], data)
	mask(db, h, seed)
	mask(seed, h, db)
	return rsaPower(em, big.NewInt(int64(key.E)), key.N)
}

func rsaDecryptOAEP(h hash.Hash, key *rsa.PrivateKey, data []byte) ([]byte, error) {
	if !isSmall(key.N) {
		return rsa.DecryptOAEP(h, nil, key, data, nil)
	}
	n := h.Size()
	em, err := rsaPower(data, key.D, key.N)
	if err != nil || len(em) < 2*n+2 {
		return nil, errRSA
	}
	seed, db := em[1:1+n], em[1+n:]
	mask(seed, h, db)
	mask(db, h, seed)
	h.Reset()
	rest := bytes.TrimLeft(db[n:], "\x00")
	if em[0] != 0 || subtle.ConstantTimeCompare(db[:n], h.Sum(nil)) != 1 || len(rest) == 0 || rest[0] != 1 {
		return nil, errRSA
	}
	return rest[1:], nil
}

// rsaPower is data to the power of an exponent, as long as the modulus.
func rsaPower(data []byte, exponent, n *big.Int) ([]byte, error) {
	size := (n.BitLen() + 7) / 8
	x := new(big.Int).SetBytes(data)
	if len(data) != size || x.Cmp(n) >= 0 {
		return nil, errRSA
	}
	return x.Exp(x, exponent, n).FillBytes(make([]byte, size)), nil
}

// digestNames are the object identifiers of hashes in signatures.
var digestNames = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.MD5: {1, 2, 840, 113549, 2, 5}, crypto.SHA1: {1, 3, 14, 3, 2, 26},
	crypto.SHA224: {2, 16, 840, 1, 101, 3, 4, 2, 4}, crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
	crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2}, crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
	crypto.SHA512_224: {2, 16, 840, 1, 101, 3, 4, 2, 5}, crypto.SHA512_256: {2, 16, 840, 1, 101, 3, 4, 2, 6},
	crypto.SHA3_224: {2, 16, 840, 1, 101, 3, 4, 2, 7}, crypto.SHA3_256: {2, 16, 840, 1, 101, 3, 4, 2, 8},
	crypto.SHA3_384: {2, 16, 840, 1, 101, 3, 4, 2, 9}, crypto.SHA3_512: {2, 16, 840, 1, 101, 3, 4, 2, 10},
}

// signatureBlock is 00 01 ff...ff 00 and the digest with its name; hash 0 and MD5SHA1 have no name.
func signatureBlock(size int, id crypto.Hash, sum []byte) ([]byte, error) {
	named := sum
	switch id {
	case 0, crypto.MD5SHA1:
	case crypto.RIPEMD160: // its name goes without parameters, as in crypto/rsa
		named = append([]byte{0x30, 0x20, 0x30, 0x08, 0x06, 0x06, 0x28, 0xcf, 0x06, 0x03, 0x00, 0x31, 0x04, 0x14}, sum...)
	default:
		oid, ok := digestNames[id]
		if !ok {
			return nil, errRSA
		}
		type algorithm struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue
		}
		var err error
		if named, err = asn1.Marshal(struct {
			Algorithm algorithm
			Digest    []byte
		}{algorithm{oid, asn1.NullRawValue}, sum}); err != nil {
			return nil, err
		}
	}
	if len(named)+11 > size {
		return nil, errRSA
	}
	em := bytes.Repeat([]byte{0xff}, size)
	em[0], em[1], em[size-len(named)-1] = 0, 1, 0
	copy(em[size-len(named):], named)
	return em, nil
}

// pssBlock is a digest with salt as PSS encodes it, in bits bits.
func pssBlock(bits int, h hash.Hash, sum, salt []byte) []byte {
	size := (bits + 7) / 8
	em := make([]byte, size)
	db := em[:size-h.Size()-1]
	h.Reset()
	h.Write(make([]byte, 8))
	h.Write(sum)
	h.Write(salt)
	inner := h.Sum(nil)
	db[len(db)-len(salt)-1] = 1
	copy(db[len(db)-len(salt):], salt)
	mask(db, h, inner)
	db[0] &= 0xff >> (8*size - bits)
	copy(em[len(db):], inner)
	em[size-1] = 0xbc
	return em
}

// mask combines data with what MGF1 makes of a seed.
func mask(data []byte, h hash.Hash, seed []byte) {
	for counter := uint32(0); len(data) > 0; counter++ {
		h.Reset()
		h.Write(seed)
		_ = binary.Write(h, binary.BigEndian, counter)
		data = data[subtle.XORBytes(data, data, h.Sum(nil)):]
	}
}

func allZero(b []byte) bool { return len(bytes.TrimLeft(b, "\x00")) == 0 }
