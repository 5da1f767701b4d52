//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench/tool needs Linux: it opens a pseudo-terminal and reads the peak memory from /proc.")
	os.Exit(1)
}
