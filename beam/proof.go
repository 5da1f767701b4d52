package beam

import "encoding/binary"

// proofChunk is the chunk that keeps a proof in a file of gerl's own image.
const proofChunk = "gPrf"

// proofVersion changes whenever a rule of the validator does: older proofs are worth nothing then.
const proofVersion = 2

// proofHead is the size of what comes before the bits: the version and the module's checksum.
const proofHead = 4 + 16

// SetProof keeps the result of validation in the file, and the module's checksum, so that loading from gerl's own embedded library
// repeats neither. The chunk says nothing about a file that comes from elsewhere: anybody can write one.
func (f *File) SetProof(p *Proof) {
	sum := f.MD5()
	data := binary.BigEndian.AppendUint32(nil, proofVersion)
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

// TrustedProof gives the proof and the checksum that SetProof has left in the file. It is for files that were built into the
// program, and only for those; all others go through Validate. m is the file's module. ok is false if there is none that can be the
// module's, then Validate is due. That the proof belongs to this code is not looked at: it was made with the file.
func (f *File) TrustedProof(m *Module) (p *Proof, sum [16]byte, ok bool) {
	data, ok := f.Chunk(proofChunk)
	words := len(m.Code)/64 + 1
	if !ok || len(data) != proofHead+16*words || binary.BigEndian.Uint32(data) != proofVersion {
		return nil, sum, false
	}
	copy(sum[:], data[4:])
	data = data[proofHead:]
	sets := make([]uint64, 2*words)
	for i := range sets {
		sets[i] = binary.BigEndian.Uint64(data[8*i:])
	}
	return &Proof{proved: sets[:words], visited: sets[words:]}, sum, true
}
