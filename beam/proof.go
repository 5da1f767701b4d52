package beam

import (
	"crypto/sha256"
	"encoding/binary"
)

// proofChunk is the chunk that keeps a proof in a file of gerl's own image.
const proofChunk = "gPrf"

// proofVersion changes whenever a rule of the validator does: older proofs are worth nothing then.
const proofVersion = 1

// SetProof keeps the result of validation in the file, so that loading from gerl's own embedded library does not
// repeat it. The chunk says nothing about a file that comes from elsewhere: anybody can write one.
func (f *File) SetProof(p *Proof) {
	data := binary.BigEndian.AppendUint32(nil, proofVersion)
	sum := f.codeSum()
	data = append(data, sum[:]...)
	for _, set := range [][]uint64{p.proved, p.visited} {
		for _, w := range set {
			data = binary.BigEndian.AppendUint64(data, w)
		}
	}
	kept := f.Chunks[:0:0]
	for _, c := range f.Chunks {
		if c.Name != proofChunk {
			kept = append(kept, c)
		}
	}
	f.Chunks = append(kept, Chunk{proofChunk, data})
}

// TrustedProof gives the proof that SetProof has left in the file. It is for files that were built into the program, and only
// for those; all others go through Validate. m is the file's module. ok is false if there is none that fits, then Validate is due.
func (f *File) TrustedProof(m *Module) (p *Proof, ok bool) {
	data, ok := f.Chunk(proofChunk)
	words := len(m.Code)/64 + 1
	if !ok || len(data) != 4+sha256.Size+16*words || binary.BigEndian.Uint32(data) != proofVersion {
		return nil, false
	}
	data = data[4:]
	if sum := f.codeSum(); string(sum[:]) != string(data[:sha256.Size]) {
		return nil, false
	}
	data = data[sha256.Size:]
	sets := make([]uint64, 2*words)
	for i := range sets {
		sets[i] = binary.BigEndian.Uint64(data[8*i:])
	}
	return &Proof{proved: sets[:words], visited: sets[words:]}, true
}

// codeSum covers all chunks that a proof depends on.
func (f *File) codeSum() [sha256.Size]byte {
	h := sha256.New()
	for _, name := range essentialChunks {
		if data, ok := f.Chunk(name); ok {
			h.Write([]byte(name))
			h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(data))))
			h.Write(data)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}
