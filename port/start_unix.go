//go:build unix

package port

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// start starts the child. in is what the port reads, out what it writes.
func (o *Options) start(env []string, dir string) (p *os.Process, in, out *os.File, err error) {
	argv := []string{"sh", "-c", "exec " + o.Command}
	file := "/bin/sh"
	if o.Kind == SpawnExecutable {
		file = o.File
		if !filepath.IsAbs(file) {
			if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
				file = filepath.Join(dir, file)
			}
		}
		if err := syscall.Access(file, 1); err != nil {
			return nil, nil, nil, err
		}
		if st, err := os.Stat(file); err == nil && st.IsDir() {
			return nil, nil, nil, syscall.EACCES
		}
		argv = append([]string{o.File}, o.Args...)
		if o.HasArg0 {
			argv[0] = o.Arg0
		}
	}
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		// As with OTP's child setup, the port comes to be and its child complains.
		file, argv, dir = "/bin/sh", []string{dir, "-c", `echo "spawn: Could not cd to $0" >&2; exit 2`, dir}, "/"
	}
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
		if err != nil {
			closeAll(in, out)
			in, out = nil, nil
		}
	}()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, nil, err
	}
	theirs = append(theirs, null)
	stdin, stdout := null, null
	if o.Out {
		if stdin, out, err = os.Pipe(); err != nil {
			return nil, nil, nil, err
		}
		theirs = append(theirs, stdin)
	}
	if o.In {
		if in, stdout, err = os.Pipe(); err != nil {
			return nil, in, out, err
		}
		theirs = append(theirs, stdout)
	}
	files := []*os.File{stdin, stdout, os.Stderr}
	if o.NoStdio {
		files = []*os.File{os.Stdin, os.Stdout, os.Stderr, nil, nil}
		if o.Out {
			files[3] = stdin
		}
		if o.In {
			files[4] = stdout
		}
	} else {
		if !o.Out {
			files[0] = os.Stdin
		}
		if !o.In {
			files[1] = os.Stdout
		}
	}
	if o.ErrToOut {
		files[2] = stdout
	}
	// A session of its own: signals of the terminal are for the node, not for its children.
	attr := &os.ProcAttr{Dir: dir, Env: env, Files: files, Sys: &syscall.SysProcAttr{Setsid: true}}
	p, err = os.StartProcess(file, argv, attr)
	if status := neverRan(err); status != 0 {
		attr.Env, attr.Dir = nil, "/"
		p, err = os.StartProcess("/bin/sh", []string{"sh", "-c", "exit " + strconv.Itoa(status)}, attr)
	}
	return p, in, out, err
}

// neverRan is the exit status of a child that was there but could not become its program, 0 if err is something else: OTP's child
// setup opens the port in that case, too, and exits with the error's number.
func neverRan(err error) int {
	var e syscall.Errno
	if !errors.As(err, &e) {
		return 0
	}
	switch e {
	case syscall.E2BIG, syscall.ENOEXEC, syscall.ENOENT, syscall.ENOTDIR, syscall.EACCES, syscall.EPERM, syscall.ELOOP, syscall.ETXTBSY:
		return int(e)
	}
	return 0
}

// keepDescriptors lets no child inherit a descriptor that the node itself has inherited, besides the standard ones. Those that Go opens are
// never inherited.
func keepDescriptors() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return
	}
	for _, e := range entries {
		if fd, err := strconv.Atoi(e.Name()); err == nil && fd > 2 {
			syscall.CloseOnExec(fd)
		}
	}
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close()
		}
	}
}

// descriptor opens a file for a descriptor of the operating system process; closing it leaves that one open.
func descriptor(fd int) (*os.File, error) {
	n, err := syscall.Dup(fd)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(n)
	return os.NewFile(uintptr(n), "fd"), nil
}

// exitStatus is the status as shells count: 128 and the signal's number for a child that a signal ended.
func exitStatus(s *os.ProcessState) int {
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return s.ExitCode()
}

// PosixName is the name that Erlang gives an error of the operating system, "" for one without.
func PosixName(err error) string {
	var e syscall.Errno
	if !errors.As(err, &e) {
		return ""
	}
	return errnoNames[e]
}

var errnoNames = map[syscall.Errno]string{
	syscall.ENOENT: "enoent", syscall.EACCES: "eacces", syscall.EMFILE: "emfile", syscall.ENFILE: "enfile", syscall.EAGAIN: "eagain",
	syscall.ENOMEM: "enomem", syscall.E2BIG: "e2big", syscall.ENOTDIR: "enotdir", syscall.ENAMETOOLONG: "enametoolong",
	syscall.EPIPE: "epipe", syscall.EBADF: "ebadf", syscall.EIO: "eio", syscall.EINVAL: "einval", syscall.ENOSPC: "enospc",
	syscall.ENOEXEC: "enoexec", syscall.EPERM: "eperm", syscall.EISDIR: "eisdir", syscall.ELOOP: "eloop",
}
