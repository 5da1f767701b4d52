package bifs

import (
	"io"
	"os"
	"sync"
	"time"
)

// delayedFile keeps what is written to a file until there is much of it, some time has passed, or anything else is asked
// of the file. What goes wrong then is told to whoever asks next.
type delayedFile struct {
	f     *os.File
	most  int
	delay time.Duration

	mu     sync.Mutex
	kept   []byte
	timer  *time.Timer
	failed error
}

func (d *delayedFile) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.takeFailure(); err != nil {
		return 0, err
	}
	d.kept = append(d.kept, p...)
	switch {
	case len(d.kept) > d.most:
		d.flush()
		if err := d.takeFailure(); err != nil {
			return 0, err
		}
	case d.timer == nil:
		d.timer = time.AfterFunc(d.delay, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.flush()
		})
	}
	return len(p), nil
}

// flush writes what was kept; the lock is held.
func (d *delayedFile) flush() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if len(d.kept) > 0 {
		if _, err := d.f.Write(d.kept); err != nil {
			d.failed = err
		}
		d.kept = d.kept[:0]
	}
}

func (d *delayedFile) takeFailure() error {
	err := d.failed
	d.failed = nil
	return err
}

// discard forgets what was kept.
func (d *delayedFile) discard() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = nil
}

// written gives the file when all that was kept is in it.
func (d *delayedFile) written() (*os.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.flush()
	return d.f, d.takeFailure()
}

func (d *delayedFile) Read(p []byte) (int, error) {
	f, err := d.written()
	if err != nil {
		return 0, err
	}
	return f.Read(p)
}

func (d *delayedFile) Seek(offset int64, whence int) (int64, error) {
	f, err := d.written()
	if err != nil {
		return 0, err
	}
	return f.Seek(offset, whence)
}

func (d *delayedFile) ReadAt(p []byte, at int64) (int, error) {
	f, err := d.written()
	if err != nil {
		return 0, err
	}
	return f.ReadAt(p, at)
}

func (d *delayedFile) WriteAt(p []byte, at int64) (int, error) {
	f, err := d.written()
	if err != nil {
		return 0, err
	}
	return len(p), pwriteAll(f, p, at)
}

func (d *delayedFile) Truncate(size int64) error {
	f, err := d.written()
	if err != nil {
		return err
	}
	return f.Truncate(size)
}

func (d *delayedFile) Sync() error {
	f, err := d.written()
	if err != nil {
		return err
	}
	return f.Sync()
}

func (d *delayedFile) Close() error {
	f, err := d.written()
	if err2 := f.Close(); err == nil {
		err = err2
	}
	return err
}

// systemFile is the operating system's file behind a device, with all that was written to it; nil if there is none.
func systemFile(f fileDevice) (*os.File, error) {
	switch f := f.(type) {
	case *os.File:
		return f, nil
	case *delayedFile:
		return f.written()
	}
	return nil, nil
}

var _ io.ReadWriteSeeker = (*delayedFile)(nil)
