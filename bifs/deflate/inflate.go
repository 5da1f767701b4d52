package deflate

import "errors"

// ErrData says that the input is no valid stream.
var ErrData = errors.New("the data is not valid")

// Decompressor reads a raw stream in pieces.
type Decompressor struct {
	in     []byte // not used yet
	bitBuf uint64
	bitCnt uint

	window []byte // the last output, up to maxWindow bytes
	out    []byte
	limit  int // of the output of one call

	state  inflateState
	last   bool
	stored int
	lit    decodeTable
	dist   decodeTable
	copyN  int // bytes of a match that are still to be copied
	copyD  int
	maxD   int // the farthest distance that the window allows
}

type inflateState uint8

const (
	blockHeader inflateState = iota
	storedHeader
	storedData
	dynamicHeader
	compressed
	streamEnd
)

const maxWindow = 32768

// NewDecompressor reads a raw stream with distances up to 2^windowBits.
func NewDecompressor(windowBits int) *Decompressor {
	return &Decompressor{maxD: 1 << max(windowBits, 8)}
}

// Reset starts with another stream. What was not used of the input stays.
func (d *Decompressor) Reset() {
	rest := d.Rest()
	maxD := d.maxD
	*d = Decompressor{in: rest, maxD: maxD}
}

// Write adds input, which the decompressor keeps.
func (d *Decompressor) Write(data []byte) {
	if len(d.in) == 0 {
		d.in = data
		return
	}
	d.in = append(append(make([]byte, 0, len(d.in)+len(data)), d.in...), data...)
}

// Done reports whether the end of the stream was reached.
func (d *Decompressor) Done() bool { return d.state == streamEnd && d.copyN == 0 }

// Started reports whether anything of the stream was read.
func (d *Decompressor) Started() bool { return d.state != blockHeader || len(d.window) > 0 || d.last }

// Rest gives back the input behind the end of the stream: whole bytes.
func (d *Decompressor) Rest() []byte {
	var rest []byte
	d.bitBuf >>= d.bitCnt & 7
	for n := d.bitCnt / 8; n > 0; n-- {
		rest = append(rest, byte(d.bitBuf))
		d.bitBuf >>= 8
	}
	d.bitCnt, d.bitBuf = 0, 0
	rest = append(rest, d.in...)
	d.in = nil
	return rest
}

// SetDictionary makes data known that the stream refers to.
func (d *Decompressor) SetDictionary(dict []byte) { d.remember(dict) }

// Window is what the stream may refer to at this moment.
func (d *Decompressor) Window() []byte { return d.window }

func (d *Decompressor) remember(data []byte) {
	if len(data) >= maxWindow {
		d.window = append(d.window[:0], data[len(data)-maxWindow:]...)
		return
	}
	if over := len(d.window) + len(data) - maxWindow; over > 0 {
		d.window = append(d.window[:0], d.window[over:]...)
	}
	d.window = append(d.window, data...)
}

// Read gives output, at most limit bytes if that is not 0. There is no more for now when it gives less than the limit.
func (d *Decompressor) Read(limit int) ([]byte, error) {
	if limit == 0 {
		limit = 1 << 62
	}
	d.limit = limit
	base := len(d.window)
	d.out = append(make([]byte, 0, base+min(4*len(d.in)+64, limit)), d.window...)
	d.limit += base
	err := d.run()
	out := d.out[base:]
	d.remember(out)
	d.out = nil
	return out, err
}

// need sees to it that there are n bits.
func (d *Decompressor) need(n uint) bool {
	for d.bitCnt < n {
		if len(d.in) == 0 {
			return false
		}
		d.bitBuf |= uint64(d.in[0]) << d.bitCnt
		d.in = d.in[1:]
		d.bitCnt += 8
	}
	return true
}

func (d *Decompressor) take(n uint) int {
	v := d.bitBuf & (1<<n - 1)
	d.bitBuf >>= n
	d.bitCnt -= n
	return int(v)
}

// position is a place in the input to come back to when more input is needed.
type position struct {
	in     []byte
	bitBuf uint64
	bitCnt uint
}

func (d *Decompressor) mark() position  { return position{d.in, d.bitBuf, d.bitCnt} }
func (d *Decompressor) back(p position) { d.in, d.bitBuf, d.bitCnt = p.in, p.bitBuf, p.bitCnt }
func (d *Decompressor) full() bool      { return len(d.out) >= d.limit }

func (d *Decompressor) run() error {
	for !d.full() {
		var more bool
		var err error
		switch d.state {
		case blockHeader:
			more, err = d.header()
		case storedHeader:
			more, err = d.storedLength()
		case storedData:
			more = d.copyStored()
		case dynamicHeader:
			more, err = d.dynamic()
		case compressed:
			more, err = d.symbols()
		case streamEnd:
			return nil
		}
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (d *Decompressor) header() (bool, error) {
	if d.last {
		d.state = streamEnd
		return true, nil
	}
	if !d.need(3) {
		return false, nil
	}
	d.last = d.take(1) == 1
	switch d.take(2) {
	case 0:
		d.take(d.bitCnt & 7)
		d.state = storedHeader
	case 1:
		lengths := fixedLengths()
		d.lit.make(lengths[:], true)
		var five [32]uint8
		for i := range five {
			five[i] = 5
		}
		d.dist.make(five[:], true)
		d.state = compressed
	case 2:
		d.state = dynamicHeader
	default:
		return false, ErrData
	}
	return true, nil
}

func (d *Decompressor) storedLength() (bool, error) {
	if !d.need(32) {
		return false, nil
	}
	n := d.take(16)
	if n^0xffff != d.take(16) {
		return false, ErrData
	}
	d.stored, d.state = n, storedData
	return true, nil
}

func (d *Decompressor) copyStored() bool {
	for d.stored > 0 && d.bitCnt > 0 && !d.full() {
		d.out = append(d.out, byte(d.take(8)))
		d.stored--
	}
	n := min(d.stored, len(d.in), d.limit-len(d.out))
	d.out = append(d.out, d.in[:n]...)
	d.in = d.in[n:]
	if d.stored -= n; d.stored == 0 {
		d.state = blockHeader
		return true
	}
	return false
}

// dynamic reads the codes of a block, all at once or not at all.
func (d *Decompressor) dynamic() (bool, error) {
	at := d.mark()
	ok, err := d.readCodes()
	if !ok && err == nil {
		d.back(at)
	}
	return ok, err
}

func (d *Decompressor) readCodes() (bool, error) {
	if !d.need(14) {
		return false, nil
	}
	nlit, ndist, ncode := d.take(5)+257, d.take(5)+1, d.take(4)+4
	if nlit > numLitLen || ndist > numDist {
		return false, ErrData
	}
	var lens [numBitLen]uint8
	for i := range ncode {
		if !d.need(3) {
			return false, nil
		}
		lens[bitLenOrder[i]] = uint8(d.take(3))
	}
	var table decodeTable
	if !table.make(lens[:], true) {
		return false, ErrData
	}
	all := make([]uint8, 0, nlit+ndist)
	for len(all) < nlit+ndist {
		sym, ok, err := d.symbol(&table)
		if !ok {
			return false, err
		}
		if sym < 16 {
			all = append(all, uint8(sym))
			continue
		}
		if !d.need(uint(extraBits[sym])) {
			return false, nil
		}
		n, v := d.take(uint(extraBits[sym])), uint8(0)
		switch sym {
		case 16:
			if len(all) == 0 {
				return false, ErrData
			}
			n, v = n+3, all[len(all)-1]
		case 17:
			n += 3
		default:
			n += 11
		}
		if len(all)+n > nlit+ndist {
			return false, ErrData
		}
		for range n {
			all = append(all, v)
		}
	}
	if all[endOfData] == 0 || !d.lit.make(all[:nlit], false) || !d.dist.make(all[nlit:], false) {
		return false, ErrData
	}
	d.state = compressed
	return true, nil
}

// symbol decodes one symbol; ok is false when input is missing or err says that there is no such code.
func (d *Decompressor) symbol(t *decodeTable) (sym int, ok bool, err error) {
	for {
		e := t.look(d.bitBuf)
		n := uint(e.size)
		if n != 0 && n <= d.bitCnt {
			d.bitBuf >>= n
			d.bitCnt -= n
			return int(e.sym), true, nil
		}
		if n == 0 && d.bitCnt >= maxBits {
			return 0, false, ErrData
		}
		if len(d.in) == 0 {
			return 0, false, nil
		}
		d.need(d.bitCnt + 1)
	}
}

// symbols decodes data until the block, the output or the input is at its end.
func (d *Decompressor) symbols() (bool, error) {
	for {
		if d.copyN > 0 {
			d.copyMatch()
		}
		if d.full() {
			return true, nil
		}
		// whole bytes in advance make most symbols cheap
		for d.bitCnt <= 48 && len(d.in) > 0 {
			d.bitBuf |= uint64(d.in[0]) << d.bitCnt
			d.in = d.in[1:]
			d.bitCnt += 8
		}
		at := d.mark()
		sym, ok, err := d.symbol(&d.lit)
		if !ok {
			return false, err
		}
		switch {
		case sym < endOfData:
			d.out = append(d.out, byte(sym))
			continue
		case sym == endOfData:
			d.state = blockHeader
			return true, nil
		}
		if ok, err := d.matchOf(sym - endOfData - 1); !ok {
			if err == nil {
				d.back(at)
			}
			return false, err
		}
	}
}

func (d *Decompressor) matchOf(k int) (bool, error) {
	if k >= len(extraLen) {
		return false, ErrData
	}
	if !d.need(uint(extraLen[k])) {
		return false, nil
	}
	n := int(fixed.lenBase[k]) + d.take(uint(extraLen[k])) + minMatch
	sym, ok, err := d.symbol(&d.dist)
	if !ok {
		return false, err
	}
	if sym >= numDist {
		return false, ErrData
	}
	if !d.need(uint(extraDist[sym])) {
		return false, nil
	}
	dist := int(fixed.distBase[sym]) + d.take(uint(extraDist[sym])) + 1
	if dist > len(d.out) || dist > d.maxD {
		return false, ErrData
	}
	d.copyN, d.copyD = n, dist
	return true, nil
}

func (d *Decompressor) copyMatch() {
	n := min(d.copyN, d.limit-len(d.out))
	d.copyN -= n
	for n > 0 {
		from := len(d.out) - d.copyD
		k := min(n, d.copyD)
		d.out = append(d.out, d.out[from:from+k]...)
		n -= k
	}
}

// ---- decoding tables ---------------------------------------------------------------------------

type entry struct {
	sym  uint16
	size uint8
}

// firstBits is how many bits the first table looks at.
const firstBits = 9

// decodeTable finds the symbol that the next bits stand for: short codes in one step, long ones by their length.
type decodeTable struct {
	first [1 << firstBits]entry
	long  map[uint32]entry // by length and bits, for codes longer than firstBits
	max   uint
}

// make builds the table; false: the lengths are of no code. A code may be incomplete only if it has one symbol, or none.
func (t *decodeTable) make(lengths []uint8, complete bool) bool {
	*t = decodeTable{}
	left, used := 1<<maxBits, 0
	for _, l := range lengths {
		if l > 0 {
			left -= 1 << (maxBits - l)
			used++
			t.max = max(t.max, uint(l))
		}
	}
	if left < 0 || left > 0 && (complete || used > 1) {
		return false
	}
	if left > 0 && used == 1 && t.max != 1 {
		return false
	}
	codes := make([]code, len(lengths))
	assignCodes(codes, lengths)
	for sym, c := range codes {
		switch {
		case c.size == 0:
		case c.size <= firstBits:
			for i := int(c.bits); i < 1<<firstBits; i += 1 << c.size {
				t.first[i] = entry{uint16(sym), uint8(c.size)}
			}
		default:
			if t.long == nil {
				t.long = map[uint32]entry{}
			}
			t.long[uint32(c.size)<<16|uint32(c.bits)] = entry{uint16(sym), uint8(c.size)}
		}
	}
	return true
}

func (t *decodeTable) look(bits uint64) entry {
	if e := t.first[bits&(1<<firstBits-1)]; e.size != 0 || t.long == nil {
		return e
	}
	for n := uint(firstBits + 1); n <= t.max; n++ {
		if e, ok := t.long[uint32(n)<<16|uint32(bits&(1<<n-1))]; ok {
			return e
		}
	}
	return entry{}
}
