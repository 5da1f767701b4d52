//go:build !linux

package main

// releaseStart does nothing on this system.
func releaseStart() {}
