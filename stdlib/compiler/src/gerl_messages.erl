-module(gerl_messages).
-moduledoc "Errors and warnings of a compilation: put in order, left out, written. Internal.".

-export([by_file/1, wanted/2, report_errors/2, report_warnings/2, exception/3, text/4]).

-type info() :: {erl_anno:location() | none, module(), term()}.
-type messages() :: [{file:filename(), [info()]}].

-doc """
Messages in the order in which they are told: first those of scanner, preprocessor and parser by
place, then the others, by file each.
""".
-spec by_file(messages()) -> messages().
by_file(Messages) ->
    All = lists:sort([{File, Info} || {File, Infos} <- Messages, Info <- Infos]),
    Early = [erl_scan, epp, erl_parse],
    First = [M || Module <- Early, {_, {_, Of, _}} = M <- All, Of =:= Module],
    Others = [M || {_, {_, Module, _}} = M <- All, not lists:member(Module, Early)],
    files(lists:sort(fun({_, {A, _, _}}, {_, {B, _, _}}) -> A =< B end, First)) ++ files(Others).

files(Pairs) -> [{File, [I || {F, I} <- Pairs, F =:= File]} || File <- lists:usort([F || {F, _} <- Pairs])].

-doc "The warnings that the options do not switch off: those of the compiler's later passes have categories.".
-spec wanted(messages(), [term()]) -> messages().
wanted(Messages, Options) ->
    Off = lists:append([case O of
                            nowarn_opportunistic -> [failed, ignored, nomatch];
                            nowarn_failed -> [failed];
                            nowarn_ignored -> [ignored];
                            nowarn_nomatch -> [nomatch];
                            _ -> []
                        end || O <- Options]),
    Kept = [{F, [I || I <- Infos, not is_off(I, Off)]} || {F, Infos} <- Messages],
    [M || {_, [_ | _]} = M <- Kept].

is_off({_, Module, {Category, _}}, Off) ->
    lists:member(Module, [v3_core, sys_core_fold, beam_core_to_ssa]) andalso lists:member(Category, Off);
is_off(_, _) -> false.

-doc "Writes errors if the options ask for it.".
-spec report_errors(messages(), [term()]) -> ok.
report_errors(Errors, Options) ->
    case lists:member(report_errors, Options) of
        true -> [io:put_chars(text(File, "", Info, Options)) || {File, Infos} <- Errors, Info <- Infos], ok;
        false -> ok
    end.

-doc "Writes warnings if the options ask for it.".
-spec report_warnings(messages(), [term()]) -> ok.
report_warnings(Warnings, Options) ->
    Strict = lists:member(warnings_as_errors, Options),
    case lists:member(report_warnings, Options) orelse Strict andalso lists:member(report_errors, Options) of
        true ->
            Prefix = case Strict of true -> ""; false -> "Warning: " end,
            Keyed = lists:sort([{key(File, Info), text(File, Prefix, Info, Options)} || {File, Infos} <- Warnings, Info <- Infos]),
            [io:put_chars(Text) || {_, Text} <- Keyed],
            ok;
        false -> ok
    end.

key(_, {none, _, _}) -> none;
key(File, {Location, _, _}) -> {File, Location}.

-doc "A message as it is written, with the source line.".
-spec text(file:filename(), string(), info(), [term()]) -> iolist().
text(File, Prefix, Info, Options) ->
    case lists:member({diagnostics, json}, Options) of
        true -> [json:encode(object(File, Prefix, Info)), $\n];
        false -> lines(File, Prefix, Info, Options)
    end.

object(File, Prefix, {Location, Module, Reason}) ->
    Place = case Location of
                none -> #{};
                {Line, Column} -> #{line => Line, column => Column};
                Line -> #{line => Line}
            end,
    Name = case Reason of
               _ when is_atom(Reason) -> Reason;
               _ when is_tuple(Reason), is_atom(element(1, Reason)) -> element(1, Reason);
               _ -> message
           end,
    Place#{file => unicode:characters_to_binary(File),
           severity => case Prefix of "Warning: " -> warning; _ -> error end,
           code => unicode:characters_to_binary([atom_to_list(Module), $., atom_to_list(Name)]),
           text => unicode:characters_to_binary(Module:format_error(Reason))}.

lines(File, Prefix, {none, Module, Reason}, _) ->
    io_lib:format("~ts: ~s~ts\n", [File, Prefix, Module:format_error(Reason)]);
lines(File, Prefix, {Location, Module, Reason}, Options) ->
    Place = case Location of
                {Line, Column} -> io_lib:format("~w:~w", [Line, Column]);
                Line -> integer_to_list(Line)
            end,
    Quote = case proplists:get_bool(brief, Options) of
                true -> "";
                false -> quote(File, Location)
            end,
    io_lib:format("~ts:~ts: ~s~ts\n~ts", [File, Place, Prefix, Module:format_error(Reason), Quote]).

quote(File, {Line, Column}) ->
    maybe
        {ok, Bytes} ?= file:read_file(File),
        {ok, Source} ?= nth_line(binary:split(Bytes, <<"\n">>, [global]), Line),
        Chars = characters(Source, Bytes),
        Number = integer_to_list(Line),
        Width = max(4, length(Number)),
        Indent = [case C of $\t -> $\t; _ -> $\s end || C <- lists:sublist(Chars, Column - 1)],
        Missing = lists:duplicate(max(0, Column - 1 - length(Chars)), $\s),
        ["% ", string:pad(Number, Width, leading), "| ", Chars, "\n",
         "% ", lists:duplicate(Width, $\s), "| ", Indent, Missing, "^\n\n"]
    else
        _ -> ""
    end;
quote(File, Line) ->
    quote(File, {Line, 1}).

%% An empty part behind the last newline is no line.
nth_line([_], N) when N > 1 -> none;
nth_line([<<>>], 1) -> none;
nth_line([Line | _], 1) -> {ok, string:trim(Line, trailing, "\r")};
nth_line([_ | Lines], N) when N > 1 -> nth_line(Lines, N - 1);
nth_line(_, _) -> none.

characters(Line, File) ->
    Encoding = case epp:read_encoding_from_binary(File) of
                   none -> epp:default_encoding();
                   E -> E
               end,
    case unicode:characters_to_list(Line, Encoding) of
        Chars when is_list(Chars) -> Chars;
        _ -> binary_to_list(Line)
    end.

-doc "An exception with its stack trace.".
-spec exception(error | exit | throw, term(), [tuple()]) -> iolist().
exception(Class, Reason, Stack) ->
    erl_error:format_exception(Class, Reason, Stack, #{format_fun => fun(Term, _) -> io_lib:format("~tp", [Term]) end}).
