package beam

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"io"
)

// File is a .beam file as a row of chunks (an IFF form of type BEAM), not interpreted.
type File struct {
	Chunks []Chunk
}

// FileError is a fault in a .beam file.
type FileError struct {
	Chunk  string // name of the chunk, "" for the file as a whole
	Offset int    // in the chunk's data, or in the file
	Text   string
}

func (e *FileError) Error() string {
	if e.Chunk == "" {
		return fmt.Sprintf("beam: byte %d: %s", e.Offset, e.Text)
	}
	return fmt.Sprintf("beam: chunk %q, byte %d: %s", e.Chunk, e.Offset, e.Text)
}

// maxUnzipped bounds what compressed files and literals may unpack to.
const maxUnzipped = 1 << 30

// ParseFile splits a .beam file, gzip-compressed or not, into its chunks; their data are views on the file.
func ParseFile(data []byte) (*File, error) {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, &FileError{Text: "damaged compressed file: " + err.Error()}
		}
		if data, err = io.ReadAll(io.LimitReader(r, maxUnzipped)); err != nil {
			return nil, &FileError{Text: "damaged compressed file: " + err.Error()}
		}
	}
	if len(data) < 12 || string(data[:4]) != "FOR1" || string(data[8:12]) != "BEAM" {
		return nil, &FileError{Text: "not a BEAM file"}
	}
	size := uint64(binary.BigEndian.Uint32(data[4:]))
	if size < 4 || 8+size > uint64(len(data)) {
		return nil, &FileError{Offset: 4, Text: "the file is shorter than it says"}
	}
	end := int(8 + size)
	f := &File{}
	for at := 12; at < end; {
		if end-at < 8 {
			return nil, &FileError{Offset: at, Text: "cut off in a chunk header"}
		}
		n := uint64(binary.BigEndian.Uint32(data[at+4:]))
		if n > uint64(end-at-8) {
			return nil, &FileError{Offset: at, Text: fmt.Sprintf("chunk %q is longer than the file", data[at:at+4])}
		}
		body := at + 8
		next := body + int(n)
		f.Chunks = append(f.Chunks, Chunk{string(data[at : at+4]), data[body:next:next]})
		at = body + (int(n)+3)&^3
	}
	return f, nil
}

// Chunk gives the data of the first chunk of that name.
func (f *File) Chunk(name string) (data []byte, ok bool) {
	for _, c := range f.Chunks {
		if c.Name == name {
			return c.Data, true
		}
	}
	return nil, false
}

// Bytes puts the file together.
func (f *File) Bytes() []byte {
	size := 4
	for _, c := range f.Chunks {
		size += 8 + (len(c.Data)+3)&^3
	}
	out := make([]byte, 0, 8+size)
	out = append(out, "FOR1"...)
	out = binary.BigEndian.AppendUint32(out, uint32(size))
	out = append(out, "BEAM"...)
	for _, c := range f.Chunks {
		out = append(out, c.Name...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(c.Data)))
		out = append(out, c.Data...)
		out = append(out, "\x00\x00\x00"[:-len(c.Data)&3]...)
	}
	return out
}

// essentialChunks are the chunks that make up a module's identity, in the order in which its MD5 takes them.
var essentialChunks = [...]string{"Atom", "AtU8", "Code", "StrT", "ImpT", "ExpT", "FunT", "LitT", "Meta", "Recs", "DbgB"}

// MD5 is the checksum of the essential chunks, as beam_lib:md5/1 and Mod:module_info(md5) give it. The field of the
// fun table that holds a part of the checksum itself counts as zero.
func (f *File) MD5() [16]byte {
	h := md5.New()
	for _, name := range essentialChunks {
		data, ok := f.Chunk(name)
		if !ok {
			continue
		}
		if name == "FunT" {
			data = append([]byte(nil), data...)
			for at := 4; at+24 <= len(data); at += 24 {
				clear(data[at+20 : at+24])
			}
		}
		h.Write(data)
	}
	return [16]byte(h.Sum(nil))
}

// Strip gives the file without the chunks that loading does not need, like beam_lib:strip/1;
// keep names further chunks to keep.
func (f *File) Strip(keep ...string) *File {
	out := &File{}
	for _, c := range f.Chunks {
		if keptByStrip(c.Name) || contains(keep, c.Name) {
			out.Chunks = append(out.Chunks, c)
		}
	}
	return out
}

func keptByStrip(name string) bool {
	return name == "Line" || name == "Type" || contains(essentialChunks[:], name)
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
