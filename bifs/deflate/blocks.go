package deflate

// ---- bits --------------------------------------------------------------------------------------

func (c *Compressor) bits(v uint64, n uint) {
	c.bitBuf |= v << c.bitCount
	if c.bitCount += n; c.bitCount >= 32 {
		c.out = append(c.out, byte(c.bitBuf), byte(c.bitBuf>>8), byte(c.bitBuf>>16), byte(c.bitBuf>>24))
		c.bitBuf >>= 32
		c.bitCount -= 32
	}
}

func (c *Compressor) code(k code) { c.bits(uint64(k.bits), uint(k.size)) }

// align goes on at the next whole byte.
func (c *Compressor) align() {
	for c.bitCount > 0 {
		c.out = append(c.out, byte(c.bitBuf))
		c.bitBuf >>= 8
		c.bitCount -= min(8, c.bitCount)
	}
	c.bitBuf = 0
}

// ---- symbols -----------------------------------------------------------------------------------

func (c *Compressor) newBlock() {
	c.lit.reset()
	c.dist.reset()
	c.bitLen.reset()
	c.lit.freq[endOfData] = 1
	c.symDist, c.symLen = c.symDist[:0], c.symLen[:0]
}

// literal notes a byte; true: the block is full.
func (c *Compressor) literal(b byte) bool {
	c.symDist, c.symLen = append(c.symDist, 0), append(c.symLen, b)
	c.lit.freq[b]++
	return len(c.symDist) == c.symEnd
}

// match notes a match; true: the block is full.
func (c *Compressor) match(dist, length int) bool {
	c.symDist, c.symLen = append(c.symDist, uint16(dist)), append(c.symLen, uint8(length-minMatch))
	c.lit.freq[int(fixed.lenCode[length-minMatch])+endOfData+1]++
	c.dist.freq[fixed.dist(dist-1)]++
	return len(c.symDist) == c.symEnd
}

// ---- blocks ------------------------------------------------------------------------------------

func literalExtra(sym int) int {
	if sym > endOfData {
		return int(extraLen[sym-endOfData-1])
	}
	return 0
}

func distExtra(sym int) int    { return int(extraDist[sym]) }
func lengthsExtra(sym int) int { return int(extraBits[sym]) }

// flushBlock sends the symbols in whichever of the three ways is the shortest.
func (c *Compressor) flushBlock(last bool) {
	size := c.start - c.blockStart
	optimal, static := c.lit.build(literalExtra, fixed.fixedLit[:], maxBits)
	o, s := c.dist.build(distExtra, fixed.fixedDst[:], maxBits)
	optimal, static = optimal+o, static+s
	lengths := c.scanLengths()
	o, _ = c.bitLen.build(lengthsExtra, nil, 7)
	count := numBitLen
	for count > 4 && c.bitLen.codes[bitLenOrder[count-1]].size == 0 {
		count--
	}
	optimal += o + 3*count + 5 + 5 + 4
	optimalBytes, staticBytes := (optimal+3+7)>>3, (static+3+7)>>3
	if staticBytes <= optimalBytes || c.strategy == Fixed {
		optimalBytes = staticBytes
	}
	switch {
	case size+4 <= optimalBytes && c.blockStart >= 0:
		c.stored(c.window[c.blockStart:c.start], last)
	case staticBytes == optimalBytes:
		c.bits(1<<1|lastBit(last), 3)
		c.symbols(fixed.fixedLit[:], fixed.fixedDst[:])
	default:
		c.bits(2<<1|lastBit(last), 3)
		c.bits(uint64(c.lit.max-256), 5)
		c.bits(uint64(c.dist.max), 5)
		c.bits(uint64(count-4), 4)
		for _, sym := range bitLenOrder[:count] {
			c.bits(uint64(c.bitLen.codes[sym].size), 3)
		}
		for _, l := range lengths {
			c.code(c.bitLen.codes[l.sym])
			c.bits(uint64(l.extra), uint(extraBits[l.sym]))
		}
		c.symbols(c.lit.codes, c.dist.codes)
	}
	c.newBlock()
	c.blockStart = c.start
	if last {
		c.align()
	}
}

func lastBit(last bool) uint64 {
	if last {
		return 1
	}
	return 0
}

// stored sends data as it is, in as many blocks as it takes.
func (c *Compressor) stored(data []byte, last bool) {
	for {
		n := min(len(data), maxStored)
		final := last && n == len(data)
		c.bits(lastBit(final), 3)
		c.align()
		c.out = append(c.out, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
		c.out = append(c.out, data[:n]...)
		if data = data[n:]; len(data) == 0 {
			return
		}
	}
}

func (c *Compressor) symbols(lit, dist []code) {
	for i, d := range c.symDist {
		l := c.symLen[i]
		if d == 0 {
			c.code(lit[l])
			continue
		}
		k := fixed.lenCode[l]
		c.code(lit[int(k)+endOfData+1])
		c.bits(uint64(uint16(l)-fixed.lenBase[k]), uint(extraLen[k]))
		back := int(d) - 1
		k = fixed.dist(back)
		c.code(dist[k])
		c.bits(uint64(back-int(fixed.distBase[k])), uint(extraDist[k]))
	}
	c.code(lit[endOfData])
}

// runLength is one symbol of the list of code lengths.
type runLength struct {
	sym   uint8
	extra uint8
}

// scanLengths describes the lengths of both codes with runs and counts the symbols for that.
func (c *Compressor) scanLengths() (out []runLength) {
	for _, t := range []*tree{&c.lit, &c.dist} {
		out = c.scan(t, out)
	}
	return out
}

func (c *Compressor) scan(t *tree, out []runLength) []runLength {
	emit := func(sym, extra int) {
		c.bitLen.freq[sym]++
		out = append(out, runLength{uint8(sym), uint8(extra)})
	}
	previous := -1
	for i := 0; i <= t.max; {
		length := int(t.codes[i].size)
		most, least := 6, 3
		switch {
		case length == 0:
			most = 138
		case length != previous:
			// the first of a run is sent by itself
			most, least = 7, 4
		}
		n := 1
		for i+n <= t.max && int(t.codes[i+n].size) == length && n < most {
			n++
		}
		i += n
		switch {
		case n < least:
			for range n {
				emit(length, 0)
			}
		case length != 0:
			if length != previous {
				emit(length, 0)
				n--
			}
			emit(16, n-3)
		case n <= 10:
			emit(17, n-3)
		default:
			emit(18, n-11)
		}
		previous = length
	}
	return out
}
