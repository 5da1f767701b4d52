// Package etf reads and writes the external term format: term_to_binary/1,2, binary_to_term/1,2, distribution messages,
// the literals of .beam files. It writes what OTP 26 and later write and reads everything that they read. The format is
// documented in the ERTS User's Guide, "External Term Format".
//
// Main types: EncodeOptions, Encoder, DecodeOptions, Decoder.
//
// It may import term.
//
//	data, err := etf.Encode(t, nil)
//	t, used, err := etf.Decode(heap, data, nil)
package etf

import (
	"errors"

	"github.com/gerl-lang/gerl/term"
)

// Version is the byte in front of every encoded term.
const Version = 131

// Tags of the format.
const (
	tagRecord        = 67 // OTP 29
	tagNewFloat      = 70
	tagBitBinary     = 77
	tagCompressed    = 80
	tagAtomCacheRef  = 82
	tagNewPid        = 88
	tagNewPort       = 89
	tagNewerRef      = 90
	tagSmallInt      = 97
	tagInt           = 98
	tagFloat         = 99
	tagAtom          = 100
	tagRef           = 101
	tagPort          = 102
	tagPid           = 103
	tagSmallTuple    = 104
	tagLargeTuple    = 105
	tagNil           = 106
	tagString        = 107
	tagList          = 108
	tagBinary        = 109
	tagSmallBig      = 110
	tagLargeBig      = 111
	tagNewFun        = 112
	tagExport        = 113
	tagNewRef        = 114
	tagSmallAtom     = 115
	tagMap           = 116
	tagAtomUTF8      = 118
	tagSmallAtomUTF8 = 119
	tagV4Port        = 120
	tagLocal         = 121
)

// Errors of decoding. Both are badarg to Erlang.
var (
	ErrBad    = errors.New("etf: not a valid external term")
	ErrUnsafe = errors.New("etf: term would create new atoms or funs")
)

// ErrNoFuns says that a fun was met where none can be made.
var ErrNoFuns = errors.New("etf: funs cannot be decoded here")

// Self is a node's name and creation: what local pids, ports and references are written with and recognised by.
// The zero value is a node that is not distributed.
type Self struct {
	Node     term.Term
	Creation uint32
}

func (s Self) node() term.Term {
	if s.Node == term.None {
		return term.AtomNonodeNohost
	}
	return s.Node
}

// FunInfo describes a fun of another node or an earlier run.
type FunInfo struct {
	Module, Name      term.Term // Name is None: the format does not have it
	Arity, NumFree    uint32
	Index             uint32
	OldIndex, OldUniq uint32
	Uniq              [16]byte
}

// Funs resolves funs to the records that the loaded code uses.
type Funs interface {
	// Export gives the address of the export slot of module:function/arity.
	Export(module, function term.Term, arity int) uintptr
	// Fun gives the address of the fun entry that fits, or of a new one that raises badfun when it is called.
	Fun(f FunInfo) uintptr
}
