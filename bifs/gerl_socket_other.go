//go:build !unix

package bifs

import (
	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

func gerlSocketOpen4(p *proc.Process, _ []term.Term) term.Term          { return noSockets(p) }
func gerlSocketFromFd2(p *proc.Process, _ []term.Term) term.Term        { return noSockets(p) }
func gerlSocketBind2(p *proc.Process, _ []term.Term) term.Term          { return noSockets(p) }
func gerlSocketListen2(p *proc.Process, _ []term.Term) term.Term        { return noSockets(p) }
func gerlSocketConnect3(p *proc.Process, _ []term.Term) term.Term       { return noSockets(p) }
func gerlSocketConnected1(p *proc.Process, _ []term.Term) term.Term     { return noSockets(p) }
func gerlSocketAccept2(p *proc.Process, _ []term.Term) term.Term        { return noSockets(p) }
func gerlSocketSend5(p *proc.Process, _ []term.Term) term.Term          { return noSockets(p) }
func gerlSocketRecv4(p *proc.Process, _ []term.Term) term.Term          { return noSockets(p) }
func gerlSocketRecvfrom4(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketRecvmsg5(p *proc.Process, _ []term.Term) term.Term       { return noSockets(p) }
func gerlSocketRecvmmsg6(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketSendfile5(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketClose1(p *proc.Process, _ []term.Term) term.Term         { return noSockets(p) }
func gerlSocketShutdown2(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketSetopt4(p *proc.Process, _ []term.Term) term.Term        { return noSockets(p) }
func gerlSocketGetopt3(p *proc.Process, _ []term.Term) term.Term        { return noSockets(p) }
func gerlSocketSetoptNative4(p *proc.Process, _ []term.Term) term.Term  { return noSockets(p) }
func gerlSocketGetoptNative4(p *proc.Process, _ []term.Term) term.Term  { return noSockets(p) }
func gerlSocketSockname1(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketPeername1(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketCancel3(p *proc.Process, _ []term.Term) term.Term        { return noSockets(p) }
func gerlSocketIoctl4(p *proc.Process, _ []term.Term) term.Term         { return noSockets(p) }
func gerlSocketInfo1(p *proc.Process, _ []term.Term) term.Term          { return noSockets(p) }
func gerlSocketIsSocket1(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketAll0(p *proc.Process, _ []term.Term) term.Term           { return noSockets(p) }
func gerlSocketMonitor1(p *proc.Process, _ []term.Term) term.Term       { return noSockets(p) }
func gerlSocketCancelMonitor1(p *proc.Process, _ []term.Term) term.Term { return noSockets(p) }
func gerlSocketMonitors1(p *proc.Process, _ []term.Term) term.Term      { return noSockets(p) }
func gerlSocketTable1(p *proc.Process, _ []term.Term) term.Term         { return noSockets(p) }
func gerlSocketSetting2(p *proc.Process, _ []term.Term) term.Term       { return noSockets(p) }
func gerlSocketUnlist1(p *proc.Process, _ []term.Term) term.Term        { return noSockets(p) }
