//go:build unix && !linux

package port

import (
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// ProtocolOf gives the default: this system does not tell the protocol of a socket.
func ProtocolOf(int) (int, error) { return 0, nil }

// InNamespace fails: there are no network namespaces here.
func InNamespace(string, func() (*Sock, error)) (*Sock, error) { return nil, unix.ENOTSUP }

// IoctlRequests and IoctlFlags are what this system has of them: nothing.
func IoctlRequests() []string { return nil }

// IoctlFlags are the names of the flags of devices.
func IoctlFlags() []string { return nil }

// Ioctl knows no request on this system.
func (s *Socket) Ioctl(*term.Heap, string, term.Term, term.Term) (result term.Term, known bool, err error) {
	return term.None, false, nil
}

// disconnect is not there on this system.
func disconnect(int) error { return unix.ENOTSUP }
