package main

// Modules that these programs need at once beside those of every node: node.Config.Preload.
var (
	shellModules   = []string{"user_drv", "shell", "string", "unicode_util", "gerl_clusters", "io", "erl_eval", "filename", "erl_prim_loader", "file"}
	evalModules    = []string{"erl_scan", "erl_anno", "erl_parse", "erl_eval"}
	scriptModules  = []string{"escript", "io"}
	programModules = []string{"io"}
)
