package deflate

// Flush says how much of what was given has to be in the output.
type Flush uint8

// The flush modes of zlib.
const (
	NoFlush Flush = iota
	SyncFlush
	FullFlush
	Finish
	blockFlush // a change of parameters
)

// Strategy says what the data is like.
type Strategy uint8

// The strategies of zlib.
const (
	Default Strategy = iota
	Filtered
	HuffmanOnly
	RLE
	Fixed
)

// effort says how hard a level searches.
type effort struct {
	good, lazy, nice, chain int
	fast                    bool
}

var efforts = [10]effort{
	{}, {4, 4, 8, 4, true}, {4, 5, 16, 8, true}, {4, 6, 32, 32, true},
	{4, 4, 16, 16, false}, {8, 16, 32, 32, false}, {8, 16, 128, 128, false}, {8, 32, 128, 256, false},
	{32, 128, 258, 1024, false}, {32, 258, 258, 4096, false},
}

const (
	minLookahead = maxMatch + minMatch + 1
	tooFar       = 4096 // a match of three bytes from further away costs more than it saves
)

// Compressor makes a raw stream.
type Compressor struct {
	level    int
	strategy Strategy
	eff      effort

	out      []byte
	bitBuf   uint64
	bitCount uint

	size, mask int // of the window
	window     []byte
	prev       []uint16
	head       []uint16
	hashShift  uint
	hashMask   int
	hash       int
	input      []byte

	start       int // the next position to code
	ahead       int // bytes behind it
	blockStart  int
	insert      int // positions before start that are not in the hash table yet
	matchStart  int
	matchLength int
	prevLength  int
	available   bool // the byte before start waits for a longer match

	symDist []uint16
	symLen  []uint8 // length minus 3, or a literal where the distance is 0
	symEnd  int
	lit     tree
	dist    tree
	bitLen  tree

	finished bool
}

// NewCompressor makes a compressor for a raw stream. windowBits is 8...15, memLevel 1...9, level 0...9.
func NewCompressor(level, windowBits, memLevel int, strategy Strategy) *Compressor {
	if windowBits == 8 {
		windowBits = 9
	}
	hashBits := uint(memLevel + 7)
	c := &Compressor{
		strategy: strategy, size: 1 << windowBits, mask: 1<<windowBits - 1, window: make([]byte, 2<<windowBits),
		prev: make([]uint16, 1<<windowBits), head: make([]uint16, 1<<hashBits), hashShift: (hashBits + minMatch - 1) / minMatch,
		hashMask: 1<<hashBits - 1, symEnd: 1<<(memLevel+6) - 1, lit: newTree(numLitLen), dist: newTree(numDist), bitLen: newTree(numBitLen),
	}
	c.setLevel(level)
	c.Reset()
	return c
}

func (c *Compressor) setLevel(level int) {
	c.level, c.eff = level, efforts[level]
}

// Reset starts another stream with the same parameters.
func (c *Compressor) Reset() {
	clear(c.head)
	c.out, c.bitBuf, c.bitCount, c.input = nil, 0, 0, nil
	c.start, c.ahead, c.blockStart, c.insert, c.hash = 0, 0, 0, 0, 0
	c.matchStart, c.matchLength, c.prevLength, c.available, c.finished = 0, minMatch-1, minMatch-1, false, false
	c.newBlock()
}

// Done reports whether the stream has been finished.
func (c *Compressor) Done() bool { return c.finished }

// Params changes level and strategy; what was given before is coded with the old ones.
func (c *Compressor) Params(level int, strategy Strategy) []byte {
	var out []byte
	if strategy != c.strategy || efforts[level].fast != c.eff.fast || (level == 0) != (c.level == 0) {
		out = c.Compress(nil, blockFlush)
	}
	if c.level == 0 && level > 0 {
		clear(c.head)
	}
	c.setLevel(level)
	c.strategy = strategy
	return out
}

// SetDictionary makes data known that the stream may refer to. It is called before any input.
func (c *Compressor) SetDictionary(dict []byte) {
	if len(dict) >= c.size {
		clear(c.head)
		c.start, c.blockStart, c.insert = 0, 0, 0
		dict = dict[len(dict)-c.size:]
	}
	c.input = dict
	for c.fill(); c.ahead >= minMatch; c.fill() {
		at := c.start
		for n := c.ahead - (minMatch - 1); n > 0; n-- {
			c.put(at)
			at++
		}
		c.start, c.ahead = at, minMatch-1
	}
	c.start += c.ahead
	c.blockStart = c.start
	c.insert, c.ahead = c.ahead, 0
	c.matchLength, c.prevLength, c.available = minMatch-1, minMatch-1, false
}

// Compress takes data and gives the output that there is.
func (c *Compressor) Compress(data []byte, flush Flush) []byte {
	c.input = data
	if len(data) > 0 || c.ahead > 0 || flush != NoFlush && !c.finished {
		done := false
		switch {
		case c.level == 0:
			done = c.storedBlocks(flush)
		case c.strategy == HuffmanOnly:
			done = c.literals(flush)
		case c.strategy == RLE:
			done = c.runs(flush)
		case c.eff.fast:
			done = c.greedy(flush)
		default:
			done = c.lazy(flush)
		}
		if done && (flush == SyncFlush || flush == FullFlush) {
			c.stored(nil, false)
			if flush == FullFlush {
				clear(c.head)
				if c.ahead == 0 {
					c.start, c.blockStart, c.insert = 0, 0, 0
				}
			}
		}
	}
	if flush == Finish {
		c.finished = true
		c.align()
	}
	for c.bitCount >= 8 {
		c.out = append(c.out, byte(c.bitBuf))
		c.bitBuf >>= 8
		c.bitCount -= 8
	}
	out := c.out
	c.out = nil
	return out
}

// ---- the window ------------------------------------------------------------------------------

// maxDist is how far back a match may lie.
func (c *Compressor) maxDist() int { return c.size - minLookahead }

// fill takes input into the window, which slides when it has no room.
func (c *Compressor) fill() {
	for {
		more := len(c.window) - c.ahead - c.start
		if c.start >= c.size+c.maxDist() {
			copy(c.window, c.window[c.size:2*c.size-more])
			c.matchStart -= c.size
			c.start -= c.size
			c.blockStart -= c.size
			c.insert = min(c.insert, c.start)
			slide(c.head, c.size)
			slide(c.prev, c.size)
			more += c.size
		}
		if len(c.input) == 0 {
			return
		}
		n := copy(c.window[c.start+c.ahead:c.start+c.ahead+min(more, len(c.input))], c.input)
		c.input = c.input[n:]
		c.ahead += n
		for c.insert > 0 && c.ahead+c.insert >= minMatch {
			c.put(c.start - c.insert)
			c.insert--
		}
		if c.ahead >= minLookahead {
			return
		}
	}
}

func slide(table []uint16, by int) {
	for i, v := range table {
		if int(v) >= by {
			table[i] = v - uint16(by)
		} else {
			table[i] = 0
		}
	}
}

// put enters the string at a position into the hash table and gives the last position with the same hash, 0 if there is none.
func (c *Compressor) put(at int) int {
	w := c.window[at : at+3 : at+3]
	h := ((int(w[0])<<c.hashShift^int(w[1]))<<c.hashShift ^ int(w[2])) & c.hashMask
	head := c.head[h]
	c.prev[at&c.mask] = head
	c.head[h] = uint16(at)
	return int(head)
}

// longest looks for the longest match of what is at start, longer than prevLength, along the chain from at.
func (c *Compressor) longest(at int) int {
	chain, best, nice := c.eff.chain, c.prevLength, min(c.eff.nice, c.ahead)
	limit := max(c.start-c.maxDist(), 0)
	if c.prevLength >= c.eff.good {
		chain >>= 2
	}
	most := min(maxMatch, c.ahead)
	scan := c.window[c.start : c.start+most]
	if best >= most {
		// nothing can be longer: zlib would find a match that is cut to what is there
		return most
	}
	for {
		m := c.window[at:]
		if m[best] == scan[best] && m[best-1] == scan[best-1] && m[0] == scan[0] && m[1] == scan[1] {
			n := 2
			for n < most && m[n] == scan[n] {
				n++
			}
			if n > best {
				c.matchStart, best = at, n
				if n >= nice || n >= most {
					break
				}
			}
		}
		at = int(c.prev[at&c.mask])
		chain--
		if at <= limit || chain == 0 {
			break
		}
	}
	return min(best, c.ahead)
}

// enough makes sure that there is something to code; false: come again with more input.
func (c *Compressor) enough(need int, flush Flush) (more, wait bool) {
	if c.ahead < need {
		c.fill()
		if c.ahead < need && flush == NoFlush {
			return false, true
		}
	}
	return c.ahead > 0, false
}

// end closes what a strategy leaves at the end of the input.
func (c *Compressor) end(flush Flush) bool {
	c.insert = min(c.start, minMatch-1)
	if c.strategy == HuffmanOnly || c.strategy == RLE {
		c.insert = 0
	}
	switch {
	case flush == Finish:
		c.flushBlock(true)
	case len(c.symDist) > 0:
		c.flushBlock(false)
	}
	return true
}

// lazy looks whether the next position has a longer match before it takes one.
func (c *Compressor) lazy(flush Flush) bool {
	for {
		more, wait := c.enough(minLookahead, flush)
		if wait {
			return false
		}
		if !more {
			break
		}
		head := 0
		if c.ahead >= minMatch {
			head = c.put(c.start)
		}
		prevMatch := c.matchStart
		c.prevLength, c.matchLength = c.matchLength, minMatch-1
		if head != 0 && c.prevLength < c.eff.lazy && c.start-head <= c.maxDist() {
			c.matchLength = c.longest(head)
			if c.matchLength <= 5 && (c.strategy == Filtered || c.matchLength == minMatch && c.start-c.matchStart > tooFar) {
				c.matchLength = minMatch - 1
			}
		}
		switch {
		case c.prevLength >= minMatch && c.matchLength <= c.prevLength:
			last := c.start + c.ahead - minMatch
			full := c.match(c.start-1-prevMatch, c.prevLength)
			c.ahead -= c.prevLength - 1
			for n := c.prevLength - 2; n > 0; n-- {
				c.start++
				if c.start <= last {
					c.put(c.start)
				}
			}
			c.available, c.matchLength = false, minMatch-1
			c.start++
			if full {
				c.flushBlock(false)
			}
		case c.available:
			if c.literal(c.window[c.start-1]) {
				c.flushBlock(false)
			}
			c.start++
			c.ahead--
		default:
			c.available = true
			c.start++
			c.ahead--
		}
	}
	if c.available {
		c.literal(c.window[c.start-1])
		c.available = false
	}
	return c.end(flush)
}

// greedy takes every match.
func (c *Compressor) greedy(flush Flush) bool {
	for {
		more, wait := c.enough(minLookahead, flush)
		if wait {
			return false
		}
		if !more {
			break
		}
		head, length := 0, 0
		if c.ahead >= minMatch {
			head = c.put(c.start)
		}
		if head != 0 && c.start-head <= c.maxDist() {
			c.prevLength = minMatch - 1
			length = c.longest(head)
		}
		full := false
		if length >= minMatch {
			full = c.match(c.start-c.matchStart, length)
			c.ahead -= length
			if length <= c.eff.lazy && c.ahead >= minMatch {
				for range length - 1 {
					c.start++
					c.put(c.start)
				}
				c.start++
			} else {
				c.start += length
			}
		} else {
			full = c.literal(c.window[c.start])
			c.ahead--
			c.start++
		}
		if full {
			c.flushBlock(false)
		}
	}
	return c.end(flush)
}

// literals codes no matches.
func (c *Compressor) literals(flush Flush) bool {
	for {
		more, wait := c.enough(1, flush)
		if wait {
			return false
		}
		if !more {
			break
		}
		full := c.literal(c.window[c.start])
		c.ahead--
		c.start++
		if full {
			c.flushBlock(false)
		}
	}
	return c.end(flush)
}

// runs codes repetitions of one byte only.
func (c *Compressor) runs(flush Flush) bool {
	for {
		more, wait := c.enough(maxMatch+1, flush)
		if wait {
			return false
		}
		if !more {
			break
		}
		length := 0
		if c.ahead >= minMatch && c.start > 0 {
			w := c.window[c.start-1:]
			for length < min(maxMatch, c.ahead) && w[length+1] == w[0] {
				length++
			}
		}
		full := false
		if length >= minMatch {
			full = c.match(1, length)
			c.ahead -= length
			c.start += length
		} else {
			full = c.literal(c.window[c.start])
			c.ahead--
			c.start++
		}
		if full {
			c.flushBlock(false)
		}
	}
	return c.end(flush)
}

const maxStored = 65535

// storedBlocks copies. The window still follows, for a change of the level.
func (c *Compressor) storedBlocks(flush Flush) bool {
	for {
		c.fill()
		if n := c.ahead; n > 0 {
			c.start += n
			c.ahead = 0
		}
		have := c.start - c.blockStart
		if len(c.input) == 0 {
			break
		}
		if have >= c.size {
			c.stored(c.window[c.blockStart:c.start], false)
			c.blockStart = c.start
		}
	}
	have := c.window[c.blockStart:c.start]
	if flush == NoFlush && len(have) < c.size {
		return false
	}
	if len(have) > 0 || flush == Finish {
		c.stored(have, flush == Finish)
	}
	c.blockStart = c.start
	c.insert = min(c.start, minMatch-1)
	return true
}
