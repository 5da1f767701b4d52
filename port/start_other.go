//go:build !unix

package port

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// start starts the child. in is what the port reads, out what it writes.
func (o *Options) start(env []string, dir string) (p *os.Process, in, out *os.File, err error) {
	file, argv := os.Getenv("COMSPEC"), []string{"cmd", "/c", o.Command}
	if file == "" {
		file = "cmd.exe"
	}
	if o.Kind == SpawnExecutable {
		file = o.File
		argv = append([]string{o.File}, o.Args...)
		if o.HasArg0 {
			argv[0] = o.Arg0
		}
	}
	if o.NoStdio {
		return nil, nil, nil, errors.ErrUnsupported
	}
	if file, err = exec.LookPath(file); err != nil {
		return nil, nil, nil, syscall.ENOENT
	}
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr}
	var theirs []*os.File
	if o.Out {
		if files[0], out, err = os.Pipe(); err != nil {
			return nil, nil, nil, err
		}
		theirs = append(theirs, files[0])
	}
	if o.In {
		if in, files[1], err = os.Pipe(); err != nil {
			return nil, nil, nil, err
		}
		theirs = append(theirs, files[1])
	}
	if o.ErrToOut {
		files[2] = files[1]
	}
	p, err = os.StartProcess(file, argv, &os.ProcAttr{Dir: dir, Env: env, Files: files})
	for _, f := range theirs {
		_ = f.Close()
	}
	if err != nil {
		for _, f := range []*os.File{in, out} {
			if f != nil {
				_ = f.Close()
			}
		}
	}
	return p, in, out, err
}

// descriptor opens a file for a descriptor of the operating system process.
func descriptor(fd int) (*os.File, error) {
	if f := os.NewFile(uintptr(fd), "fd"); f != nil {
		return f, nil
	}
	return nil, syscall.EINVAL
}

func exitStatus(s *os.ProcessState) int { return s.ExitCode() }

// PosixName is the name that Erlang gives an error of the operating system, "" for one without.
func PosixName(err error) string {
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "enoent"
	case errors.Is(err, os.ErrPermission):
		return "eacces"
	case errors.Is(err, errors.ErrUnsupported):
		return "enotsup"
	}
	return ""
}

func keepDescriptors() {}
