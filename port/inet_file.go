//go:build unix

package port

import (
	"io"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
	"golang.org/x/sys/unix"
)

// outItem is something in the queue of a stream: bytes, or a part of a file.
type outItem struct {
	data []byte
	file *fileJob
}

// fileJob is a part of a file that goes out when its turn comes; what is sent meanwhile goes behind it.
type fileJob struct {
	read  func(buf []byte, at int64) (int, error)
	at    int64
	count int64 // 0: all that follows
	sent  int64
	r     *Request
}

// SendFile sends a part of a file: count bytes from an offset on, or all that follow. read may block. The process waits for the number of bytes.
func (s *Inet) SendFile(p *proc.Process, read func(buf []byte, at int64) (int, error), offset, count int64) term.Term {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.stream:
		return failure(errInvalid)(p)
	case s.sendEnd != nil:
		return failure(io.EOF)(p)
	case !s.connected:
		return failure(errNotConnected)(p)
	}
	job := &fileJob{read: read, at: offset, count: count, r: &Request{p: p}}
	s.out = append(s.out, outItem{file: job})
	s.startWriter()
	return job.r.wait(-1, nil)
}

// sendFile is the writer's part. An error is the connection's; that of the file is told the process alone.
func (s *Inet) sendFile(job *fileJob) error {
	buf := make([]byte, 128<<10)
	for {
		want := int64(len(buf))
		if job.count > 0 {
			want = min(want, job.count-job.sent)
		}
		n := 0
		if want > 0 {
			var err error
			if n, err = job.read(buf[:want], job.at+job.sent); n == 0 && err != nil && err != io.EOF {
				job.r.finish(Failed(posix(err)))
				return nil
			}
		}
		if n <= 0 || job.r.p.Gone() {
			sent := job.sent
			job.r.finish(func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomOk, p.Heap.Int64(sent)) })
			return nil
		}
		for data := buf[:n]; len(data) > 0; {
			m, err := s.sock.Write(data, true)
			if err != nil {
				return err
			}
			data = data[m:]
			job.sent += int64(m)
		}
		s.mu.Lock()
		s.sent(n)
		thrown := len(s.out) == 0
		s.mu.Unlock()
		if thrown {
			return unix.EPIPE
		}
	}
}
