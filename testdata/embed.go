// Package testdata makes the conformance suite part of the program: chunk files and the list of their chapters.
//
// It imports nothing of gerl's.
package testdata

import "embed"

// Suite holds chunks/*.chunks, conformance/*.chunks and conformance/chapters.
//
//go:embed chunks/*.chunks conformance
var Suite embed.FS
