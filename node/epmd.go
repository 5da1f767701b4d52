package node

import "github.com/gerl-lang/gerl/dist"

// EpmdServer is the daemon that knows the nodes of a host, for the command epmd.
type EpmdServer = dist.EpmdServer
