package main

// Modules that these programs need at once beside those of every node: node.Config.Preload.
var (
	evalModules    = []string{"erl_scan", "erl_anno", "erl_parse", "erl_eval"}
	scriptModules  = []string{"escript", "io"}
	programModules = []string{"io"}
)
