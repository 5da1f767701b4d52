-module(gerl_program).
-moduledoc "How a program ends that was started to run once, as a script or by `gerl run`. Internal.".

-export([executable/0, compiled/3, failed/5, complain/1, stop/1]).

-doc "The program that takes gerl's commands and flags: this one, but for one made by `gerl build`, which looks for gerl.".
-spec executable() -> file:filename().
executable() ->
    Name = case init:get_argument(progname) of
               {ok, [[Given | _] | _]} -> Given;
               error -> "gerl"
           end,
    case os:find_executable(Name) of
        false -> Name;
        Found -> Found
    end.

-doc """
Compiles and loads a source file, less some lines at its beginning. The forms stand in for a missing attribute with the module's name;
then `main/1` is exported as well. Problems are printed.
""".
-spec compiled(file:filename(), non_neg_integer(), [tuple()]) -> {ok, module()} | error.
compiled(File, Head, Named) ->
    {ok, Bytes} = file:read_file(File),
    Settings = [{location, {1, 1}}, {text, without_lines(Head, Bytes, [])}, {includes, [".", filename:dirname(File)]}],
    {ok, Forms, _, _} = gerl_text:parse_file(File, Settings),
    IsHead = fun({attribute, _, Kind, _}) -> Kind =:= file; (_) -> false end,
    {Start, Rest} = lists:splitwith(IsHead, Forms),
    {Module, Body} = case Rest of
                         [{attribute, _, module, Name} = F | More] when Named =/= [] -> {Name, [F, main_exported() | More]};
                         [{attribute, _, module, Name} | _] -> {Name, Rest};
                         _ when Named =/= [] -> {element(4, hd(Named)), Named ++ [main_exported() | Rest]};
                         _ -> {list_to_atom(filename:basename(File, ".erl")), Rest}
                     end,
    case compile:forms(Start ++ Body, [report, nowarn_duplicated_export]) of
        {ok, _, Code} ->
            {module, _} = code:load_binary(Module, File, Code),
            {ok, Module};
        error -> error
    end.

main_exported() -> {attribute, 1, export, [{main, 1}]}.

without_lines(0, Bytes, Blank) -> iolist_to_binary([Blank | Bytes]);
without_lines(N, Bytes, Blank) ->
    [_, Rest] = binary:split(Bytes, <<"\n">>),
    without_lines(N - 1, Rest, [$\n | Blank]).

-doc """
Shows an exception that ended a program behind the name of the command, and stops the node with status 127. The stack is shown up to
the calls of the modules named.
""".
-spec failed(string(), [module()], error | exit | throw, term(), erlang:stacktrace()) -> no_return().
failed(Command, Machinery, Class, Reason, Stack) ->
    Options = #{stack_trim_fun => fun(M, _, _) -> lists:member(M, Machinery) end},
    complain([Command, ": ", erl_error:format_exception(Class, Reason, init:trace(Stack), Options), $\n]),
    stop(127).

-doc "Writes to the standard error, behind all output so far.".
-spec complain(unicode:chardata()) -> ok.
complain(Text) ->
    settle(),
    gerl_io:write(2, unicode:characters_to_binary(Text)).

-doc "Stops the node once the output that other processes have asked for is written.".
-spec stop(0..255) -> no_return().
stop(Status) ->
    settle(),
    halt(Status).

settle() ->
    Ref = make_ref(),
    case hd([P || P <- [whereis(logger_proxy), whereis(logger)], is_pid(P)] ++ [undefined]) of
        undefined -> ok;
        Logger ->
            Logger ! {sync, self(), Ref},
            receive {Ref, ok} -> ok after 1000 -> ok end
    end,
    _ = io:request(user, {put_chars, unicode, ""}),
    ok.
