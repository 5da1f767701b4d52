-module(gerl_parsetools).
-moduledoc "What leex and yecc share: options, diagnostics, reading sources and the texts that stand before generated code.".
-export([settings/3, read/1, finish/4, prologue/3, file_attribute/3, with_extension/2, write/2, write/3, characters/1]).

-type settings() :: #{atom() => term()}.
-type located() :: {none | erl_anno:location(), module(), term()}.

%% Boolean options, and the shorter names that stand for two of them.
-define(SHORT, #{report => [report_errors, report_warnings], return => [return_errors, return_warnings]}).

-doc "Reads options into a map; Kinds says what values each takes: `boolean`, `text`, or a predicate. A wrong one is badarg.".
-spec settings(term(), [term()], #{atom() => {boolean | text | fun((term()) -> boolean()), term()}}) -> settings().
settings(Given, Environment, Kinds) ->
    Defaults = #{K => V || K := {_, V} <- Kinds},
    Own = case Given of
              [_ | _] -> _ = length(Given), Given;
              [] -> [];
              _ -> [Given]
          end,
    Checked = [pair(O, Kinds) || O <- Own],
    Known = [pair(O, Kinds) || O <- Environment, is_known(O, Kinds)],
    %% The last of equal options counts; those of the environment come after the caller's.
    lists:foldl(fun({K, V}, Map) -> maps:merge(Map, #{Each => V || Each <- maps:get(K, ?SHORT, [K])}) end,
                Defaults, Checked ++ Known).

is_known({K, _}, Kinds) -> is_map_key(K, Kinds) orelse is_map_key(K, ?SHORT);
is_known(K, Kinds) -> is_atom(K) andalso (is_map_key(K, ?SHORT) orelse is_flag(Kinds, K)).

is_flag(Kinds, K) ->
    case Kinds of
        #{K := {boolean, _}} -> true;
        _ -> false
    end.

pair({K, V}, Kinds) ->
    Fits = case Kinds of
               #{K := {boolean, _}} -> is_boolean(V);
               #{K := {text, _}} -> io_lib:deep_char_list(V) orelse is_atom(V);
               #{K := {Test, _}} -> Test(V);
               _ -> is_map_key(K, ?SHORT) andalso is_boolean(V)
           end,
    case Fits of
        true -> {K, V};
        false -> error(badarg)
    end;
pair(K, Kinds) ->
    case is_known(K, Kinds) of
        true -> {K, true};
        false -> error(badarg)
    end.

-doc "The characters of a source file, in the encoding that it names, UTF-8 without one.".
-spec read(file:filename()) -> {ok, string()} | {error, {none | pos_integer(), term()}}.
read(File) ->
    case file:read_file(File) of
        {error, Reason} -> {error, {none, {file_error, Reason}}};
        {ok, Bytes} -> characters(Bytes)
    end.

-doc "Decodes the bytes of a source file; the error names the line that does not fit the encoding.".
-spec characters(binary()) -> {ok, string()} | {error, {pos_integer(), cannot_parse}}.
characters(Bytes) ->
    Encoding = case epp:read_encoding_from_binary(Bytes) of
                   none -> epp:default_encoding();
                   Named -> Named
               end,
    case unicode:characters_to_list(Bytes, Encoding) of
        Text when is_list(Text) -> {ok, Text};
        {_, Good, _} -> {error, {1 + length([C || C <- Good, C =:= $\n]), cannot_parse}}
    end.

-doc "Writes text as UTF-8.".
-spec write(file:filename(), iodata() | unicode:chardata()) -> ok | {error, term()}.
write(File, Text) -> write(File, Text, utf8).

-doc "Writes text in an encoding; characters that it lacks become escapes of strings.".
-spec write(file:filename(), unicode:chardata(), none | utf8 | latin1) -> ok | {error, term()}.
write(File, Text, latin1) ->
    Bytes = [case C of
                 _ when C > 255 -> io_lib:format("\\x{~.16B}", [C]);
                 _ -> C
             end || C <- unicode:characters_to_list(Text)],
    file:write_file(File, Bytes);
write(File, Text, _) -> file:write_file(File, unicode:characters_to_binary(Text)).

-doc """
Reports what was found as the settings ask, and gives the result of `file/2`. Outcome is `{ok, Output}`, when
there may be warnings only, or `error`; each diagnostic comes with the file that it is about.
""".
-spec finish({ok, file:filename()} | error, [{string(), located()}], [{string(), located()}], settings()) ->
          {ok, file:filename()} | {ok, file:filename(), list()} | error | {error, list(), list()}.
finish(Outcome, Errors, Warnings, Settings) ->
    case Settings of
        #{report_errors := true} -> [print(E, "") || E <- Errors];
        _ -> ok
    end,
    Strict = maps:get(warnings_as_errors, Settings),
    case Settings of
        #{report_errors := true} when Strict -> [print(W, "") || W <- Warnings];
        #{report_warnings := true} when Strict -> [print(W, "") || W <- Warnings];
        #{report_warnings := true} -> [print(W, "Warning: ") || W <- Warnings];
        _ -> ok
    end,
    case {Outcome, Settings} of
        {{ok, File}, #{return_warnings := true}} -> {ok, File, by_file(Warnings)};
        {{ok, File}, _} -> {ok, File};
        {error, #{return_errors := true}} -> {error, by_file(Errors), by_file(Warnings)};
        {error, _} -> error
    end.

by_file(List) ->
    [{File, [D || {F, D} <- List, F =:= File]} || File <- lists:uniq([F || {F, _} <- List])].

print({File, {Where, Module, Reason}}, Kind) ->
    Place = case Where of
                none -> "";
                {Line, Column} -> io_lib:format("~w:~w:", [Line, Column]);
                Line -> io_lib:format("~w:", [Line])
            end,
    io:put_chars(io_lib:format("~ts:~ts ~ts~ts\n", [File, Place, Kind, Module:format_error(Reason)])).

-doc "The text that comes before generated code: the file that the caller names, or the library's own header.".
-spec prologue(file:filename() | [], string(), boolean()) ->
          {ok, file:filename(), string()} | {error, file:filename(), {none | pos_integer(), term()}}.
prologue([], Name, _) ->
    {ok, Bytes} = gerl_compile:header("parsetools/include/" ++ Name),
    {ok, Text} = characters(Bytes),
    {ok, filename:join([code:lib_dir(), "parsetools", "include", Name]), Text};
prologue(Own, _, _) ->
    File = with_extension(Own, ".hrl"),
    case read(File) of
        {ok, Text} -> {ok, File, Text};
        {error, Reason} -> {error, File, Reason}
    end.

-doc "The attribute that says where the lines after it come from.".
-spec file_attribute(file:filename(), integer(), settings()) -> iolist().
file_attribute(File, Line, Settings) ->
    Shown = case Settings of
                #{deterministic := true} -> filename:basename(File);
                _ -> File
            end,
    ["-file(", io_lib:write_string(lists:flatten(Shown)), io_lib:format(", ~w).\n", [Line])].

-doc "A file name with its extension, which may be there already.".
-spec with_extension(file:filename() | atom(), string()) -> file:filename().
with_extension(Name0, Extension) ->
    Name = case Name0 of
               _ when is_atom(Name0) -> atom_to_list(Name0);
               _ -> lists:flatten(Name0)
           end,
    case filename:extension(Name) of
        Extension -> Name;
        _ -> Name ++ Extension
    end.
