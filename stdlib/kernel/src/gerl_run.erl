-module(gerl_run).
-moduledoc "Runs a program's main function in the way of `escript`. Internal.".

-export([main/2, source/2, application/1, eval/1, embedded/3]).

-doc "Calls main/1 with the arguments, else main/0, else start/0, and stops the node: with status 0, or 127 after an uncaught exception.".
-spec main(module(), [string()]) -> no_return().
main(Module, Args) ->
    _ = code:ensure_loaded(Module),
    try begin_with(Module, Args) of
        _ -> gerl_program:stop(0)
    catch
        Class:Reason:Stack -> gerl_program:failed("gerl", [?MODULE, init], Class, Reason, Stack)
    end.

-doc "The same for a source file that needs parse transforms, and is therefore compiled here.".
-spec source(file:filename(), [string()]) -> no_return().
source(File, Args) ->
    case gerl_program:compiled(File, 0, []) of
        {ok, Module} -> main(Module, Args);
        error -> gerl_program:stop(1)
    end.

begin_with(Module, Args) ->
    Has = fun(Function, Arity) -> erlang:function_exported(Module, Function, Arity) end,
    case {Has(main, 1), Has(main, 0), Has(start, 0)} of
        {true, _, _} -> Module:main(Args);
        {_, true, _} -> Module:main();
        {_, _, true} -> Module:start();
        _ ->
            gerl_program:complain([atom_to_list(Module), ": there is no function to start: export main/1, main/0 or start/0\n"]),
            gerl_program:stop(127)
    end.

-doc "Starts an application with those that it needs; the node lives on until something stops it, or ends with status 1 if it cannot start.".
-spec application(atom()) -> ok | no_return().
application(Name) ->
    case application:ensure_all_started(Name, permanent) of
        {ok, _} -> ok;
        {error, Reason} ->
            gerl_program:complain(["gerl: application ", atom_to_list(Name), " cannot start: ", io_lib:format("~tp", [Reason]), $\n]),
            gerl_program:stop(1)
    end.

-doc "Evaluates the expressions of a text, prints the last value and stops the node: with status 0, or 127 after an uncaught exception.".
-spec eval([string()]) -> no_return().
eval([Text]) ->
    try show_value(Text) of
        _ -> gerl_program:stop(0)
    catch
        Class:Reason:Stack -> gerl_program:failed("gerl", [?MODULE, erl_eval, erl_eval_comp, erl_eval_bits, init], Class, Reason, Stack)
    end.

show_value(Text) ->
    maybe
        {ok, Tokens, _} ?= erl_scan:string(Text),
        {ok, Exprs} ?= erl_parse:parse_exprs(dotted(Tokens)),
        {value, Value, _} = erl_eval:exprs(Exprs, erl_eval:new_bindings()),
        io:format("~tp~n", [Value])
    else
        {error, Info, _} -> refuse(Info);
        {error, Info} -> refuse(Info)
    end.

-doc "Calls a function for the Go program that the node is embedded in: once the node is up, with its standard output as group leader.".
-spec embedded(module(), atom(), [term()]) -> term().
embedded(Module, Function, Args) ->
    case whereis(user) of
        undefined ->
            receive after 1 -> embedded(Module, Function, Args) end;
        User ->
            group_leader(User, self()),
            apply(Module, Function, Args)
    end.

dotted(Tokens) ->
    case Tokens =/= [] andalso element(1, lists:last(Tokens)) of
        dot -> Tokens;
        _ -> Tokens ++ [{dot, 1}]
    end.

refuse({Location, Module, Info}) ->
    gerl_program:complain(io_lib:format("gerl: ~tp: ~ts~n", [Location, Module:format_error(Info)])),
    gerl_program:stop(1).
