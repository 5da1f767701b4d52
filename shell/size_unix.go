//go:build unix

package shell

import (
	"os/signal"
	"syscall"
)

// watchSize follows changes of the window's size.
func (t *Terminal) watchSize() {
	signal.Notify(t.window, syscall.SIGWINCH)
	go func() {
		for range t.window {
			t.resized()
		}
	}()
}
