module github.com/gerl-lang/gerl

go 1.26.0

// crypto takes keys of any size, as OTP does
require (
	github.com/alecthomas/participle/v2 v2.1.4
	github.com/chzyer/readline v1.5.1
	github.com/cloudflare/circl v1.6.4
	github.com/google/pprof v0.0.0-20261105003125-4bf881d7fb0b
	github.com/rivo/uniseg v0.4.7
	github.com/stretchr/testify v1.12.1
	github.com/tidwall/btree v1.8.2
	golang.org/x/crypto v0.53.0
	golang.org/x/sys v0.49.0
	golang.org/x/text v0.43.0
)

require github.com/emmansun/gmsm v0.15.5

require go.yaml.in/yaml/v3 v3.0.5 // indirect
