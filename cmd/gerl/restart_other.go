//go:build !unix

package main

import "errors"

const canRestart = false

func beginAnew([]string) error { return errors.ErrUnsupported }
