//go:build unix

package bifs

import "golang.org/x/sys/unix"

// osVersion gives the three numbers of the operating system's version.
func osVersion() (v [3]int) {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return v
	}
	i := 0
	for _, c := range u.Release {
		switch {
		case c >= '0' && c <= '9':
			v[i] = v[i]*10 + int(c-'0')
		case c == '.' && i < 2:
			i++
		default:
			return v
		}
	}
	return v
}
