//go:build !unix

package shell

// watchSize does nothing: the size is asked for when it is needed.
func (t *Terminal) watchSize() {}
