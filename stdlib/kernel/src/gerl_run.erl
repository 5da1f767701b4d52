-module(gerl_run).
-moduledoc "Runs a program's main function in the way of `escript`. Internal.".

-export([main/2, application/1, eval/1, embedded/3]).

-doc "Calls main/1 with the arguments, else main/0, else start/0, and stops the node: with status 0, or 127 after an uncaught exception.".
-spec main(module(), [string()]) -> no_return().
main(Module, Args) ->
    _ = code:ensure_loaded(Module),
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

-doc "Starts an application with those that it needs; the node lives on until something stops it, or ends with status 1 if it cannot start.".
-spec application(atom()) -> ok | no_return().
application(Name) ->
    case application:ensure_all_started(Name, permanent) of
        {ok, _} -> ok;
        {error, Reason} ->
            complain(["gerl: application ", atom_to_list(Name), " cannot start: ", io_lib:format("~tp", [Reason]), $\n]),
            stop(1)
    end.

-doc "Evaluates the expressions of a text, prints the last value and stops the node: with status 0, or 127 after an uncaught exception.".
-spec eval([string()]) -> no_return().
eval([Text]) ->
    try
        case erl_scan:string(Text) of
            {ok, Tokens, _} ->
                case erl_parse:parse_exprs(dotted(Tokens)) of
                    {ok, Exprs} ->
                        {value, Value, _} = erl_eval:exprs(Exprs, erl_eval:new_bindings()),
                        io:format("~tp~n", [Value]),
                        stop(0);
                    {error, Info} -> refuse(Info)
                end;
            {error, Info, _} -> refuse(Info)
        end
    catch
        Class:Reason:Stack ->
            Skip = fun(M, _, _) -> lists:member(M, [?MODULE, erl_eval, erl_eval_comp, erl_eval_bits, init]) end,
            complain(["gerl: ", erl_error:format_exception(Class, Reason, Stack, #{stack_trim_fun => Skip}), $\n]),
            stop(127)
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
    complain(io_lib:format("gerl: ~tp: ~ts~n", [Location, Module:format_error(Info)])),
    stop(1).

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
