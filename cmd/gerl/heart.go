package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// What module heart and this program tell each other, in packets of two bytes of length.
const (
	heartReady = iota
	heartBeat
	heartStop
	heartSet
	heartClear
	heartGet
)

// heartMonitor is the program outside of a node that -heart starts: it hears the node's beats on its standard input. When they stay away, or the
// input ends, it runs the command that brings the node back.
type heartMonitor struct {
	pid     int
	timeout time.Duration
	command string // of heart:set_cmd/1
}

// heartLimits are the bounds of HEART_BEAT_TIMEOUT in seconds, and its default.
const (
	heartShortest = 10
	heartUsual    = 60
	heartLongest  = 65535
)

// heartCommand is `gerl heart-monitor -pid PID`, which no user calls: it is not in the list of commands.
func heartCommand(args []string) int {
	h := &heartMonitor{timeout: heartUsual * time.Second}
	if n, err := strconv.Atoi(os.Getenv("HEART_BEAT_TIMEOUT")); err == nil && n >= heartShortest && n <= heartLongest {
		h.timeout = time.Duration(n) * time.Second
	}
	if len(args) == 2 && args[0] == "-pid" {
		h.pid, _ = strconv.Atoi(args[1])
	}
	if h.pid <= 1 {
		fmt.Fprintln(os.Stderr, "gerl heart-monitor is started by nodes with the flag -heart only")
		return 2
	}
	fmt.Fprintf(os.Stderr, "heart_beat_kill_pid = %d\n", h.pid)
	packets, ended := make(chan []byte), make(chan error, 1)
	go func() {
		for {
			p, err := heartPacket(os.Stdin)
			if err != nil {
				ended <- err
				return
			}
			packets <- p
		}
	}()
	h.send(heartReady, "")
	timer := time.NewTimer(h.timeout)
	for {
		select {
		case p := <-packets:
			timer.Reset(h.timeout)
			if h.told(p) {
				return 0
			}
		case <-ended:
			h.say("Erlang has closed.")
			h.end(5 * time.Second)
			return h.reboot()
		case <-timer.C:
			h.say("heart-beat time-out, no activity for %d seconds", int(h.timeout.Seconds()))
			h.end(0)
			return h.reboot()
		}
	}
}

func heartPacket(r io.Reader) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	p := make([]byte, binary.BigEndian.Uint16(head[:]))
	_, err := io.ReadFull(r, p)
	return p, err
}

// told does what the node asks for; true: the node stops in order.
func (h *heartMonitor) told(p []byte) bool {
	if len(p) == 0 {
		return false
	}
	switch p[0] {
	case heartStop:
		return true
	case heartSet:
		h.command = string(p[1:])
	case heartClear:
		h.command = ""
	case heartGet:
		h.send(heartGet, h.command)
	}
	return false
}

func (h *heartMonitor) send(op byte, text string) {
	p := binary.BigEndian.AppendUint16(nil, uint16(1+len(text)))
	_, _ = os.Stdout.Write(append(append(p, op), text...))
}

func (h *heartMonitor) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "heart: %s: %s\n", time.Now().Format(time.ANSIC), fmt.Sprintf(format, args...))
}

// end sees to it that the node is no more before another one begins: it waits for it to end, then kills it.
func (h *heartMonitor) end(patience time.Duration) {
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if gone(h.pid) {
			return
		}
	}
	if os.Getenv("HEART_NO_KILL") == "TRUE" {
		return
	}
	sig := syscall.SIGKILL
	if os.Getenv("HEART_KILL_SIGNAL") == "SIGABRT" {
		sig = syscall.SIGABRT
	}
	if p, err := os.FindProcess(h.pid); err == nil && p.Signal(sig) == nil {
		for range 100 {
			if gone(h.pid) {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		h.say("Erlang does not end.")
	}
}

// gone reports whether the operating system knows no process of a number any more.
func gone(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	err = p.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}

// reboot runs the command.
func (h *heartMonitor) reboot() int {
	command := h.command
	if command == "" {
		command = os.Getenv("HEART_COMMAND")
	}
	if command == "" {
		h.say("Would reboot. Terminating.")
		return 0
	}
	c := exec.Command("/bin/sh", "-c", command)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr // what the node's standard output was is not known here
	status := 0
	if err := c.Run(); err != nil {
		if status = 127; c.ProcessState != nil {
			status = c.ProcessState.ExitCode()
		}
	}
	h.say("Executed %q -> %d. Terminating.", command, status)
	return 0
}
