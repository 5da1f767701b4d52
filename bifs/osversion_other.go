//go:build !unix

package bifs

// osVersion gives the three numbers of the operating system's version: not known here.
func osVersion() [3]int { return [3]int{} }
