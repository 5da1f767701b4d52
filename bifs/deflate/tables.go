// Package deflate compresses and decompresses as the zlib library does, to the byte: the same input with the same level, window,
// memory level, strategy and flushes gives the same output. It works on pieces of any size and never waits.
//
// The format is RFC 1951; what zlib decides where the format leaves a choice (how far it searches, when a match is worth it, when
// a block ends, which of three block types is the shortest) was taken from its documented parameters and its output.
package deflate

const (
	minMatch  = 3
	maxMatch  = 258
	endOfData = 256
	numLitLen = 286
	numDist   = 30
	numBitLen = 19
	maxBits   = 15
)

// extraLen are the extra bits of the length codes 257...285, extraDist those of the distance codes.
var (
	extraLen  = [29]uint8{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	extraDist = [30]uint8{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
	extraBits = [numBitLen]uint8{16: 2, 17: 3, 18: 7}
	// bitLenOrder is the order in which the lengths of the code of lengths are sent.
	bitLenOrder = [numBitLen]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
)

// ranges are the tables that follow from the extra bits.
type ranges struct {
	lenCode  [maxMatch - minMatch + 1]uint8
	lenBase  [29]uint16
	distCode [512]uint8 // of distances up to 256, and of the rest by their upper bits
	distBase [30]uint16
	fixedLit [288]code
	fixedDst [30]code
}

// code is a Huffman code, its bits in sending order, and its length.
type code struct{ bits, size uint16 }

var fixed = makeRanges()

func makeRanges() *ranges {
	r := &ranges{}
	n := 0
	for c := range 28 {
		r.lenBase[c] = uint16(n)
		for range 1 << extraLen[c] {
			r.lenCode[n] = uint8(c)
			n++
		}
	}
	// the longest match has a code of its own
	r.lenBase[28] = maxMatch - minMatch
	r.lenCode[maxMatch-minMatch] = 28
	d := 0
	for c := range 30 {
		r.distBase[c] = uint16(d)
		for i := 0; i < 1<<extraDist[c]; i++ {
			if d < 256 {
				r.distCode[d] = uint8(c)
			} else {
				r.distCode[256+d>>7] = uint8(c)
			}
			d++
		}
	}
	lengths := fixedLengths()
	assignCodes(r.fixedLit[:], lengths[:])
	for i := range r.fixedDst {
		r.fixedDst[i] = code{reverse(uint16(i), 5), 5}
	}
	return r
}

// fixedLengths are the lengths of the literal codes of blocks without codes of their own.
func fixedLengths() (l [288]uint8) {
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		default:
			l[i] = 8
		}
	}
	return l
}

func (r *ranges) dist(d int) uint8 {
	if d < 256 {
		return r.distCode[d]
	}
	return r.distCode[256+d>>7]
}

func reverse(v uint16, n uint16) (r uint16) {
	for ; n > 0; n-- {
		r = r<<1 | v&1
		v >>= 1
	}
	return r
}

// assignCodes gives the canonical codes for lengths.
func assignCodes(out []code, lengths []uint8) {
	var count, next [maxBits + 2]uint16
	for _, l := range lengths {
		count[l]++
	}
	count[0] = 0
	c := uint16(0)
	for l := uint16(1); l <= maxBits; l++ {
		c = (c + count[l-1]) << 1
		next[l] = c
	}
	for i, l := range lengths {
		if l != 0 {
			out[i] = code{reverse(next[l], uint16(l)), uint16(l)}
			next[l]++
		} else {
			out[i] = code{}
		}
	}
}
