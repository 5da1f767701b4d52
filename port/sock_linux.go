package port

import "golang.org/x/sys/unix"

const noSignal = unix.MSG_NOSIGNAL

// writeQuietly writes; a broken connection is an error and no signal (Go ignores SIGPIPE on all but standard output and
// error).
func writeQuietly(fd int, data []byte) (int, error) {
	return unix.SendmsgN(fd, data, nil, nil, unix.MSG_NOSIGNAL)
}
