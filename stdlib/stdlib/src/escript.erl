-module(escript).
-moduledoc """
Scripts: running them, making and taking apart their files.

A script file has up to three lines of head - the line for the shell that starts it, a comment, and flags of the emulator behind `%%!` -
and a body: source text, a compiled module, or an archive of applications. The program has read the file and loaded what is in it before
this module is called.
""".

-export([script_name/0, create/2, extract/2]).
%% Called by init
-export([start/0, start/1]).

-define(SHEBANG, "/usr/bin/env escript").
-define(COMMENT, "This is an -*- erlang -*- file").

-type text_or_default() :: undefined | default | string().
-type section() :: shebang | comment | {shebang, text_or_default()} | {comment, text_or_default()} | {emu_args, undefined | string()}
                 | {source, file:filename() | binary()} | {beam, file:filename() | binary()}
                 | {archive, file:filename() | binary()} | {archive, [term()], [term()]}.
-export_type([section/0]).

-doc "The name of the running script as it was called.".
-spec script_name() -> string().
script_name() ->
    [Name | _] = init:get_plain_arguments(),
    Name.

%%% ---- running -------------------------------------------------------------------------------------

-doc false.
start() -> start([]).

%% The module is loaded, or the script's text is to be compiled here: it has parse transforms.
-doc false.
start(["source", Head]) ->
    [Script | _] = init:get_plain_arguments(),
    Name = list_to_atom(lists:concat([filename:basename(Script), "__escript__", os:system_time(), "__", os:getpid()])),
    case gerl_program:compiled(Script, list_to_integer(Head), [{attribute, 1, module, Name}]) of
        {ok, Module} -> start([Module]);
        error ->
            gerl_program:complain("escript: There were compilation errors.\n"),
            gerl_program:stop(127)
    end;
start([Module]) when is_list(Module) -> start([list_to_atom(Module)]);
start([Module]) ->
    process_flag(trap_exit, false), % whoever started this one may trap
    [_Script | Args] = init:get_plain_arguments(),
    try
        run(Module, Args),
        gerl_program:stop(0)
    catch
        Class:Reason:Stack -> gerl_program:failed("escript", [], Class, Reason, Stack)
    end;
start(_) ->
    gerl_program:complain("escript: Missing filename\n"),
    gerl_program:stop(127).

run(Module, Args) ->
    case code:ensure_loaded(Module) of
        {module, _} -> ok;
        {error, _} -> ok        % the call tells
    end,
    Module:main(Args),
    ok.

%%% ---- making files ---------------------------------------------------------------------------------

-doc "Makes a script of its sections: writes it to a file, or gives its contents for the name `binary`.".
-spec create(file:filename() | binary, [section()]) -> ok | {ok, binary()} | {error, term()}.
create(File, Sections) when is_list(Sections) ->
    try build(Sections) of
        Contents when File =:= binary -> {ok, Contents};
        Contents ->
            case file:write_file(File, Contents) of
                ok -> ok;
                {error, Reason} -> {error, {Reason, File}}
            end
    catch
        throw:Reason -> {error, Reason}
    end;
create(_, Sections) -> {error, {badarg, Sections}}.

build(Sections) ->
    Parts = lists:foldl(fun section/2, #{}, Sections),
    Body = case Parts of
               #{body := B} -> B;
               #{} -> throw(missing_body)
           end,
    iolist_to_binary([maps:get(Part, Parts, "") || Part <- [shebang, comment, emu_args]] ++ [Body]).

section(shebang, Parts) -> section({shebang, default}, Parts);
section(comment, Parts) -> section({comment, default}, Parts);
section({Kind, undefined}, Parts) when Kind =:= shebang; Kind =:= comment; Kind =:= emu_args -> maps:remove(Kind, Parts);
section({shebang, default}, Parts) -> section({shebang, ?SHEBANG}, Parts);
section({comment, default}, Parts) -> section({comment, ?COMMENT}, Parts);
section({Kind, Text} = Section, Parts) when Kind =:= shebang; Kind =:= comment; Kind =:= emu_args ->
    io_lib:char_list(Text) orelse throw({badarg, Section}),
    Mark = case Kind of shebang -> "#!"; comment -> "%% "; emu_args -> "%%!" end,
    Parts#{Kind => unicode:characters_to_binary([Mark, Text, $\n])};
section({Kind, Contents}, Parts) when Kind =:= source; Kind =:= beam; Kind =:= archive ->
    Parts#{body => contents(Contents, {Kind, Contents})};
section({archive, Files, Options} = Section, Parts) when is_list(Files), is_list(Options) ->
    case zip:create("script.zip", Files, Options ++ [memory]) of
        {ok, {_, Zip}} -> Parts#{body => Zip};
        {error, Reason} -> throw({Reason, Section})
    end;
section(Section, _) -> throw({badarg, Section}).

contents(Bytes, _) when is_binary(Bytes) -> Bytes;
contents(File, Section) when is_list(File) ->
    case file:read_file(File) of
        {ok, Bytes} -> Bytes;
        {error, Reason} -> throw({Reason, Section})
    end;
contents(_, Section) -> throw({badarg, Section}).

%%% ---- taking files apart ----------------------------------------------------------------------------

-doc "The sections of a script file; with the option compile_source, source text comes compiled.".
-spec extract(file:filename(), [compile_source]) -> {ok, [section()]} | {error, term()}.
extract(File, Options) when is_list(File), is_list(Options) ->
    case [O || O <- Options, O =/= compile_source] of
        [] ->
            case file:read_file(File) of
                {ok, Bytes} ->
                    try {ok, sections(File, Bytes, Options)}
                    catch throw:Reason -> {error, Reason}
                    end;
                {error, Reason} -> {error, Reason}
            end;
        Bad -> {error, {badarg, Bad}}
    end.

%% What does not begin with a shebang has no head: all lines are the body.
sections(File, Bytes, Options) ->
    Kinds = [shebang, comment, emu_args],
    {Head, Body} = case Bytes of
                       <<"#!", _/binary>> -> head(Kinds, Bytes, []);
                       _ -> {[{Kind, undefined} || Kind <- Kinds], Bytes}
                   end,
    Head ++ [body(File, Bytes, Body, Options)].

%% The lines of the head that there are, in their order; the others are undefined.
head([Kind | Kinds], Bytes, Found) ->
    case split(Kind, Bytes) of
        {Text, Rest} -> head(Kinds, Rest, [{Kind, named(Kind, Text)} | Found]);
        none -> head(Kinds, Bytes, [{Kind, undefined} | Found])
    end;
head([], Body, Found) -> {lists:reverse(Found), Body}.

split(shebang, <<"#!", Rest/binary>>) -> line(Rest);
split(comment, <<"%%!", _/binary>>) -> none;
split(comment, <<"%", Rest/binary>>) ->
    {Text, More} = line(Rest),
    {string:trim(Text, leading, "% \t"), More};
split(emu_args, <<"%%!", Rest/binary>>) -> line(Rest);
split(_, _) -> none.

line(Bytes) ->
    [Line | Rest] = binary:split(Bytes, <<"\n">>),
    {string:trim(unicode:characters_to_list(Line), both, " \t\r"), iolist_to_binary(Rest)}.

named(shebang, ?SHEBANG) -> default;
named(comment, ?COMMENT) -> default;
named(_, Text) -> Text.

body(_, _, <<"PK", 3, 4, _/binary>> = Archive, _) -> {archive, Archive};
body(_, _, <<"FOR1", _/binary>> = Beam, _) -> {beam, Beam};
body(_, _, <<>>, _) -> throw(missing_body);
body(File, All, Source, Options) ->
    case lists:member(compile_source, Options) of
        false -> {source, Source};
        true -> {source, compiled(File, All, Source)}
    end.

compiled(File, All, Source) ->
    Before = binary:part(All, 0, byte_size(All) - byte_size(Source)),
    First = 1 + length(binary:matches(Before, <<"\n">>)),
    Forms0 = scanned(unicode:characters_to_list(Source), First, []),
    Forms = case lists:keymember(module, 3, [F || {attribute, _, _, _} = F <- Forms0]) of
                true -> Forms0;
                false -> [{attribute, 1, module, list_to_atom(filename:basename(File, ".escript"))},
                          {attribute, 1, export, [{main, 1}]} | Forms0]
            end,
    case compile:forms([{attribute, 1, file, {File, 1}} | Forms], [return_errors, debug_info]) of
        {ok, _, Beam} -> Beam;
        {ok, _, Beam, _} -> Beam;
        {error, Errors, Warnings} -> throw({compile, [{errors, told(Errors)}, {warnings, told(Warnings)}]})
    end.

scanned(Chars, Line, Forms) -> scanned([], Chars, Line, Forms).

scanned(Begun, Chars, Line, Forms) ->
    case erl_scan:tokens(Begun, Chars, Line) of
        {done, {ok, Tokens, Next}, Rest} ->
            case erl_parse:parse_form(Tokens) of
                {ok, Form} -> scanned([], Rest, Next, [Form | Forms]);
                {error, Info} -> throw({compile, [{errors, told([{"", [Info]}])}, {warnings, []}]})
            end;
        {more, More} -> scanned(More, eof, Line, Forms);
        {done, {eof, _}, _} -> lists:reverse(Forms);
        {done, {error, Info, _}, _} -> throw({compile, [{errors, told([{"", [Info]}])}, {warnings, []}]})
    end.

told(Found) ->
    [lists:flatten(io_lib:format("~ts:~w: ~ts", [File, Where, Module:format_error(Info)]))
     || {File, Infos} <- Found, {Where, Module, Info} <- Infos].
