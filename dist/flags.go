package dist

// flags are the capabilities that nodes tell each other in the handshake.
type flags uint64

const (
	flagPublished flags = 1 << iota
	flagAtomCache
	flagExtendedReferences
	flagDistMonitor
	flagFunTags
	flagDistMonitorName
	flagHiddenAtomCache
	flagNewFunTags
	flagExtendedPidsPorts
	flagExportPtrTag
	flagBitBinaries
	flagNewFloats
	flagUnicodeIO
	flagHeaderAtomCache
	flagSmallAtomTags
	_
	flagUTF8Atoms
	flagMapTag
	flagBigCreation
	flagSendSender
	flagBigSeqtraceLabels
	_
	flagExitPayload
	flagFragments
	flagHandshake23
	flagUnlinkID
	flagMandatory25
	flagSpawn  flags = 1 << 32
	flagNameMe flags = 1 << 33
	flagV4NC   flags = 1 << 34
	flagAlias  flags = 1 << 35
)

// flagsMandatory are what a peer must have: what OTP 25 asks for, too.
const flagsMandatory = flagExtendedReferences | flagFunTags | flagExtendedPidsPorts | flagUTF8Atoms | flagNewFunTags | flagBigCreation |
	flagNewFloats | flagMapTag | flagExportPtrTag | flagBitBinaries | flagHandshake23

// flagsOwn are what this node offers, flagPublished apart.
const flagsOwn = flagsMandatory | flagDistMonitor | flagDistMonitorName | flagUnicodeIO | flagHeaderAtomCache | flagSmallAtomTags |
	flagSendSender | flagBigSeqtraceLabels | flagExitPayload | flagFragments | flagUnlinkID | flagMandatory25 | flagSpawn | flagV4NC | flagAlias

// names of flags that a peer may lack, for messages.
var flagNames = map[flags]string{
	flagExtendedReferences: "EXTENDED_REFERENCES", flagFunTags: "FUN_TAGS", flagExtendedPidsPorts: "EXTENDED_PIDS_PORTS",
	flagUTF8Atoms: "UTF8_ATOMS", flagNewFunTags: "NEW_FUN_TAGS", flagBigCreation: "BIG_CREATION", flagNewFloats: "NEW_FLOATS",
	flagMapTag: "MAP_TAG", flagExportPtrTag: "EXPORT_PTR_TAG", flagBitBinaries: "BIT_BINARIES", flagHandshake23: "HANDSHAKE_23",
}
