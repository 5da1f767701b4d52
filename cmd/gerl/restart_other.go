//go:build !unix

package main

import "errors"

const canRestart = false

func beginAnew() error { return errors.ErrUnsupported }
