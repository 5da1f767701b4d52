//go:build !unix

package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// Sockets are there on Unix systems only: elsewhere each of these functions raises notsup.

func noSockets(p *proc.Process) term.Term { return notsup(p) }

func gerlInetOpen4(p *proc.Process, _ []term.Term) term.Term     { return noSockets(p) }
func gerlInetBind2(p *proc.Process, _ []term.Term) term.Term     { return noSockets(p) }
func gerlInetListen2(p *proc.Process, _ []term.Term) term.Term   { return noSockets(p) }
func gerlInetConnect3(p *proc.Process, _ []term.Term) term.Term  { return noSockets(p) }
func gerlInetAccept2(p *proc.Process, _ []term.Term) term.Term   { return noSockets(p) }
func gerlInetSend2(p *proc.Process, _ []term.Term) term.Term     { return noSockets(p) }
func gerlInetSendTo4(p *proc.Process, _ []term.Term) term.Term   { return noSockets(p) }
func gerlInetSendfile4(p *proc.Process, _ []term.Term) term.Term { return noSockets(p) }
func gerlInetRecv3(p *proc.Process, _ []term.Term) term.Term     { return noSockets(p) }
func gerlInetUnrecv2(p *proc.Process, _ []term.Term) term.Term   { return noSockets(p) }
func gerlInetSetopts2(p *proc.Process, _ []term.Term) term.Term  { return noSockets(p) }
func gerlInetGetopts2(p *proc.Process, _ []term.Term) term.Term  { return noSockets(p) }
func gerlInetStats1(p *proc.Process, _ []term.Term) term.Term    { return noSockets(p) }
func gerlInetSockname1(p *proc.Process, _ []term.Term) term.Term { return noSockets(p) }
func gerlInetPeername1(p *proc.Process, _ []term.Term) term.Term { return noSockets(p) }
func gerlInetShutdown2(p *proc.Process, _ []term.Term) term.Term { return noSockets(p) }
func gerlInetDrain2(p *proc.Process, _ []term.Term) term.Term    { return noSockets(p) }
func gerlInetClose1(p *proc.Process, _ []term.Term) term.Term    { return noSockets(p) }
func gerlInetOwner1(p *proc.Process, _ []term.Term) term.Term    { return noSockets(p) }
func gerlInetGive2(p *proc.Process, _ []term.Term) term.Term     { return noSockets(p) }
func gerlInetInfo1(p *proc.Process, _ []term.Term) term.Term     { return noSockets(p) }
func gerlInetSockets0(p *proc.Process, _ []term.Term) term.Term  { return noSockets(p) }
