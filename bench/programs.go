package main

// A benchmark is one of bench/programs with the ratio of CPU times it should stay below; 0 where none is set.
type benchmark struct {
	name   string
	what   string
	target float64
}

// Goals: what any program may cost at most, and what all of the first group cost in the geometric mean.
const (
	anyTarget     = 6
	meanTarget    = 2.4
	memoryRatio   = 1.2
	startUpTarget = 0.2
	idleTarget    = 1024 // bytes of a process that waits
)

// sequential programs run in one process; their geometric mean is a goal.
var sequential = []benchmark{
	{"fib", "calls, small integers: fib(38)", anyTarget},
	{"tak", "calls with three arguments: 50 x tak(24, 16, 8)", anyTarget},
	{"ack", "deep recursion: ack(3, 9)", anyTarget},
	{"countdown", "an empty loop, 200 million rounds", anyTarget},
	{"collatz", "division and remainder, comparisons", anyTarget},
	{"bits32", "band, bor, bxor, shifts on 32-bit words", anyTarget},
	{"int64", "64-bit integers, which are boxed", anyTarget},
	{"bignum", "factorials, powers, digits of pi", anyTarget},
	{"nbody", "floats in tuples", anyTarget},
	{"mandel", "floats in loops", anyTarget},
	{"matmul", "matrices of integers and floats as lists", anyTarget},
	{"nrev", "naive reverse of 30 elements, 150,000 times", anyTarget},
	{"mapfold", "lists:seq, map and foldl over 200,000 elements, 60 times", anyTarget},
	{"list_ops", "keyfind, member, zip, partition, delete, --, nth ...", anyTarget},
	{"qsort", "quicksort with list comprehensions", anyTarget},
	{"msort", "lists:sort, usort, keysort, sort with a fun", anyTarget},
	{"queens", "comprehensions and backtracking: twelve queens", anyTarget},
	{"triples", "comprehensions with three generators and filters", anyTarget},
	{"sieve", "primes by filtering lists", anyTarget},
	{"fannkuch", "permutations of lists, reversing", anyTarget},
	{"strings", "strings as lists: tokens, splitwith, ++, conversions", anyTarget},
	{"funs", "closures made, composed, called", anyTarget},
	{"trees", "binary trees of depth 16, 200 built and counted", anyTarget},
	{"live_heap", "much allocation beside a large live heap", anyTarget},
	{"derive", "patterns over nested tuples", anyTarget},
	{"accounts", "records read and updated", anyTarget},
	{"arrays", "element and setelement; the library's array", anyTarget},
	{"stack_vm", "a stack machine: selections over atoms and integers", anyTarget},
	{"exceptions", "throw, error, exit, catch, try ... after", anyTarget},
	{"map_small", "small maps: matched, updated", anyTarget},
	{"map_large", "maps of 60,000 keys: built, updated, folded", anyTarget},
	{"life", "maps with tuples as keys: Conway's life", anyTarget},
	{"dicts", "gb_trees, dict, orddict, sets", anyTarget},
	{"dictionary", "process dictionary, conversions, comparisons", anyTarget},
	{"bin_parse", "a binary protocol parsed", anyTarget},
	{"bin_build", "binaries appended to and built", anyTarget},
	{"bin_comp", "comprehensions over binaries", anyTarget},
	{"utf8_text", "UTF-8 text decoded and changed", anyTarget},
	{"json_parse", "JSON read with binary patterns", anyTarget},
	{"iolists", "io_lib:format, iolists, numbers as text", anyTarget},
	{"tables", "ETS: insert, lookup, select, fold", anyTarget},
}

// concurrent programs are about processes and messages.
var concurrent = []benchmark{
	{"spawn_exit", "500,000 processes spawned, one message each, exit", 0.5},
	{"ping_pong", "500,000 calls with a fresh reference between two processes", 0.6},
	{"ring", "1.5 million messages through a ring of 100 processes", 0.6},
	{"mailbox", "fifty processes send a million messages to one", 0.7},
	{"selective", "300,000 calls beside a queue of 100,000 messages", 0.7},
	{"timers", "a million timers: started, cancelled, awaited", 0.7},
	{"messages", "large terms sent to and fro", 0},
	{"gen_calls", "200,000 calls and casts of a gen_server", 0},
	{"pmap", "a parallel map of CPU-bound work", 0},
	{"tcp_echo", "an echo server over TCP: 16 B to 64 KiB, passive and active, with and without packets", 1.5},
}
