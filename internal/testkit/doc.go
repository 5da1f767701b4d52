// Package testkit runs chunked test programs: many small Erlang programs in
// one readable file, each with the result that it must have beside it.
//
// A chunk file (testdata/chunks/*.chunks) begins with a comment about its
// theme; chunks follow, separated by lines of four dashes:
//
//	----
//	%% Integer division truncates towards zero
//	{-7 div 2, -7 rem 2}.
//	%=> {-3,-1}
//	----
//	%% A clause whose guard fails is passed over
//	f(X) when X > 0 -> positive.
//	main() -> f(0).
//	%!! error:function_clause
//
// The first line of a chunk states the rule that it shows. A second line
// `%: OPTION...` may follow:
//
//	compile   the chunk is a whole file, chunk.erl; the compiler's output is
//	          compared and nothing is run
//	otp N     the expectation is that of OTP N and later
//	until N   the expectation is that of OTP N and before; later ones print
//	          maps with atom keys in no sorted order
//	report    the chunk's processes crash: the reports on the terminal belong
//	          to its output
//	heavy     left out under GERL_DEBUG=gcstress: a collection at every safe
//	          point takes quadratic time with a large heap or a deep stack
//	stack     the functions of the stack trace are shown with an exception
//
// The program is either a list of expressions that ends with a full stop, or
// forms that define main/0. A function id/1, which the compiler cannot see
// through, is there for all of them. What the program prints (`%>> LINE`, and
// `%>_ LINE` for a last line without newline), its value (`%=> TERM`, printed
// with ~0p), its exception (`%!! CLASS:REASON`) or the compiler's diagnostics
// (`%-- LINE`) follow the program. Process identifiers, references, dates and
// the module's name are replaced by fixed words, see normalise.
//
// Expectations are never written by hand: `go test ./internal/testkit
// -update` records them from Erlang/OTP's erl. Where erl is on the PATH the
// chunks also run there and must agree. A chunk that gerl cannot do yet is
// listed in testdata/known_failures; one that is listed but passes is an
// error too.
//
// All chunks of a file are compiled to a module each and run one after the
// other in one machine by driver.erl; a chunk that takes the whole machine
// down or hangs fails alone, the others run on in a new one. One that differs
// has two more tries alone in a machine of its own. Environment
// variables such as GERL_DEBUG=gcstress,poison,walk reach gerl unchanged, so
// the whole suite runs under any switch of the machine.
//
// The package may import nothing of gerl's: it knows only the commands.
package testkit
