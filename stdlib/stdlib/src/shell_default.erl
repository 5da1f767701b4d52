-module(shell_default).
-moduledoc "The commands that can be called at the prompt without a module name.".

-export([help/0, exit/0, is_command/2, '$handle_undefined_function'/2]).

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

-doc "Ends the shell, and with it the node.".
-spec exit() -> ok.
exit() -> c:q().

-doc "The other functions of this module are those of c and those that were defined at the prompt.".
-spec '$handle_undefined_function'(atom(), [term()]) -> term().
'$handle_undefined_function'(Function, Args) ->
    case is_command(Function, length(Args)) of
        true -> apply(c, Function, Args);
        false -> shell:call_defined(Function, Args)
    end.

-doc false.
is_command(Name, Arity) ->
    _ = code:ensure_loaded(c),
    erlang:function_exported(c, Name, Arity) andalso not lists:member({Name, Arity}, [{i, 1}, {nc, 2}, {erlangrc, 0}, {lc_batch, 0}, {lc_batch, 1}]).
