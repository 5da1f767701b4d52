package deflate

import (
	"encoding/binary"
	"errors"
	"hash/adler32"
	"hash/crc32"
)

// Wrap is what stands around a raw stream.
type Wrap uint8

// The wrappings: of zlib with an Adler checksum, of gzip with a CRC, and, for reading, whichever of both comes.
const (
	Raw Wrap = iota
	Zlib
	Gzip
	Either
)

// Writer makes a stream with its wrapping.
type Writer struct {
	c          *Compressor
	wrap       Wrap
	level      int
	strategy   Strategy
	windowBits int
	begun      bool
	dict       uint32
	hasDict    bool
	adler      uint32
	crc        uint32
	size       uint32
	given      bool // data came in
}

// NewWriter makes a Writer; the arguments are those of zlib's deflateInit2 with the wrapping apart.
func NewWriter(level, windowBits, memLevel int, strategy Strategy, wrap Wrap) *Writer {
	w := &Writer{c: NewCompressor(level, windowBits, memLevel, strategy), wrap: wrap, level: level, strategy: strategy, windowBits: max(windowBits, 9)}
	w.adler = 1
	return w
}

// Reset starts another stream.
func (w *Writer) Reset() {
	w.c.Reset()
	w.begun, w.hasDict, w.adler, w.crc, w.size, w.given = false, false, 1, 0, 0, false
}

// Pending reports whether the stream has begun and is not finished.
func (w *Writer) Pending() bool { return (w.begun || w.given) && !w.c.Done() }

// Done reports whether the stream is finished.
func (w *Writer) Done() bool { return w.c.Done() }

// SetDictionary sets a dictionary and gives its checksum; false: it is too late for one.
func (w *Writer) SetDictionary(dict []byte) (uint32, bool) {
	if w.wrap == Gzip || w.begun && w.wrap == Zlib {
		return 0, false
	}
	w.c.SetDictionary(dict)
	if w.wrap == Zlib {
		w.dict, w.hasDict = adler32.Checksum(dict), true
		return w.dict, true
	}
	return 1, true
}

// Params changes level and strategy.
func (w *Writer) Params(level int, strategy Strategy) []byte {
	out := w.head()
	out = append(out, w.c.Params(level, strategy)...)
	w.level, w.strategy = level, strategy
	return out
}

func (w *Writer) head() (out []byte) {
	if w.begun {
		return nil
	}
	w.begun = true
	weak := w.strategy >= HuffmanOnly || w.level < 2
	switch w.wrap {
	case Zlib:
		h := (8 + (w.windowBits-8)<<4) << 8
		switch {
		case weak:
		case w.level < 6:
			h |= 1 << 6
		case w.level == 6:
			h |= 2 << 6
		default:
			h |= 3 << 6
		}
		if w.hasDict {
			h |= 0x20
		}
		h += 31 - h%31
		out = append(out, byte(h>>8), byte(h))
		if w.hasDict {
			out = binary.BigEndian.AppendUint32(out, w.dict)
		}
	case Gzip:
		hint := byte(0)
		if w.level == 9 {
			hint = 2
		} else if weak {
			hint = 4
		}
		out = append(out, 31, 139, 8, 0, 0, 0, 0, 0, hint, 3)
	}
	return out
}

// Write takes data and gives the output that there is.
func (w *Writer) Write(data []byte, flush Flush) []byte {
	w.given = true
	out := w.head()
	switch w.wrap {
	case Zlib:
		w.adler = adler32update(w.adler, data)
	case Gzip:
		w.crc = crc32.Update(w.crc, crc32.IEEETable, data)
	}
	w.size += uint32(len(data))
	out = append(out, w.c.Compress(data, flush)...)
	if flush == Finish {
		switch w.wrap {
		case Zlib:
			out = binary.BigEndian.AppendUint32(out, w.adler)
		case Gzip:
			out = binary.LittleEndian.AppendUint32(out, w.crc)
			out = binary.LittleEndian.AppendUint32(out, w.size)
		}
	}
	return out
}

// adler32update goes on with a checksum.
func adler32update(sum uint32, data []byte) uint32 {
	const mod = 65521
	a, b := sum&0xffff, sum>>16
	for len(data) > 0 {
		n := min(len(data), 5552)
		for _, x := range data[:n] {
			a += uint32(x)
			b += a
		}
		a %= mod
		b %= mod
		data = data[n:]
	}
	return b<<16 | a
}

// NeedDictionary is the error of a stream that refers to a dictionary.
type NeedDictionary uint32

func (NeedDictionary) Error() string { return "the stream needs a dictionary" }

// ErrState says that a call is not possible at this point of the stream.
var ErrState = errors.New("not at this point of the stream")

// Reader reads a stream with its wrapping.
type Reader struct {
	d       *Decompressor
	wrap    Wrap
	set     Wrap
	bits    int
	state   readerState
	pending []byte // input of the header or trailer
	dictID  uint32
	given   bool // the dictionary was given, and nothing was read since
	adler   uint32
	crc     uint32
	size    uint32
}

type readerState uint8

const (
	atHead readerState = iota
	atDictionary
	inData
	atTail
	atEnd
	broken
)

// NewReader makes a Reader.
func NewReader(windowBits int, wrap Wrap) *Reader {
	r := &Reader{wrap: wrap, set: wrap, bits: windowBits}
	r.Reset()
	return r
}

// Reset starts with another stream; input that was not used is kept.
func (r *Reader) Reset() {
	var rest []byte
	if r.d != nil {
		rest = r.Rest()
	}
	bits := r.bits
	if bits == 0 {
		bits = 15
	}
	*r = Reader{d: NewDecompressor(bits), wrap: r.set, set: r.set, bits: r.bits, adler: 1, pending: rest}
	if r.wrap == Raw {
		r.state = inData
		r.d.Write(rest)
		r.pending = nil
	}
}

// Rest takes back the input that was not used.
func (r *Reader) Rest() []byte {
	rest := append(r.d.Rest(), r.pending...)
	r.pending = nil
	return rest
}

// Write adds input.
func (r *Reader) Write(data []byte) {
	if r.state == inData {
		r.d.Write(data)
		return
	}
	r.pending = append(r.pending, data...)
}

// AtEnd reports whether the stream is over.
func (r *Reader) AtEnd() bool { return r.state == atEnd }

// Ended reports whether the stream is over, or has not begun.
func (r *Reader) Ended() bool { return r.state == atEnd }

// HasInput reports whether there is input that was not used.
func (r *Reader) HasInput() bool { return len(r.pending) > 0 || len(r.d.in) > 0 || r.d.bitCnt >= 8 }

// SetDictionary gives the dictionary that the stream needs.
func (r *Reader) SetDictionary(dict []byte) error {
	switch {
	case r.wrap == Raw && r.state == inData:
	case r.given && adler32.Checksum(dict) == r.dictID:
		return nil
	case r.state != atDictionary:
		return ErrState
	case adler32.Checksum(dict) != r.dictID:
		return ErrData
	default:
		r.begin()
		r.given = true
	}
	r.d.SetDictionary(dict)
	return nil
}

// Dictionary is what the stream may refer to.
func (r *Reader) Dictionary() []byte { return r.d.Window() }

func (r *Reader) begin() {
	r.state = inData
	r.d.Write(r.pending)
	r.pending = nil
}

// Read gives output, at most limit bytes if that is not 0.
func (r *Reader) Read(limit int) (out []byte, err error) {
	for {
		switch r.state {
		case broken:
			return out, ErrData
		case atHead:
			ok, err := r.readHead()
			if err != nil {
				r.state = broken
			}
			if !ok || err != nil {
				return out, err
			}
		case atDictionary:
			return out, NeedDictionary(r.dictID)
		case inData:
			r.given = false
			got, err := r.d.Read(limit)
			switch r.wrap {
			case Zlib:
				r.adler = adler32update(r.adler, got)
			case Gzip:
				r.crc = crc32.Update(r.crc, crc32.IEEETable, got)
			}
			r.size += uint32(len(got))
			out = got
			if err != nil {
				r.state = broken
				return out, err
			}
			if !r.d.Done() {
				return out, nil
			}
			r.pending = r.d.Rest()
			r.state = atTail
		case atTail:
			ok, err := r.readTail()
			if err != nil {
				r.state = broken
			}
			if !ok || err != nil {
				return out, err
			}
			r.state = atEnd
			return out, nil
		case atEnd:
			return out, nil
		}
	}
}

func (r *Reader) readHead() (bool, error) {
	p := r.pending
	if r.wrap == Either && len(p) > 0 {
		r.wrap = Zlib
		if p[0] == 31 {
			r.wrap = Gzip
		}
	}
	if r.wrap == Gzip {
		return r.readGzipHead()
	}
	if len(p) < 2 {
		return false, nil
	}
	if p[0]&15 != 8 || (int(p[0])<<8|int(p[1]))%31 != 0 || r.bits != 0 && int(p[0]>>4)+8 > r.bits {
		return false, ErrData
	}
	if p[1]&0x20 == 0 {
		r.pending = p[2:]
		r.begin()
		return true, nil
	}
	if len(p) < 6 {
		return false, nil
	}
	r.dictID, r.pending, r.state = binary.BigEndian.Uint32(p[2:]), p[6:], atDictionary
	return true, nil
}

func (r *Reader) readGzipHead() (bool, error) {
	p := r.pending
	for i, want := range []byte{31, 139, 8} {
		if len(p) > i && p[i] != want {
			return false, ErrData
		}
	}
	if len(p) < 10 {
		return false, nil
	}
	flags := p[3]
	if flags&0xe0 != 0 {
		return false, ErrData
	}
	at := 10
	if flags&4 != 0 {
		if len(p) < at+2 {
			return false, nil
		}
		at += 2 + int(p[at]) + int(p[at+1])<<8
	}
	for _, bit := range []byte{8, 16} {
		if flags&bit == 0 {
			continue
		}
		for {
			if at >= len(p) {
				return false, nil
			}
			at++
			if p[at-1] == 0 {
				break
			}
		}
	}
	if flags&2 != 0 {
		at += 2
	}
	if at > len(p) {
		return false, nil
	}
	r.pending = p[at:]
	r.begin()
	return true, nil
}

func (r *Reader) readTail() (bool, error) {
	p := r.pending
	switch r.wrap {
	case Zlib:
		if len(p) < 4 {
			return false, nil
		}
		if binary.BigEndian.Uint32(p) != r.adler {
			return false, ErrData
		}
		r.pending = p[4:]
	case Gzip:
		if len(p) < 8 {
			return false, nil
		}
		if binary.LittleEndian.Uint32(p) != r.crc || binary.LittleEndian.Uint32(p[4:]) != r.size {
			return false, ErrData
		}
		r.pending = p[8:]
	}
	return true, nil
}
