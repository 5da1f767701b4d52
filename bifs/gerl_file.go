package bifs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// openFile is the resource behind an open file: closed at the latest when nobody holds its reference.
//
// Reading lines reads ahead: then the operating system's position is len(ahead) bytes further than the file's.
type openFile struct {
	mu     sync.Mutex
	f      fileDevice
	ahead  []byte
	most   int // how much reading reads ahead
	closed bool
}

// Release implements term.Resource. Closing may block, so it is done elsewhere.
func (o *openFile) Release() { go o.close() }

func (o *openFile) close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return syscall.EINVAL
	}
	o.closed = true
	return o.f.Close()
}

// settle gives up what was read ahead.
func (o *openFile) settle() error {
	if len(o.ahead) == 0 {
		return nil
	}
	_, err := o.f.Seek(-int64(len(o.ahead)), io.SeekCurrent)
	o.ahead = nil
	return err
}

// result makes the term of a finished operation.
type result = func(p *proc.Process) term.Term

func okResult(*proc.Process) term.Term  { return term.AtomOk }
func eofResult(*proc.Process) term.Term { return term.AtomEof }

func okBytes(data []byte) result {
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, p.Heap.Binary(data)) }
}

func okInt(n int64) result {
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, p.Heap.Int64(n)) }
}

func okOr(err error) result {
	if err != nil {
		return fileError(err)
	}
	return okResult
}

// fileError is {error, Posix}: the name of the operating system's error in lower case.
func fileError(err error) result {
	name := PosixName(err)
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomError, term.Intern(name)) }
}

// PosixName is the name that Erlang has for an error of the operating system, such as enoent.
func PosixName(err error) string {
	var no syscall.Errno
	switch {
	case errors.As(err, &no):
		if name := errnoName(no); name != "" {
			return strings.ToLower(name)
		}
	case errors.Is(err, fs.ErrNotExist):
		return "enoent"
	case errors.Is(err, fs.ErrExist):
		return "eexist"
	case errors.Is(err, fs.ErrPermission):
		return "eacces"
	case errors.Is(err, fs.ErrClosed):
		return "einval"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "etimedout"
	}
	return "eio"
}

// pathArg gives the path that a name (a binary) means on the process's node.
func pathArg(p *proc.Process, t term.Term) (string, bool) {
	b, ok := t.Bytes()
	if !ok || bytes.IndexByte(b, 0) >= 0 {
		return "", false
	}
	name := string(b)
	if n := NodeOf(p); n != nil && name != "" && !filepath.IsAbs(name) {
		// not filepath.Join: a trailing slash and ".." after a symbolic link mean something
		name = strings.TrimSuffix(n.Dir(), "/") + "/" + name
	}
	return name, true
}

// onPath runs an operation on a path that gives ok or {error, Posix}.
func onPath(p *proc.Process, name term.Term, work func(path string) error) term.Term {
	path, ok := pathArg(p, name)
	if !ok {
		return p.Badarg()
	}
	return p.Async(func() result { return okOr(work(path)) })
}

// onFile runs an operation on an open file.
func onFile(p *proc.Process, handle term.Term, work func(o *openFile) result) term.Term {
	r, ok := term.MagicResource(handle)
	o, isFile := r.(*openFile)
	if !ok || !isFile {
		return p.Badarg()
	}
	return p.Async(func() result {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.closed {
			return fileError(syscall.EINVAL)
		}
		return work(o)
	})
}

// dataArg copies iodata: it is used while the process may collect.
func dataArg(t term.Term) ([]byte, bool) {
	b, ok := term.IOListBytes(t)
	return append([]byte(nil), b...), ok
}

// gerl_file:read_file(Name) -> {ok, Binary} | {error, Posix}
func gerlFileReadFile1(p *proc.Process, a []term.Term) term.Term {
	path, ok := pathArg(p, a[0])
	if !ok {
		return p.Badarg()
	}
	node := NodeOf(p)
	return p.Async(func() result {
		data, err := ReadFile(node, path)
		if err != nil {
			return fileError(err)
		}
		return okBytes(data)
	})
}

// openModes are the flags of the operating system for each mode of file:open/2.
func openModes(t term.Term) (flags int, directory, ok bool) {
	var read, write, exclusive, appending, sync bool
	for ; t.IsCons(); t = t.Tail() {
		if !t.Head().IsAtom() {
			return 0, false, false
		}
		switch t.Head().AtomName() {
		case "read":
			read = true
		case "write":
			write = true
		case "append":
			write, appending = true, true
		case "exclusive":
			write, exclusive = true, true
		case "sync":
			sync = true
		case "directory":
			directory = true
		case "compressed":
		default:
			return 0, false, false
		}
	}
	switch {
	case read && write:
		flags = os.O_RDWR | os.O_CREATE
	case write:
		flags = os.O_WRONLY | os.O_CREATE
		if !appending && !exclusive {
			flags |= os.O_TRUNC
		}
	}
	if appending {
		flags |= os.O_APPEND
	}
	if exclusive {
		flags |= os.O_EXCL
	}
	if sync {
		flags |= os.O_SYNC
	}
	return flags, directory, t.IsNil()
}

// gerl_file:open(Name, Modes) -> {ok, Handle} | {error, Posix}
func gerlFileOpen2(p *proc.Process, a []term.Term) term.Term {
	path, ok := pathArg(p, a[0])
	modes, most, later := fileBuffers(a[1])
	flags, directory, ok2 := openModes(modes)
	if !ok || !ok2 {
		return p.Badarg()
	}
	compressed := hasMode(a[1], "compressed")
	if compressed && flags&(os.O_RDWR|os.O_APPEND) != 0 {
		return fileError(syscall.EINVAL)(p)
	}
	node := NodeOf(p)
	return p.Async(func() result {
		f, err := os.OpenFile(path, flags, 0o666)
		if err != nil {
			if flags == os.O_RDONLY && !compressed && !directory {
				return openInside(node, path, err)
			}
			return fileError(err)
		}
		if info, err := f.Stat(); err == nil && info.IsDir() != directory {
			_ = f.Close()
			if directory {
				return fileError(syscall.ENOTDIR)
			}
			return fileError(syscall.EISDIR)
		}
		var device fileDevice = f
		if compressed {
			if device, err = openPacked(f, flags&os.O_WRONLY != 0); err != nil {
				_ = f.Close()
				return fileError(err)
			}
		}
		o := &openFile{f: device, most: most}
		if later != nil && !compressed {
			later.f, o.f = f, later
		}
		return func(p *proc.Process) term.Term {
			if o.f == later {
				p.OnExit(later, func(p *proc.Process) {
					if p.ExitReason() == term.AtomKill {
						later.discard() // as in OTP, which has nobody left to write it
					}
				})
			}
			return p.Heap.Tuple(term.AtomOk, newResource(p, o))
		}
	})
}

// fileBuffers takes {read_ahead, Size} and {delayed_write, Size, Milliseconds} out of modes.
func fileBuffers(t term.Term) (modes term.Term, ahead int, later *delayedFile) {
	for ; t.IsCons(); t = t.Tail() {
		m := t.Head()
		if !m.IsTuple() {
			break
		}
		n, _ := smallIn(m.Elem(1), 0, maxInt)
		if m.Arity() == 2 {
			ahead = n
		} else {
			ms, _ := smallIn(m.Elem(2), 0, maxInt)
			later = &delayedFile{most: n, delay: time.Duration(min(ms, 1<<40)) * time.Millisecond}
		}
	}
	return t, ahead, later
}

// gerl_file:close(Handle) -> ok | {error, Posix}
func gerlFileClose1(p *proc.Process, a []term.Term) term.Term {
	return onFile(p, a[0], func(o *openFile) result {
		o.closed = true
		err := o.f.Close()
		return func(p *proc.Process) term.Term {
			p.ForgetExit(o.f)
			return okOr(err)(p)
		}
	})
}

// gerl_file:allocate(Handle, Offset, Length) -> ok | {error, Posix}
func gerlFileAllocate3(p *proc.Process, a []term.Term) term.Term {
	offset, ok := smallIn(a[1], 0, maxInt)
	length, ok2 := smallIn(a[2], 0, maxInt)
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onFile(p, a[0], func(o *openFile) result {
		f, err := systemFile(o.f)
		switch {
		case err != nil:
			return fileError(err)
		case f == nil: // memory needs nothing
			return okResult
		}
		return okOr(allocate(f, int64(offset), int64(length)))
	})
}

// gerl_file:read(Handle, Count) -> {ok, Binary} | eof | {error, Posix}
func gerlFileRead2(p *proc.Process, a []term.Term) term.Term {
	n, ok := smallIn(a[1], 0, maxInt)
	if !ok {
		return p.Badarg()
	}
	return onFile(p, a[0], func(o *openFile) result {
		if n == 0 {
			return okBytes(nil)
		}
		if _, inMemory := o.f.(*memory); inMemory && n >= memoryLimit {
			return fileError(syscall.EINVAL)
		}
		var out []byte
		out = append(out, o.ahead[:min(n, len(o.ahead))]...)
		o.ahead = o.ahead[len(out):]
		if left := n - len(out); left > 0 && o.most > 0 && left <= aheadLimit {
			return o.readAhead(left, out)
		}
		return readMore(io.LimitReader(o.f, int64(n-len(out))), out)
	})
}

// aheadLimit bounds the room for reading ahead; larger pieces are read as they come.
const aheadLimit = 1 << 20

// readAhead appends n bytes to out, and keeps more of them for later.
func (o *openFile) readAhead(n int, out []byte) result {
	b := make([]byte, n+min(o.most, aheadLimit))
	got, err := io.ReadFull(o.f, b)
	switch {
	case got > 0 || len(out) > 0:
		n = min(n, got)
		o.ahead = b[n:got]
		return okBytes(append(out, b[:n]...))
	case err != nil && err != io.EOF:
		return fileError(err)
	}
	return eofResult
}

// readMore appends all of r to out.
func readMore(r io.Reader, out []byte) result {
	b := bytes.NewBuffer(out)
	_, err := b.ReadFrom(r)
	switch {
	case b.Len() > 0:
		return okBytes(b.Bytes())
	case err != nil:
		return fileError(err)
	}
	return eofResult
}

// readAhead is how many bytes reading lines asks the operating system for.
const readAhead = 8192

// cutLine takes the first line off what was read ahead, which has no line break in its first from bytes.
func (o *openFile) cutLine(from int) ([]byte, bool) {
	i := bytes.IndexByte(o.ahead[from:], '\n')
	if i < 0 {
		return nil, false
	}
	end := from + i + 1
	line := o.ahead[:end:end]
	o.ahead = o.ahead[end:]
	return line, true
}

// lineAtHand is the next line of a file if it was read ahead, so that nobody need wait, and nobody else uses the file.
func lineAtHand(handle term.Term) ([]byte, bool) {
	r, _ := term.MagicResource(handle)
	o, ok := r.(*openFile)
	if !ok || !o.mu.TryLock() {
		return nil, false
	}
	defer o.mu.Unlock()
	if o.closed || len(o.ahead) > 2*readAhead { // a long line would be searched again and again
		return nil, false
	}
	return o.cutLine(0)
}

// gerl_file:read_line(Handle) -> {ok, Binary} | eof | {error, Posix}: with its line break.
func gerlFileReadLine1(p *proc.Process, a []term.Term) term.Term {
	if line, ok := lineAtHand(a[0]); ok {
		return okBytes(line)(p)
	}
	return onFile(p, a[0], func(o *openFile) result {
		from := 0
		for {
			if line, ok := o.cutLine(from); ok {
				return okBytes(line)
			}
			from = len(o.ahead)
			more := make([]byte, readAhead)
			n, err := o.f.Read(more)
			o.ahead = append(o.ahead, more[:n]...)
			if n > 0 {
				continue
			}
			if len(o.ahead) > 0 {
				line := o.ahead
				o.ahead = nil
				return okBytes(line)
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return fileError(err)
			}
			return eofResult
		}
	})
}

// gerl_file:write(Handle, IoData) -> ok | {error, Posix}
func gerlFileWrite2(p *proc.Process, a []term.Term) term.Term {
	data, ok := dataArg(a[1])
	if !ok {
		return p.Badarg()
	}
	return onFile(p, a[0], func(o *openFile) result {
		if err := o.settle(); err != nil {
			return fileError(err)
		}
		_, err := o.f.Write(data)
		return okOr(err)
	})
}

// gerl_file:pread(Handle, Offset, Count) -> {ok, Binary} | eof | {error, Posix}
func gerlFilePread3(p *proc.Process, a []term.Term) term.Term {
	at, ok := smallIn(a[1], 0, maxInt)
	n, ok2 := smallIn(a[2], 0, maxInt)
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onFile(p, a[0], func(o *openFile) result {
		if _, inMemory := o.f.(*memory); inMemory && (n >= memoryLimit || at >= memoryLimit) {
			return fileError(syscall.EINVAL)
		}
		if n == 0 {
			return okBytes(nil)
		}
		return readMore(io.NewSectionReader(o.f, int64(at), int64(n)), nil)
	})
}

// gerl_file:pwrite(Handle, Offset, IoData) -> ok | {error, Posix}
func gerlFilePwrite3(p *proc.Process, a []term.Term) term.Term {
	at, ok := smallIn(a[1], 0, maxInt)
	data, ok2 := dataArg(a[2])
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onFile(p, a[0], func(o *openFile) result {
		if f, ok := o.f.(*os.File); ok {
			return okOr(pwriteAll(f, data, int64(at)))
		}
		_, err := o.f.WriteAt(data, int64(at))
		return okOr(err)
	})
}

// gerl_file:position(Handle, bof | cur | eof, Offset) -> {ok, Position} | {error, Posix}
func gerlFilePosition3(p *proc.Process, a []term.Term) term.Term {
	offset, ok := smallIn(a[2], -maxInt, maxInt)
	whence, ok2 := map[string]int{"bof": io.SeekStart, "cur": io.SeekCurrent, "eof": io.SeekEnd}[atomText(a[1])]
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onFile(p, a[0], func(o *openFile) result {
		err := o.settle()
		var at int64
		if err == nil {
			at, err = o.f.Seek(int64(offset), whence)
		}
		if err != nil {
			return fileError(err)
		}
		return okInt(at)
	})
}

func atomText(t term.Term) string {
	if t.IsAtom() {
		return t.AtomName()
	}
	return ""
}

// gerl_file:truncate(Handle) -> ok | {error, Posix}: at the current position.
func gerlFileTruncate1(p *proc.Process, a []term.Term) term.Term {
	return onFile(p, a[0], func(o *openFile) result {
		if err := o.settle(); err != nil {
			return fileError(err)
		}
		at, err := o.f.Seek(0, io.SeekCurrent)
		if err == nil {
			err = o.f.Truncate(at)
		}
		return okOr(err)
	})
}

// gerl_file:sync(Handle) -> ok | {error, Posix}
func gerlFileSync1(p *proc.Process, a []term.Term) term.Term {
	return onFile(p, a[0], func(o *openFile) result { return okOr(o.f.Sync()) })
}

// fileFacts is what file_info shows; times are seconds since 1970.
type fileFacts struct {
	size                int64
	kind, access        string
	atime, mtime, ctime int64
	mode, links         int64
	majorDev, minorDev  int64
	inode, uid, gid     int64
	canRead, canWrite   bool
}

func (i *fileFacts) term(p *proc.Process) term.Term {
	h := &p.Heap
	return h.Tuple(term.AtomOk, h.Tuple(h.Int64(i.size), term.Intern(i.kind), term.Intern(i.access), h.Int64(i.atime),
		h.Int64(i.mtime), h.Int64(i.ctime), h.Int64(i.mode), h.Int64(i.links), h.Int64(i.majorDev),
		h.Int64(i.minorDev), h.Int64(i.inode), h.Int64(i.uid), h.Int64(i.gid)))
}

// gerl_file:info(Name, FollowLinks :: boolean()) -> {ok, {Size, Type, Access, Atime, Mtime, Ctime, Mode, Links,
// MajorDevice, MinorDevice, Inode, Uid, Gid}} | {error, Posix}; times in seconds since 1970.
func gerlFileInfo2(p *proc.Process, a []term.Term) term.Term {
	path, ok := pathArg(p, a[0])
	if !ok {
		return p.Badarg()
	}
	follow := a[1] == term.AtomTrue
	node := NodeOf(p)
	return p.Async(func() result {
		facts, err := statFacts(path, follow)
		if err != nil {
			facts, err = factsInside(node, path, err)
		}
		if err != nil {
			return fileError(err)
		}
		return facts.term
	})
}

// gerl_file:handle_info(Handle): as info/2.
func gerlFileHandleInfo1(p *proc.Process, a []term.Term) term.Term {
	return onFile(p, a[0], func(o *openFile) result {
		if m, ok := o.f.(*memory); ok && m.facts != nil {
			return m.facts.term
		}
		f, err := systemFile(o.f)
		if f == nil {
			return fileError(syscall.EINVAL)
		}
		if err != nil {
			return fileError(err)
		}
		facts, err := handleFacts(f)
		if err != nil {
			return fileError(err)
		}
		return facts.term
	})
}

// gerl_file:chmod(Name, Mode) -> ok | {error, Posix}
func gerlFileChmod2(p *proc.Process, a []term.Term) term.Term {
	mode, ok := smallIn(a[1], 0, 0o177777)
	if !ok {
		return p.Badarg()
	}
	return onPath(p, a[0], func(path string) error { return chmodPath(path, uint32(mode&0o7777)) })
}

// gerl_file:chown(Name, Uid, Gid) -> ok | {error, Posix}; -1 leaves the owner or group.
func gerlFileChown3(p *proc.Process, a []term.Term) term.Term {
	uid, ok := smallIn(a[1], -1, 1<<32-1)
	gid, ok2 := smallIn(a[2], -1, 1<<32-1)
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onPath(p, a[0], func(path string) error { return os.Chown(path, uid, gid) })
}

// gerl_file:utime(Name, Atime, Mtime) -> ok | {error, Posix}; seconds since 1970.
func gerlFileUtime3(p *proc.Process, a []term.Term) term.Term {
	atime, ok := smallIn(a[1], -maxInt, maxInt)
	mtime, ok2 := smallIn(a[2], -maxInt, maxInt)
	if !ok || !ok2 {
		return p.Badarg()
	}
	return onPath(p, a[0], func(path string) error {
		return os.Chtimes(path, time.Unix(int64(atime), 0), time.Unix(int64(mtime), 0))
	})
}

// gerl_file:rename(From, To), make_link(From, To) and make_symlink(Target, Name) -> ok | {error, Posix}
func gerlFileRename2(p *proc.Process, a []term.Term) term.Term {
	to, ok := pathArg(p, a[1])
	if !ok {
		return p.Badarg()
	}
	return onPath(p, a[0], func(from string) error { return renamePath(from, to) })
}

func gerlFileMakeLink2(p *proc.Process, a []term.Term) term.Term {
	to, ok := pathArg(p, a[1])
	if !ok {
		return p.Badarg()
	}
	return onPath(p, a[0], func(from string) error { return os.Link(from, to) })
}

func gerlFileMakeSymlink2(p *proc.Process, a []term.Term) term.Term {
	target, ok := a[0].Bytes() // relative to the link, not to the working directory
	if !ok {
		return p.Badarg()
	}
	to := string(target)
	return onPath(p, a[1], func(name string) error { return os.Symlink(to, name) })
}

// gerl_file:read_link(Name) -> {ok, Binary} | {error, Posix}
func gerlFileReadLink1(p *proc.Process, a []term.Term) term.Term {
	path, ok := pathArg(p, a[0])
	if !ok {
		return p.Badarg()
	}
	node := NodeOf(p)
	return p.Async(func() result {
		to, err := os.Readlink(path)
		if err != nil {
			if _, inside := factsInside(node, path, err); inside == nil {
				err = syscall.EINVAL
			}
			return fileError(err)
		}
		return okBytes([]byte(to))
	})
}

// gerl_file:delete(Name) -> ok | {error, Posix}: no directories.
func gerlFileDelete1(p *proc.Process, a []term.Term) term.Term { return onPath(p, a[0], unlinkPath) }

// gerl_file:make_dir(Name) -> ok | {error, Posix}
func gerlFileMakeDir1(p *proc.Process, a []term.Term) term.Term {
	return onPath(p, a[0], func(path string) error { return os.Mkdir(path, 0o777) })
}

// gerl_file:del_dir(Name) -> ok | {error, Posix}
func gerlFileDelDir1(p *proc.Process, a []term.Term) term.Term {
	dir := ""
	if n := NodeOf(p); n != nil {
		dir = n.Dir()
	}
	return onPath(p, a[0], func(path string) error {
		if filepath.Clean(path) == dir {
			return syscall.EINVAL
		}
		return rmdirPath(path)
	})
}

// gerl_file:list_dir(Name) -> {ok, [Binary]} | {error, Posix}: in the directory's own order.
func gerlFileListDir1(p *proc.Process, a []term.Term) term.Term {
	path, ok := pathArg(p, a[0])
	if !ok {
		return p.Badarg()
	}
	node := NodeOf(p)
	return p.Async(func() result {
		names, err := namesIn(node, path)
		if err != nil {
			return fileError(err)
		}
		return func(p *proc.Process) term.Term {
			list := make([]term.Term, len(names))
			for i, n := range names {
				list[i] = p.Heap.Binary([]byte(n))
			}
			return p.Heap.Tuple(term.AtomOk, p.Heap.List(list...))
		}
	})
}

func namesIn(node Node, path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return namesInside(node, path, err)
	}
	defer func() { _ = f.Close() }()
	return f.Readdirnames(-1)
}

// gerl_file:get_cwd() -> {ok, Binary}
func gerlFileGetCwd0(p *proc.Process, _ []term.Term) term.Term {
	n := NodeOf(p)
	if n == nil {
		return notSupported(p)
	}
	return okBytes([]byte(n.Dir()))(p)
}

// gerl_file:set_cwd(Name) -> ok | {error, Posix}: the node's directory, not the operating system process's.
func gerlFileSetCwd1(p *proc.Process, a []term.Term) term.Term {
	n := NodeOf(p)
	if n == nil {
		return notSupported(p)
	}
	return onPath(p, a[0], n.Chdir)
}
