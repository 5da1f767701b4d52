// Package archtest holds the architecture of docs/architecture.md as tests:
// which package may import which, where unsafe code and libraries from outside
// may be used, and what files and packages look like. It has no code of its
// own and imports nothing of gerl's.
package archtest
