// Package spec is the table of facts about built-in functions that lint, compiler, loader and
// bifs share: which exist, and which are guards, auto-imported or pure. It imports nothing of gerl.
package spec
