package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/gerl-lang/gerl/node"
)

// epmdMark is set in the environment of the process that epmd -daemon starts.
const epmdMark = "GERL_EPMD_DAEMON"

const epmdUsage = `usage: epmd [-daemon] [-relaxed_command_check] [-port NUMBER] [-address LIST] [-packet_timeout SECONDS] [-debug]
       epmd [-port NUMBER] -names | -kill | -stop NAME
`

// epmdCommand is the daemon that knows the nodes of a host, and asks one that runs.
func epmdCommand(args []string) int {
	s := &node.EpmdServer{Port: epmdPort()}
	if a := os.Getenv("ERL_EPMD_ADDRESS"); a != "" {
		s.Addresses = strings.Split(a, ",")
	}
	_, s.Relaxed = os.LookupEnv("ERL_EPMD_RELAXED_COMMAND_CHECK")
	daemon := false
	var ask byte
	var name string
	for i := 0; i < len(args); i++ {
		value := func() string {
			if i++; i < len(args) {
				return args[i]
			}
			return ""
		}
		switch args[i] {
		case "-daemon":
			daemon = true
		case "-relaxed_command_check":
			s.Relaxed = true
		case "-port":
			n, err := strconv.Atoi(value())
			if err != nil || n < 1 || n > 65535 {
				fmt.Fprintf(os.Stderr, "epmd: illegal port number\n%s", epmdUsage)
				return 1
			}
			s.Port = n
		case "-address":
			s.Addresses = strings.Split(value(), ",")
		case "-packet_timeout":
			n, _ := strconv.Atoi(value())
			s.Timeout = time.Duration(n) * time.Second
		case "-delay_accept", "-delay_write":
			value()
		case "-debug", "-d":
			s.Log = func(format string, args ...any) { fmt.Fprintf(os.Stderr, "epmd: "+format+"\n", args...) }
		case "-names":
			ask = 'n'
		case "-kill":
			ask = 'k'
		case "-stop":
			ask, name = 's', value()
		case "-help", "-h", "--help":
			fmt.Print(epmdUsage)
			return 0
		default:
			fmt.Fprintf(os.Stderr, "epmd: unknown argument %s\n%s", args[i], epmdUsage)
			return 1
		}
	}
	if ask != 0 {
		return askEpmd(s.Port, ask, name)
	}
	if daemon && os.Getenv(epmdMark) == "" {
		return startEpmd(args)
	}
	if err := s.Listen(); err != nil {
		// Another one runs, most likely: that is as good.
		if !daemon {
			fmt.Fprintf(os.Stderr, "epmd: %v\n", err)
		}
		return 1
	}
	s.Serve()
	return 0
}

func epmdPort() int {
	if n, err := strconv.Atoi(os.Getenv("ERL_EPMD_PORT")); err == nil && n > 0 && n < 65536 {
		return n
	}
	return 4369
}

// startEpmd starts the daemon in the background.
func startEpmd(args []string) int {
	exe, err := os.Executable()
	if err == nil {
		cmd := exec.Command(exe, append([]string{"epmd"}, args...)...)
		cmd.Dir = "/"
		cmd.Env = append(os.Environ(), epmdMark+"=1")
		apart(cmd)
		err = cmd.Start()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "epmd: the daemon could not be started: %v\n", err)
		return 1
	}
	return 0
}

// askEpmd has a running daemon list its nodes (n), end (k) or forget a node (s).
func askEpmd(port int, what byte, name string) int {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), 5*time.Second)
	if err != nil {
		fmt.Fprintln(os.Stderr, "epmd: Cannot connect to local epmd")
		return 1
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	request := append([]byte{map[byte]byte{'n': 110, 'k': 107, 's': 115}[what]}, name...)
	_, err = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(request))), request...))
	var answer []byte
	if err == nil {
		answer, err = io.ReadAll(conn)
	}
	switch text := string(answer); {
	case err != nil:
		fmt.Fprintf(os.Stderr, "epmd: no answer from local epmd: %v\n", err)
		return 1
	case what == 'n' && len(answer) >= 4:
		fmt.Printf("epmd: up and running on port %d with data:\n%s", binary.BigEndian.Uint32(answer), answer[4:])
	case what == 'k' && text == "OK":
		fmt.Println("Killed")
	case what == 'k':
		fmt.Println("Killing not allowed - living nodes in database.")
	case text == "STOPPED":
		fmt.Println("STOPPED")
	case text == "NOEXIST":
		fmt.Printf("%s", text)
	default:
		fmt.Fprintln(os.Stderr, "epmd: local epmd responded in error; it may need -relaxed_command_check")
		return 1
	}
	return 0
}
