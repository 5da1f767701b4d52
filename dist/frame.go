package dist

import (
	"encoding/binary"

	"github.com/gerl-lang/gerl/etf"
	"github.com/gerl-lang/gerl/term"
)

// frame is a signal that waits to be written: its control message and, perhaps, the message that belongs to it, both in external form
// without version byte. If atoms is not nil they refer to it instead of writing atoms out; the writer
// makes the header that says what the references stand for.
type frame struct {
	control []byte
	message []byte // nil: none
	atoms   []term.Term
}

func (f *frame) size() int { return len(f.control) + len(f.message) + 64 }

// Bytes that packets begin with.
const (
	passThrough    = 112
	headerNormal   = 68
	headerFirst    = 69
	headerFragment = 70
)

// fragmentSize is how much of a message goes into one packet, where the other node can put them together.
const fragmentSize = 64 << 10

// Atom caches: a slot has a segment and a place in it.
const (
	cacheSlots  = 2048
	maxRefs     = 255
	longestAtom = 255 // bytes that a length of one byte allows
)

// atomList collects the atoms of a frame while it is being encoded.
type atomList struct {
	atoms []term.Term
	index map[term.Term]uint8 // from many atoms on
}

// Index implements etf.AtomWriter.
func (l *atomList) Index(atom term.Term) (uint8, bool) {
	if l.index != nil {
		if i, ok := l.index[atom]; ok {
			return i, true
		}
	} else {
		for i, a := range l.atoms {
			if a == atom {
				return uint8(i), true
			}
		}
	}
	n := len(l.atoms)
	if n == maxRefs {
		return 0, false
	}
	l.atoms = append(l.atoms, atom)
	if l.index != nil {
		l.index[atom] = uint8(n)
	} else if n == 32 {
		l.index = make(map[term.Term]uint8, 2*n)
		for i, a := range l.atoms {
			l.index[a] = uint8(i)
		}
	}
	return uint8(n), true
}

// frame encodes a signal. message is None if there is none. With header the atoms go into the header.
func (d *Dist) frame(header bool, control, message term.Term) *frame {
	f := &frame{}
	var list *atomList
	o := d.encoding(nil)
	if header {
		list = &atomList{}
		o.Atoms = list
	}
	f.control = etf.Append(make([]byte, 0, 64), control, o)
	if message != term.None {
		f.message = etf.Append(make([]byte, 0, 64), message, o)
	}
	if header {
		f.atoms = list.atoms
		if f.atoms == nil {
			f.atoms = []term.Term{}
		}
	}
	return f
}

// writer turns frames into packets. It belongs to the goroutine that writes.
type writer struct {
	buf      []byte
	header   bool // the other node reads headers
	split    bool // and fragments
	sequence uint64
	cache    *[cacheSlots]term.Term
}

func (w *writer) init(f flags) {
	w.header = f&flagHeaderAtomCache != 0
	w.split = w.header && f&flagFragments != 0
	if w.header {
		w.cache = new([cacheSlots]term.Term)
	}
}

// batchSize is how much is written at once.
const batchSize = 256 << 10

// batch puts packets for the first frames into buf: how many, and their size in the queue.
func (w *writer) batch(queue []*frame) (n, bytes int) {
	if cap(w.buf) > 4*batchSize {
		w.buf = nil
	}
	w.buf = w.buf[:0]
	for n < len(queue) && (n == 0 || len(w.buf) < batchSize) {
		w.add(queue[n])
		bytes += queue[n].size()
		queue[n] = nil
		n++
	}
	return n, bytes
}

// begin starts a packet, end fills its length in.
func (w *writer) begin() (at int) {
	at = len(w.buf)
	w.buf = append(w.buf, 0, 0, 0, 0)
	return at
}

func (w *writer) end(at int) { binary.BigEndian.PutUint32(w.buf[at:], uint32(len(w.buf)-at-4)) }

func (w *writer) add(f *frame) {
	if !w.header {
		at := w.begin()
		w.buf = append(w.buf, passThrough, etf.Version)
		w.buf = append(w.buf, f.control...)
		if f.message != nil {
			w.buf = append(w.buf, etf.Version)
			w.buf = append(w.buf, f.message...)
		}
		w.end(at)
		return
	}
	at := w.begin()
	if !w.split || len(f.message) <= fragmentSize {
		w.buf = append(w.buf, etf.Version, headerNormal)
		w.references(f.atoms)
		w.buf = append(w.buf, f.control...)
		w.buf = append(w.buf, f.message...)
		w.end(at)
		return
	}
	w.sequence++
	left := (len(f.message) + fragmentSize - 1) / fragmentSize
	rest := f.message
	w.buf = append(w.buf, etf.Version, headerFirst)
	w.fragment(left)
	w.references(f.atoms)
	w.buf = append(w.buf, f.control...)
	for {
		part := rest[:min(fragmentSize, len(rest))]
		rest = rest[len(part):]
		w.buf = append(w.buf, part...)
		w.end(at)
		if left--; left == 0 {
			return
		}
		at = w.begin()
		w.buf = append(w.buf, etf.Version, headerFragment)
		w.fragment(left)
	}
}

func (w *writer) fragment(left int) {
	w.buf = binary.BigEndian.AppendUint64(w.buf, w.sequence)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(left))
}

// references writes what a frame's references to atoms stand for: those that the other node has seen in the same slot by their slot.
func (w *writer) references(atoms []term.Term) {
	n := len(atoms)
	w.buf = append(w.buf, byte(n))
	if n == 0 {
		return
	}
	flags := len(w.buf)
	w.buf = append(w.buf, make([]byte, n/2+1)...)
	nibble := func(i int, v byte) { w.buf[flags+i/2] |= v << (i % 2 * 4) }
	long := false
	for _, a := range atoms {
		if len(a.AtomName()) > longestAtom {
			long = true
			nibble(n, 1)
			break
		}
	}
	for i, a := range atoms {
		slot := a.AtomIndex() % cacheSlots
		segment, place := byte(slot>>8), byte(slot)
		if w.cache[slot] == a {
			nibble(i, segment)
			w.buf = append(w.buf, place)
			continue
		}
		w.cache[slot] = a
		nibble(i, segment|8)
		name := a.AtomName()
		w.buf = append(w.buf, place)
		if long {
			w.buf = binary.BigEndian.AppendUint16(w.buf, uint16(len(name)))
		} else {
			w.buf = append(w.buf, byte(len(name)))
		}
		w.buf = append(w.buf, name...)
	}
}
