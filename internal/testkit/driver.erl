%% Runs chunks one after the other, from the one with the given number on.
%% The generated module chunk_table tells which there are, and how long a
%% chunk may take and its crash report may need. Lines that begin
%% with "@@" are for the Go side.
-module(driver).
-export([main/1]).

main([From]) ->
    catch io:setopts([{encoding, unicode}]),
    First = list_to_integer(From),
    each([E || {N, _, _} = E <- chunk_table:all(), N >= First]),
    halt(0).

each([]) -> ok;
each([{Number, Module, Options} | Rest]) ->
    io:put_chars("\n@@begin " ++ integer_to_list(Number) ++ "\n"),
    Result = run(Module, lists:member(stack, Options)),
    case lists:member(report, Options) of
        true -> receive after chunk_table:milliseconds(report) -> ok end;
        false -> ok
    end,
    io:put_chars(["\n@@", Result, "\n"]),
    each(Rest).

run(Module, ShowStack) ->
    {Pid, Ref} = spawn_monitor(fun() -> exit({chunk_result, call(Module, ShowStack)}) end),
    receive
        {'DOWN', Ref, process, Pid, {chunk_result, Result}} -> Result;
        {'DOWN', Ref, process, Pid, Reason} -> io_lib:format("signal ~0p", [Reason])
    after chunk_table:milliseconds(chunk) ->
            exit(Pid, kill),
            "timeout"
    end.

%% The result becomes text in the chunk's own process, so that a result that
%% cannot be printed hurts nobody else.
call(Module, ShowStack) ->
    try Module:main() of
        Value -> io_lib:format("value ~0p", [Value])
    catch
        Class:Reason:Stack ->
            io_lib:format("error ~w:~0p", [Class, Reason]) ++
                case ShowStack of
                    true -> io_lib:format(" in ~0p", [own_part(Module, Stack)]);
                    false -> []
                end
    end.

%% From the stack trace what the chunk has called, as {M, F, Arity, Line}.
own_part(_Module, []) -> [];
own_part(Module, [{Module, main, A, _} | _]) when A =:= 0; A =:= [] -> [main];
own_part(_Module, [{?MODULE, _, _, _} | _]) -> [];
own_part(Module, [{M, F, A, Where} | Rest]) ->
    Arity = if is_list(A) -> length(A); true -> A end,
    Line = case lists:keyfind(line, 1, Where) of
               {line, L} when M =:= Module -> L;
               _ -> library
           end,
    [{M, F, Arity, Line} | own_part(Module, Rest)].
