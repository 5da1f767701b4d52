-module(gerl_shell_hints).
-moduledoc """
Hints of the shell for newcomers, shown below the next prompt until a key is pressed: they leave no trace in the session. The environment
variable GERL_HINTS=off turns them off. Internal.
""".

-export([value/2, unbound/2, exception/1, coloured/1]).

-doc "A list of numbers that was printed as a string.".
-spec value(term(), [term()]) -> ok.
value([C | _] = Value, Exprs) when is_integer(C) ->
    case io_lib:printable_list(Value) andalso not mentions(string, Exprs) andalso mentions(cons, Exprs)
        andalso application:get_env(stdlib, shell_strings, true) =/= false of
        true -> hint(io_lib:format("(this list of numbers, ~0P, is printed as a string: shell:strings(false) shows numbers)", [list(Value), 12]));
        false -> ok
    end;
value(_, _) -> ok.

list(Value) -> {lists:sublist(Value, 8)}.

mentions(Kind, Tuple) when is_tuple(Tuple), tuple_size(Tuple) > 0, element(1, Tuple) =:= Kind -> true;
mentions(Kind, Tuple) when is_tuple(Tuple) -> mentions(Kind, tuple_to_list(Tuple));
mentions(Kind, [Head | Tail]) -> mentions(Kind, Head) orelse mentions(Kind, Tail);
mentions(_, _) -> false.

-doc "A variable without a value: maybe an atom was meant, or another variable.".
-spec unbound(atom(), [{atom(), term()}]) -> ok.
unbound(Name, Bindings) ->
    Text = atom_to_list(Name),
    Lower = string:lowercase(string:slice(Text, 0, 1)) ++ string:slice(Text, 1),
    Near = [atom_to_list(B) || {B, _} <- Bindings, string:jaro_similarity(atom_to_list(B), Text) > 0.85],
    hint(case Near of
             [Other | _] -> ["(did you mean the variable ", Other, "?)"];
             [] -> io_lib:format("(names with a capital letter are variables; atoms are written ~ts or '~ts')", [Lower, Text])
         end).

-doc "Where an exception was raised, if the source is at hand.".
-spec exception([tuple()]) -> ok.
exception([{M, F, A, Where} | Stack]) when M =/= erl_eval, M =/= shell ->
    case {source(M, proplists:get_value(file, Where)), proplists:get_value(line, Where)} of
        {none, _} -> exception(Stack);
        {_, undefined} -> exception(Stack);
        {File, Line} ->
            case file:read_file(File) of
                {ok, Text} ->
                    Lines = binary:split(Text, <<"\n">>, [global]),
                    Arity = if is_list(A) -> length(A); true -> A end,
                    Line =< length(Lines) andalso
                        hint(io_lib:format("~tw:~tw/~w, ~ts:~w~n~5w| ~ts", [M, F, Arity, filename:basename(File), Line, Line, lists:nth(Line, Lines)])),
                    ok;
                {error, _} -> exception(Stack)
            end
    end;
exception([_ | Stack]) -> exception(Stack);
exception([]) -> ok.

%% The library's own sources are no help.
source(_, undefined) -> none;
source(Module, File) ->
    case lists:member(atom_to_list(Module), gerl_code:own()) of
        true -> none;
        false ->
            Compiled = try proplists:get_value(source, Module:module_info(compile), File) catch error:_ -> File end,
            case [F || F <- [Compiled, File], filelib:is_regular(F)] of
                [Found | _] -> Found;
                [] -> none
            end
    end.

hint(Text) ->
    _ = [io:request(group_leader(), {hint, Text}) || on_terminal()],
    ok.

%% Other I/O servers than that of a terminal may not even survive an unknown request.
on_terminal() ->
    node(group_leader()) =:= node() andalso gerl_io:is_terminal() andalso
        case io:getopts() of
            Options when is_list(Options) -> proplists:get_value(terminal, Options, false);
            _ -> false
        end.

-doc "A text in the colour of errors, on a terminal that has colours.".
-spec coloured(iolist()) -> iolist().
coloured(Text) ->
    case on_terminal() andalso os:getenv("NO_COLOR") =:= false andalso os:getenv("TERM") =/= "dumb" of
        true -> ["\e[31m", string:trim(Text, trailing, "\n"), "\e[0m\n"];
        false -> Text
    end.
