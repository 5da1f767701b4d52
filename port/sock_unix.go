//go:build unix

package port

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Sock is a socket of the operating system. Calls that would block either say EAGAIN (the Try functions, for workers) or wait in
// Go's poller (the Wait functions, for goroutines); closing the socket ends every wait.
type Sock struct {
	Domain, Type, Protocol int

	fd   int
	f    *os.File
	rc   syscall.RawConn
	once sync.Once
}

// NewSock opens a socket.
func NewSock(domain, typ, protocol int) (*Sock, error) {
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(domain, typ, protocol)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, err
	}
	return SockFromFD(fd, domain, typ, protocol)
}

// SockFromFD takes over an open socket.
func SockFromFD(fd, domain, typ, protocol int) (*Sock, error) {
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "socket")
	rc, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &Sock{Domain: domain, Type: typ, Protocol: protocol, fd: fd, f: f, rc: rc}, nil
}

// DupSock makes a socket of a duplicate of an open descriptor, which others may go on using.
func DupSock(fd, domain, typ int) (*Sock, error) {
	if is, err := DomainOf(fd); err == nil && is != domain {
		return nil, unix.EINVAL
	}
	syscall.ForkLock.RLock()
	n, err := unix.Dup(fd)
	if err == nil {
		unix.CloseOnExec(n)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, err
	}
	return SockFromFD(n, domain, typ, 0)
}

// FD is the number of the socket.
func (s *Sock) FD() int { return s.fd }

// Close closes the socket.
func (s *Sock) Close() (err error) {
	s.once.Do(func() { err = s.f.Close() })
	return err
}

// control runs f with the socket, which cannot be closed meanwhile.
func (s *Sock) control(f func(fd int) error) error {
	var err error
	if e := s.rc.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return unix.EBADF
	}
	return err
}

// interrupt ends waits for input, and lets none begin until it is called with false.
func (s *Sock) interrupt(on bool) {
	var at time.Time
	if on {
		at = time.Unix(1, 0)
	}
	_ = s.f.SetReadDeadline(at)
}

func again(err error) bool { return err == unix.EAGAIN || err == unix.EINTR || err == unix.EWOULDBLOCK }

// closedErr makes the error of a wait that the closing of the socket ended.
func closedErr(e, err error) error {
	if e != nil {
		if errors.Is(e, os.ErrClosed) {
			return ErrClosed
		}
		return e
	}
	return err
}

// ErrClosed is the error of a call that the closing of its socket ended.
var ErrClosed = errors.New("the socket was closed")

// waitRead calls f when there may be something to read, until its error is not EAGAIN.
func (s *Sock) waitRead(f func(fd int) error) error {
	var err error
	e := s.rc.Read(func(fd uintptr) bool {
		err = f(int(fd))
		return !again(err)
	})
	return closedErr(e, err)
}

// waitWrite is waitRead for writing.
func (s *Sock) waitWrite(f func(fd int) error) error {
	var err error
	e := s.rc.Write(func(fd uintptr) bool {
		err = f(int(fd))
		return !again(err)
	})
	return closedErr(e, err)
}

// tryRead calls f once.
func (s *Sock) tryRead(f func(fd int) error) error {
	var err error
	e := s.rc.Read(func(fd uintptr) bool {
		err = f(int(fd))
		return true
	})
	return closedErr(e, err)
}

// tryWrite calls f once.
func (s *Sock) tryWrite(f func(fd int) error) error {
	var err error
	e := s.rc.Write(func(fd uintptr) bool {
		err = f(int(fd))
		return true
	})
	return closedErr(e, err)
}

// Read reads from a connected socket; wait: until there is something.
func (s *Sock) Read(buf []byte, wait bool) (n int, err error) {
	read := func(fd int) (err error) { n, err = unix.Read(fd, buf); return err }
	if wait {
		err = s.waitRead(read)
	} else {
		err = s.tryRead(read)
	}
	return max(n, 0), err
}

// Write writes what the socket takes; wait: until it takes something.
func (s *Sock) Write(data []byte, wait bool) (n int, err error) {
	write := func(fd int) (err error) { n, err = writeQuietly(fd, data); return err }
	if wait {
		err = s.waitWrite(write)
	} else {
		err = s.tryWrite(write)
	}
	return max(n, 0), err
}

// RecvMsg receives with flags and control data.
func (s *Sock) RecvMsg(buf, oob []byte, flags int, wait bool) (n, oobn, rflags int, from unix.Sockaddr, err error) {
	recv := func(fd int) (err error) { n, oobn, rflags, from, err = unix.Recvmsg(fd, buf, oob, flags); return err }
	if wait {
		err = s.waitRead(recv)
	} else {
		err = s.tryRead(recv)
	}
	return max(n, 0), oobn, rflags, from, err
}

// SendMsg sends with flags and control data, to an address or (nil) to the other end.
func (s *Sock) SendMsg(data, oob []byte, to unix.Sockaddr, flags int, wait bool) (n int, err error) {
	send := func(fd int) (err error) {
		n, err = unix.SendmsgN(fd, data, oob, to, flags|noSignal)
		return err
	}
	if wait {
		err = s.waitWrite(send)
	} else {
		err = s.tryWrite(send)
	}
	return max(n, 0), err
}

// Connect starts to connect. EINPROGRESS: FinishConnect tells the result.
func (s *Sock) Connect(to unix.Sockaddr) error {
	return s.tryWrite(func(fd int) error {
		err := unix.Connect(fd, to)
		if err == unix.EINTR || err == unix.EAGAIN && s.Domain != unix.AF_UNIX {
			return unix.EINPROGRESS
		}
		return err
	})
}

// FinishConnect waits until the connection is there or has failed.
func (s *Sock) FinishConnect() error {
	return s.waitWrite(func(fd int) error {
		code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil {
			return err
		}
		if code != 0 {
			return syscall.Errno(code)
		}
		if _, err := unix.Getpeername(fd); err != nil {
			return unix.EAGAIN
		}
		return nil
	})
}

// acceptNow takes a connection that is there; it may be called while others wait for the socket.
func (s *Sock) acceptNow() (*Sock, error) {
	var conn int
	err := s.control(func(fd int) (err error) { conn, err = acceptFD(fd); return err })
	if err != nil {
		return nil, err
	}
	return SockFromFD(conn, s.Domain, s.Type, s.Protocol)
}

// acceptFD takes a connection that no child process inherits.
func acceptFD(fd int) (conn int, err error) {
	for {
		syscall.ForkLock.RLock()
		if conn, _, err = unix.Accept(fd); err == nil {
			unix.CloseOnExec(conn)
		}
		syscall.ForkLock.RUnlock()
		if err != unix.ECONNABORTED {
			return conn, err
		}
	}
}

// Accept takes a connection; wait: until there is one.
func (s *Sock) Accept(wait bool) (*Sock, error) {
	var conn int
	accept := func(fd int) (err error) { conn, err = acceptFD(fd); return err }
	var err error
	if wait {
		err = s.waitRead(accept)
	} else {
		err = s.tryRead(accept)
	}
	if err != nil {
		return nil, err
	}
	return SockFromFD(conn, s.Domain, s.Type, s.Protocol)
}

// Bind gives the socket an address.
func (s *Sock) Bind(a unix.Sockaddr) error {
	return s.control(func(fd int) error { return unix.Bind(fd, a) })
}

// Listen makes the socket take connections.
func (s *Sock) Listen(backlog int) error {
	return s.control(func(fd int) error { return unix.Listen(fd, backlog) })
}

// Shutdown ends one direction or both.
func (s *Sock) Shutdown(how int) error {
	return s.control(func(fd int) error { return unix.Shutdown(fd, how) })
}

// LocalAddr is the socket's own address.
func (s *Sock) LocalAddr() (a unix.Sockaddr, err error) {
	err = s.control(func(fd int) (err error) { a, err = unix.Getsockname(fd); return err })
	return a, err
}

// PeerAddr is the address of the other end.
func (s *Sock) PeerAddr() (a unix.Sockaddr, err error) {
	err = s.control(func(fd int) (err error) { a, err = unix.Getpeername(fd); return err })
	return a, err
}

// SetInt sets an option that is an integer.
func (s *Sock) SetInt(level, name, value int) error {
	return s.control(func(fd int) error { return unix.SetsockoptInt(fd, level, name, value) })
}

// GetInt reads an option that is an integer.
func (s *Sock) GetInt(level, name int) (v int, err error) {
	err = s.control(func(fd int) (err error) { v, err = unix.GetsockoptInt(fd, level, name); return err })
	return v, err
}

// SetBytes sets an option to raw bytes.
func (s *Sock) SetBytes(level, name int, value []byte) error {
	return s.control(func(fd int) error { return unix.SetsockoptString(fd, level, name, string(value)) })
}

// DomainOf asks for the address family of an open descriptor.
func DomainOf(fd int) (int, error) {
	a, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	switch a.(type) {
	case *unix.SockaddrInet4:
		return unix.AF_INET, nil
	case *unix.SockaddrInet6:
		return unix.AF_INET6, nil
	case *unix.SockaddrUnix:
		return unix.AF_UNIX, nil
	}
	return 0, unix.EAFNOSUPPORT
}

// TypeOf asks for the type of the socket of an open descriptor.
func TypeOf(fd int) (int, error) { return unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE) }

// FindProtocol finds out which protocol a socket has that was opened with the default one.
func (s *Sock) FindProtocol() {
	if s.Protocol == 0 {
		if n, err := ProtocolOf(s.fd); err == nil {
			s.Protocol = n
		}
	}
}
