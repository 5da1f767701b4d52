-module(gerl_run).
-moduledoc "Runs a program's main function in the way of `escript`. Internal.".

-export([main/2]).

-doc "Calls main/1 with the arguments, else main/0, else start/0, and stops the node: with status 0, or 127 after an uncaught exception.".
-spec main(module(), [binary()]) -> no_return().
main(Module, Args0) ->
    Args = [unicode:characters_to_list(A) || A <- Args0],
    Has = fun(Function, Arity) -> erlang:function_exported(Module, Function, Arity) end,
    try
        case {Has(main, 1), Has(main, 0), Has(start, 0)} of
            {true, _, _} -> Module:main(Args);
            {_, true, _} -> Module:main();
            {_, _, true} -> Module:start();
            _ ->
                complain([atom_to_list(Module), ": there is no function to start: export main/1, main/0 or start/0\n"]),
                stop(127)
        end,
        stop(0)
    catch
        Class:Reason:Stack ->
            complain(["gerl: ",
                      erl_error:format_exception(Class, Reason, Stack,
                                                 #{stack_trim_fun => fun(M, _, _) -> M =:= ?MODULE end}),
                      $\n]),
            stop(127)
    end.

complain(Text) ->
    sync(),
    gerl_io:write(2, unicode:characters_to_binary(Text)).

%% Lets the output that other processes have asked for come first.
stop(Status) ->
    sync(),
    halt(Status).

sync() ->
    Ref = make_ref(),
    case whereis(logger) of
        undefined -> ok;
        Logger ->
            Logger ! {sync, self(), Ref},
            receive {Ref, ok} -> ok after 1000 -> ok end
    end,
    _ = io:request(user, {put_chars, unicode, ""}),
    ok.
