package bifs

import (
	"bytes"
	"io"
	"os"
	"syscall"

	"github.com/gerl-lang/gerl/bifs/deflate"
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// fileDevice is what stands behind an open file: a file of the operating system, memory, or a file that is compressed.
type fileDevice interface {
	io.ReadWriteSeeker
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// memory is a file in memory.
type memory struct {
	data        []byte
	at          int64
	read, write bool
	facts       *fileFacts // of a file inside the program or an archive
}

func (m *memory) Read(p []byte) (int, error) {
	n, err := m.ReadAt(p, m.at)
	m.at += int64(n)
	return n, err
}

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	switch {
	case !m.read:
		return 0, syscall.EBADF
	case at >= memoryLimit:
		return 0, syscall.EINVAL
	case at >= int64(len(m.data)):
		return 0, io.EOF
	}
	n := copy(p, m.data[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (m *memory) Write(p []byte) (int, error) {
	n, err := m.WriteAt(p, m.at)
	m.at += int64(n)
	return n, err
}

// memoryLimit is where a file in memory ends at the latest: places and sizes from there on are wrong.
const memoryLimit = 1 << 31

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	switch {
	case !m.write:
		return 0, syscall.EBADF
	case at >= memoryLimit:
		return 0, syscall.EINVAL
	case at+int64(len(p)) > memoryLimit:
		return 0, syscall.EFBIG
	}
	if end := at + int64(len(p)); end > int64(len(m.data)) {
		m.data = append(m.data, make([]byte, end-int64(len(m.data)))...)
	}
	return copy(m.data[at:], p), nil
}

func (m *memory) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += m.at
	case io.SeekEnd:
		offset += int64(len(m.data))
	}
	if offset < 0 || offset >= memoryLimit {
		return 0, syscall.EINVAL
	}
	m.at = offset
	return offset, nil
}

func (m *memory) Truncate(size int64) error {
	switch {
	case !m.write:
		return syscall.EACCES
	case size > memoryLimit:
		return syscall.EFBIG
	case size > int64(len(m.data)):
		m.data = append(m.data, make([]byte, size-int64(len(m.data)))...)
	}
	m.data = m.data[:size]
	return nil
}

func (m *memory) Sync() error  { return nil }
func (m *memory) Close() error { m.data = nil; return nil }

// packed is a file in the format of gzip. A file that is read and is none is read as it is. Going back means to begin anew.
type packed struct {
	f    *os.File
	r    *deflate.Reader // nil: not compressed
	w    *deflate.Writer
	out  []byte // read and not delivered
	at   int64
	over bool
}

const packedStep = 64 << 10

// openPacked begins to read or write a compressed file.
func openPacked(f *os.File, write bool) (*packed, error) {
	p := &packed{f: f}
	if write {
		p.w = deflate.NewWriter(6, 15, 8, deflate.Default, deflate.Gzip)
		return p, nil
	}
	return p, p.rewind()
}

func (p *packed) rewind() error {
	if _, err := p.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var head [2]byte
	n, err := io.ReadFull(p.f, head[:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	p.r, p.out, p.at, p.over = nil, nil, 0, false
	if n == 2 && head[0] == 31 && head[1] == 139 {
		p.r = deflate.NewReader(15, deflate.Gzip)
		p.r.Write(head[:])
	} else {
		p.out = append(p.out, head[:n]...)
	}
	return nil
}

func (p *packed) Read(b []byte) (int, error) {
	if p.w != nil {
		return 0, syscall.EBADF
	}
	for len(p.out) == 0 {
		if p.over {
			return 0, io.EOF
		}
		if err := p.more(); err != nil {
			return 0, err
		}
	}
	n := copy(b, p.out)
	p.out = p.out[n:]
	p.at += int64(n)
	return n, nil
}

// more gets output from what is in the file.
func (p *packed) more() error {
	if p.r != nil {
		out, err := p.r.Read(packedStep)
		if err != nil {
			return syscall.EIO
		}
		if p.out = out; len(out) > 0 {
			return nil
		}
		if p.r.AtEnd() && p.r.HasInput() {
			p.r.Reset()
			return nil
		}
	}
	buf := make([]byte, packedStep)
	n, err := p.f.Read(buf)
	switch {
	case n == 0 && err == io.EOF:
		p.over = true
	case n == 0:
		return err
	case p.r == nil:
		p.out = buf[:n]
	default:
		if p.r.AtEnd() {
			p.r.Reset()
		}
		p.r.Write(buf[:n])
	}
	return nil
}

func (p *packed) Write(b []byte) (int, error) {
	if p.w == nil {
		return 0, syscall.EBADF
	}
	_, err := p.f.Write(p.w.Write(b, deflate.NoFlush))
	p.at += int64(len(b))
	return len(b), err
}

func (p *packed) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += p.at
	case io.SeekEnd:
		return 0, syscall.EINVAL
	}
	switch {
	case offset < 0:
		return 0, syscall.EINVAL
	case p.w != nil:
		if offset < p.at {
			return 0, syscall.EINVAL
		}
		for offset > p.at {
			if _, err := p.Write(make([]byte, min(offset-p.at, packedStep))); err != nil {
				return 0, err
			}
		}
	default:
		if offset < p.at {
			if err := p.rewind(); err != nil {
				return 0, err
			}
		}
		if _, err := io.CopyN(io.Discard, struct{ io.Reader }{p}, offset-p.at); err != nil && err != io.EOF {
			return 0, err
		}
	}
	return p.at, nil
}

func (p *packed) ReadAt(b []byte, at int64) (int, error) {
	if _, err := p.Seek(at, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(struct{ io.Reader }{p}, b)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

func (p *packed) WriteAt([]byte, int64) (int, error) { return 0, syscall.EINVAL }
func (p *packed) Truncate(int64) error               { return syscall.EINVAL }

func (p *packed) Sync() error {
	if p.w != nil {
		if _, err := p.f.Write(p.w.Write(nil, deflate.SyncFlush)); err != nil {
			return err
		}
	}
	return p.f.Sync()
}

func (p *packed) Close() error {
	var err error
	if p.w != nil {
		_, err = p.f.Write(p.w.Write(nil, deflate.Finish))
	}
	if e := p.f.Close(); err == nil {
		err = e
	}
	return err
}

// hasMode reports whether a list of modes has one.
func hasMode(list term.Term, mode string) bool {
	for ; list.IsCons(); list = list.Tail() {
		if atomText(list.Head()) == mode {
			return true
		}
	}
	return false
}

// gerl_file:open_ram(Data, Modes) -> {ok, Handle}
func gerlFileOpenRam2(p *proc.Process, a []term.Term) term.Term {
	data, ok := dataArg(a[0])
	if !ok {
		return p.Badarg()
	}
	m := &memory{data: data, read: hasMode(a[1], "read"), write: hasMode(a[1], "write")}
	m.read = m.read || !m.write
	return p.Heap.Tuple(term.AtomOk, newResource(p, &openFile{f: m}))
}

// gerl_file:contents(Handle) -> {ok, Binary} | {error, einval}: all of a file in memory.
func gerlFileContents1(p *proc.Process, a []term.Term) term.Term {
	return onFile(p, a[0], func(o *openFile) result {
		m, ok := o.f.(*memory)
		if !ok {
			return fileError(syscall.EINVAL)
		}
		return okBytes(bytes.Clone(m.data))
	})
}
