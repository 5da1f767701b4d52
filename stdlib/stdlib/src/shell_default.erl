-module(shell_default).
-moduledoc "The commands that can be called at the prompt without a module name.".

-export([help/0, c/1, c/2, c/3, cd/1, flush/0, h/1, h/2, h/3, i/0, i/3, pi/1, pi/3, l/1, lc/1, lm/0, ls/0, ls/1, m/0, m/1,
         memory/0, memory/1, mm/0, nc/1, nl/1, ni/0, nregs/0, pid/3, pwd/0, q/0, exit/0, regs/0, uptime/0, y/1, y/2, xm/1, bt/1,
         '$handle_undefined_function'/2]).

-doc "Prints what commands there are.".
-spec help() -> true.
help() -> io:put_chars(["** shell internal commands **\n", internal()]), c:help(), true.

internal() ->
    "b()        -- all bindings of variables\n"
    "e(N)       -- carry out command N again\n"
    "f()        -- forget all bindings\n"
    "f(X)       -- forget the binding of X\n"
    "h()        -- earlier commands and their results\n"
    "v(N)       -- the result of command N\n"
    "rd(R,D)    -- define a record\n"
    "rr(File)   -- read record definitions from a file or module\n"
    "rf()       -- forget all records\n"
    "rf(R)      -- forget record R\n"
    "rl()       -- list all records\n"
    "rl(R)      -- list record R\n"
    "rp(Term)   -- print a term in full, with the names of records\n"
    "ff()       -- forget all functions defined here\n"
    "ff(F,A)    -- forget function F/A defined here\n"
    "tf()       -- forget all types defined here\n"
    "tf(T)      -- forget type T defined here\n"
    "fl()       -- forget functions, types and records defined here\n"
    "lf()       -- list functions defined here\n"
    "lt()       -- list types defined here\n"
    "lr()       -- list records defined here\n"
    "history(N) -- keep N commands\n"
    "results(N) -- keep N results\n"
    "catch_exception(B) -- whether an exception leaves the evaluator alive\n".

-doc "See `c:c/1`.".
c(File) -> c:c(File).
-doc "See `c:c/2`.".
c(File, Options) -> c:c(File, Options).
-doc "See `c:c/3`.".
c(File, Options, Filter) -> c:c(File, Options, Filter).
-doc "See `c:cd/1`.".
cd(Dir) -> c:cd(Dir).
-doc "See `c:flush/0`.".
flush() -> c:flush().
-doc "See `c:h/1`.".
h(Module) -> c:h(Module).
-doc "See `c:h/2`.".
h(Module, Function) -> c:h(Module, Function).
-doc "See `c:h/3`.".
h(Module, Function, Arity) -> c:h(Module, Function, Arity).
-doc "See `c:i/0`.".
i() -> c:i().
-doc "See `c:i/3`.".
i(X, Y, Z) -> c:i(X, Y, Z).
-doc "See `c:pi/1`.".
pi(Pid) -> c:pi(Pid).
-doc "See `c:i/3`.".
pi(X, Y, Z) -> c:i(X, Y, Z).
-doc "See `c:l/1`.".
l(Module) -> c:l(Module).
-doc "See `c:lc/1`.".
lc(Files) -> c:lc(Files).
-doc "See `c:lm/0`.".
lm() -> c:lm().
-doc "See `c:ls/0`.".
ls() -> c:ls().
-doc "See `c:ls/1`.".
ls(Dir) -> c:ls(Dir).
-doc "See `c:m/0`.".
m() -> c:m().
-doc "See `c:m/1`.".
m(Module) -> c:m(Module).
-doc "See `c:memory/0`.".
memory() -> c:memory().
-doc "See `c:memory/1`.".
memory(Type) -> c:memory(Type).
-doc "See `c:mm/0`.".
mm() -> c:mm().
-doc "See `c:nc/1`.".
nc(File) -> c:nc(File).
-doc "See `c:nl/1`.".
nl(Module) -> c:nl(Module).
-doc "See `c:ni/0`.".
ni() -> c:ni().
-doc "See `c:nregs/0`.".
nregs() -> c:nregs().
-doc "See `c:pid/3`.".
pid(X, Y, Z) -> c:pid(X, Y, Z).
-doc "See `c:pwd/0`.".
pwd() -> c:pwd().
-doc "See `c:q/0`.".
q() -> c:q().
-doc "Ends the shell, and with it the node.".
exit() -> c:q().
-doc "See `c:regs/0`.".
regs() -> c:regs().
-doc "See `c:uptime/0`.".
uptime() -> c:uptime().
-doc "See `c:y/1`.".
y(File) -> c:y(File).
-doc "See `c:y/2`.".
y(File, Options) -> c:y(File, Options).
-doc "See `c:xm/1`.".
xm(Module) -> c:xm(Module).
-doc "See `c:bt/1`.".
bt(Pid) -> c:bt(Pid).

-doc "Functions that were defined at the prompt are called as functions of this module.".
'$handle_undefined_function'(Function, Args) -> shell:call_defined(Function, Args).
