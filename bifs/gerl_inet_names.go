package bifs

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"time"

	"github.com/gerl-lang/gerl/proc"
	"github.com/gerl-lang/gerl/term"
)

// resolveTimeout bounds how long a question to the resolver may take; callers with a shorter patience stop waiting themselves.
const resolveTimeout = 30 * time.Second

func ipElems(h *term.Heap, ip net.IP, four bool) term.Term {
	var elems []term.Term
	if v4 := ip.To4(); four && v4 != nil {
		for _, b := range v4 {
			elems = append(elems, term.Int(int(b)))
		}
		return h.Tuple(elems...)
	}
	ip = ip.To16()
	for i := 0; i < 16; i += 2 {
		elems = append(elems, term.Int(int(ip[i])<<8|int(ip[i+1])))
	}
	return h.Tuple(elems...)
}

// gerl_inet:resolve(Name, inet | inet6) -> {ok, [Address]} | {error, nxdomain | Posix}
func gerlInetResolve2(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok || !a[1].IsAtom() {
		return p.Badarg()
	}
	name, four := string(b), a[1].AtomName() == "inet"
	network := "ip6"
	if four {
		network = "ip4"
	}
	return p.Async(func() result {
		ctx, cancel := context.WithTimeout(context.Background(), resolveTimeout)
		defer cancel()
		ips, err := net.DefaultResolver.LookupIP(ctx, network, name)
		if err != nil || len(ips) == 0 {
			return resolverError(err)
		}
		return func(p *proc.Process) term.Term {
			var out []term.Term
			for _, ip := range ips {
				out = append(out, ipElems(&p.Heap, ip, four))
			}
			return p.Heap.Tuple(term.AtomOk, p.Heap.List(out...))
		}
	})
}

func resolverError(err error) result {
	name := "nxdomain"
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsTimeout {
		name = "timeout"
	}
	return func(p *proc.Process) term.Term { return p.Heap.Tuple(term.AtomError, term.Intern(name)) }
}

// gerl_inet:reverse(AddressText) -> {ok, [Name]} | {error, nxdomain}
func gerlInetReverse1(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok {
		return p.Badarg()
	}
	address := string(b)
	return p.Async(func() result {
		ctx, cancel := context.WithTimeout(context.Background(), resolveTimeout)
		defer cancel()
		names, err := net.DefaultResolver.LookupAddr(ctx, address)
		if err != nil || len(names) == 0 {
			return resolverError(err)
		}
		return func(p *proc.Process) term.Term {
			var out []term.Term
			for _, n := range names {
				out = append(out, p.Heap.Chars(strings.TrimSuffix(n, ".")))
			}
			return p.Heap.Tuple(term.AtomOk, p.Heap.List(out...))
		}
	})
}

// gerl_inet:service(Name, tcp | udp) -> {ok, Number} | {error, einval}
func gerlInetService2(p *proc.Process, a []term.Term) term.Term {
	b, ok := a[0].Bytes()
	if !ok || !a[1].IsAtom() {
		return p.Badarg()
	}
	n, err := net.LookupPort(a[1].AtomName(), string(b))
	if err != nil {
		return p.Heap.Tuple(term.AtomError, term.Intern("einval"))
	}
	return p.Heap.Tuple(term.AtomOk, term.Int(n))
}

// gerl_inet:hostname() -> string()
func gerlInetHostname0(p *proc.Process, _ []term.Term) term.Term {
	name, err := os.Hostname()
	if err != nil {
		name = "localhost"
	}
	return p.Heap.Chars(name)
}

// gerl_inet:interfaces() -> [{Name, Flags, MTU, HardwareAddress, [{Address, Mask}]}]
func gerlInetInterfaces0(p *proc.Process, _ []term.Term) term.Term {
	list, err := net.Interfaces()
	if err != nil {
		return term.Nil
	}
	h := &p.Heap
	var out []term.Term
	for _, i := range list {
		var flags []term.Term
		for _, f := range []struct {
			bit  net.Flags
			name string
		}{{net.FlagUp, "up"}, {net.FlagBroadcast, "broadcast"}, {net.FlagLoopback, "loopback"},
			{net.FlagPointToPoint, "pointtopoint"}, {net.FlagRunning, "running"}, {net.FlagMulticast, "multicast"}} {
			if i.Flags&f.bit != 0 {
				flags = append(flags, term.Intern(f.name))
			}
		}
		var addrs []term.Term
		all, _ := i.Addrs()
		for _, a := range all {
			if n, ok := a.(*net.IPNet); ok {
				four := n.IP.To4() != nil
				mask := net.IP(n.Mask)
				addrs = append(addrs, h.Tuple(ipElems(h, n.IP, four), ipElems(h, mask, four)))
			}
		}
		out = append(out, h.Tuple(h.Chars(i.Name), h.List(flags...), term.Int(i.MTU), h.ByteList(i.HardwareAddr, term.Nil), h.List(addrs...)))
	}
	return h.List(out...)
}

// gerl_inet:interface_numbers() -> [{Number, Name}]
func gerlInetInterfaceNumbers0(p *proc.Process, _ []term.Term) term.Term {
	list, err := net.Interfaces()
	if err != nil {
		return term.Nil
	}
	out := make([]term.Term, len(list))
	for i, n := range list {
		out[i] = p.Heap.Tuple(term.Int(n.Index), p.Heap.Chars(n.Name))
	}
	return p.Heap.List(out...)
}
