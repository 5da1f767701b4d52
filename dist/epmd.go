package dist

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Requests to epmd, the daemon that knows the nodes of a host, and its answers.
const (
	epmdAlive2     = 120
	epmdAlive2Resp = 121
	epmdAlive2X    = 118 // with a creation of four bytes
	epmdPort2      = 122
	epmdPort2Resp  = 119
	epmdNames      = 110
	epmdDump       = 100
	epmdKill       = 107
	epmdStop       = 115

	epmdNormalNode = 77
	epmdHiddenNode = 72

	// DefaultEpmdPort is where epmd listens if ERL_EPMD_PORT says nothing else.
	DefaultEpmdPort = 4369

	versionLowest  = 5
	versionHighest = 6

	epmdTimeout = 10 * time.Second
)

func (d *Dist) epmdPort() int {
	if n, err := strconv.Atoi(d.getenv("ERL_EPMD_PORT")); err == nil && n > 0 && n < 1<<16 {
		return n
	}
	return DefaultEpmdPort
}

func newCreation() uint32 { return 4 + rand.Uint32N(1<<31) }

// dialEpmd connects to the epmd of a host, "" for this one. The context's deadline is the connection's too.
func (d *Dist) dialEpmd(ctx context.Context, host string) (net.Conn, error) {
	var dialer net.Dialer
	if host == "" {
		host = "127.0.0.1"
		if a, _, _ := strings.Cut(d.getenv("ERL_EPMD_ADDRESS"), ","); a != "" {
			host = a
		}
	}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(d.epmdPort())))
	if err != nil {
		return nil, err
	}
	if t, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(t)
	}
	return conn, nil
}

// EpmdError says that epmd does not answer.
type EpmdError struct{ err error }

func (e *EpmdError) Error() string { return "epmd: " + e.err.Error() }
func (e *EpmdError) Unwrap() error { return e.err }

// register tells epmd of this node; the name is taken while the connection stands.
func (d *Dist) register(alias string, port int, hidden, start bool) (net.Conn, uint32, error) {
	ctx, cancel := context.WithTimeout(context.Background(), epmdTimeout)
	defer cancel()
	conn, err := d.dialEpmd(ctx, "")
	if err != nil && start && len(d.cfg.Epmd) > 0 {
		if err := d.startEpmd(); err != nil {
			return nil, 0, &EpmdError{err}
		}
		for range 50 {
			if conn, err = d.dialEpmd(ctx, ""); err == nil || ctx.Err() != nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if err != nil {
		return nil, 0, &EpmdError{err}
	}
	kind := byte(epmdNormalNode)
	if hidden {
		kind = epmdHiddenNode
	}
	b := []byte{0, 0, epmdAlive2}
	b = binary.BigEndian.AppendUint16(b, uint16(port))
	b = append(b, kind, 0)
	b = binary.BigEndian.AppendUint16(b, versionHighest)
	b = binary.BigEndian.AppendUint16(b, versionLowest)
	b = binary.BigEndian.AppendUint16(b, uint16(len(alias)))
	b = append(b, alias...)
	b = append(b, 0, 0)
	binary.BigEndian.PutUint16(b, uint16(len(b)-2))
	_ = conn.SetDeadline(time.Now().Add(epmdTimeout))
	creation, err := func() (uint32, error) {
		if _, err := conn.Write(b); err != nil {
			return 0, &EpmdError{err}
		}
		var head [2]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return 0, &EpmdError{err}
		}
		var made [4]byte
		switch {
		case head[0] != epmdAlive2X && head[0] != epmdAlive2Resp:
			return 0, &EpmdError{errors.New("the answer is none of the protocol's")}
		case head[1] != 0:
			return 0, ErrInUse
		case head[0] == epmdAlive2X:
			_, err := io.ReadFull(conn, made[:])
			return binary.BigEndian.Uint32(made[:]), err
		}
		_, err := io.ReadFull(conn, made[:2])
		return uint32(binary.BigEndian.Uint16(made[:])), err
	}()
	if err != nil {
		conn.Close()
		return nil, 0, err
	}
	_ = conn.SetDeadline(time.Time{})
	return conn, creation, nil
}

// startEpmd runs the daemon, which goes into the background.
func (d *Dist) startEpmd() error {
	cmd := exec.Command(d.cfg.Epmd[0], d.cfg.Epmd[1:]...)
	cmd.Dir = "/"
	cmd.Env = append(cmd.Environ(), "ERL_EPMD_PORT="+strconv.Itoa(d.epmdPort()))
	if a := d.getenv("ERL_EPMD_ADDRESS"); a != "" {
		cmd.Env = append(cmd.Env, "ERL_EPMD_ADDRESS="+a)
	}
	return cmd.Run()
}

// keepRegistered waits for the end of epmd and registers again with another one.
func (d *Dist) keepRegistered(l *local, alias string, o Options) {
	conn := l.epmd
	var one [1]byte
	for {
		_, err := conn.Read(one[:])
		if err == nil {
			continue
		}
		conn.Close()
		for {
			select {
			case <-l.done:
				return
			case <-time.After(2 * time.Second):
			}
			next, _, err := d.register(alias, l.port, o.Hidden, false)
			if err != nil {
				continue
			}
			d.mu.Lock()
			l.epmd = next
			d.mu.Unlock()
			conn = next
			break
		}
		select {
		case <-l.done:
			conn.Close()
			return
		default:
		}
	}
}

// NodeAddress is what epmd says of a node.
type NodeAddress struct {
	Port            int
	Highest, Lowest int
}

// ErrNoPort says that epmd does not know the node.
var ErrNoPort = errors.New("noport")

// PortPlease asks the epmd of a host for a node.
func (d *Dist) PortPlease(ctx context.Context, alias, host string) (a NodeAddress, err error) {
	conn, err := d.dialEpmd(ctx, host)
	if err != nil {
		return a, &EpmdError{err}
	}
	defer conn.Close()
	b := binary.BigEndian.AppendUint16(nil, uint16(len(alias)+1))
	b = append(append(b, epmdPort2), alias...)
	if _, err := conn.Write(b); err != nil {
		return a, &EpmdError{err}
	}
	var head [2]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil || head[0] != epmdPort2Resp {
		return a, &EpmdError{errors.New("the answer is none of the protocol's")}
	}
	if head[1] != 0 {
		return a, ErrNoPort
	}
	var rest [8]byte
	if _, err := io.ReadFull(conn, rest[:]); err != nil {
		return a, &EpmdError{err}
	}
	a.Port = int(binary.BigEndian.Uint16(rest[:]))
	a.Highest = int(binary.BigEndian.Uint16(rest[4:]))
	a.Lowest = int(binary.BigEndian.Uint16(rest[6:]))
	return a, nil
}

// NameAndPort is a node as the epmd of its host lists it.
type NameAndPort struct {
	Name string
	Port int
}

// Names asks the epmd of a host for its nodes.
func (d *Dist) Names(ctx context.Context, host string) ([]NameAndPort, error) {
	conn, err := d.dialEpmd(ctx, host)
	if err != nil {
		return nil, &EpmdError{err}
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{0, 1, epmdNames}); err != nil {
		return nil, &EpmdError{err}
	}
	all, err := io.ReadAll(io.LimitReader(conn, 1<<20))
	if err != nil || len(all) < 4 {
		return nil, &EpmdError{errors.New("the answer is none of the protocol's")}
	}
	var out []NameAndPort
	for _, line := range strings.Split(string(all[4:]), "\n") {
		var n NameAndPort
		if c, err := fmt.Sscanf(line, "name %s at port %d", &n.Name, &n.Port); err == nil && c == 2 {
			out = append(out, n)
		}
	}
	return out, nil
}
