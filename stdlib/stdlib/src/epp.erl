-module(epp).
-moduledoc "The preprocessor. Preprocessing and parsing are done in Go (gerl_text), for whole files at a time.".

-export([parse_file/1, parse_file/2, parse_file/3, scan_file/1, scan_file/2, open/1, open/2, open/3, close/1, parse_erl_form/1,
         scan_erl_form/1, macro_defs/1]).
-export([default_encoding/0, encoding_to_string/1, read_encoding/1, read_encoding/2, set_encoding/1, set_encoding/2,
         read_encoding_from_binary/1, read_encoding_from_binary/2]).
-export([format_error/1, interpret_file_attribute/1, normalize_typed_record_fields/1,
         restore_typed_record_fields/1]).

-export_type([source_encoding/0, epp_handle/0, macros/0]).

-type macros() :: [atom() | {atom(), term()} | {atom(), term(), redefine}].
-type epp_handle() :: pid().
-type source_encoding() :: latin1 | utf8.

%% What an open file's process knows: how the file was opened, how many results have been asked for, and the
%% results to come, in one of two forms: parsed, or as tokens.
-record(epp, {name, settings, done = 0, forms = unknown, tokens = unknown}).

-doc "Opens a file.".
-spec open([tuple() | atom()]) -> {ok, epp_handle()} | {ok, epp_handle(), [tuple()]} | {error, term()}.
open(Options) ->
    case proplists:get_value(name, Options) of
        undefined -> error(badarg, [Options]);
        Name -> open_file(chars(Name), Options)
    end.

-doc "Opens a file with an include path.".
-spec open(file:name(), [file:name()]) -> {ok, epp_handle()} | {error, term()}.
open(Name, Path) -> open(Name, Path, []).

-doc "Opens a file with an include path and macros.".
-spec open(file:name(), [file:name()], macros()) -> {ok, epp_handle()} | {error, term()}.
open(Name, Path, Macros) -> open([{name, Name}, {includes, Path}, {macros, Macros}]).

open_file(Name, Options) ->
    maybe
        {ok, Settings0} ?= settings(Options),
        {ok, Text} ?= text(Name, proplists:get_value(fd, Options)),
        Settings = [{text, Text} | Settings0],
        {ok, Forms, Encoding, _} ?= gerl_text:parse_file(Name, Settings),
        Pid = spawn_link(fun() -> serve(#epp{name = Name, settings = Settings, forms = Forms}) end),
        case proplists:get_bool(extra, Options) of
            true -> {ok, Pid, [{encoding, Encoding}]};
            false -> {ok, Pid}
        end
    end.

text(Name, undefined) -> file:read_file(Name);
text(_, Fd) ->
    case io:getopts(Fd) of
        Known when is_list(Known) ->
            _ = io:setopts(Fd, [{encoding, latin1}]),
            {ok, iolist_to_binary(rest(Fd))};
        _ -> {ok, iolist_to_binary(raw_rest(Fd))}
    end.

rest(Fd) ->
    case io:get_chars(Fd, '', 8192) of
        Chars when is_list(Chars); is_binary(Chars) -> [Chars | rest(Fd)];
        _ -> []
    end.

raw_rest(Fd) ->
    case file:read(Fd, 65536) of
        {ok, Data} -> [Data | raw_rest(Fd)];
        _ -> []
    end.

serve(#epp{done = Done} = State) ->
    receive
        {From, Ref, parse} ->
            #epp{forms = Forms} = S = parsed(State),
            {Answer, Rest} = next(Forms),
            From ! {Ref, Answer},
            serve(S#epp{forms = Rest, tokens = drop(S#epp.tokens), done = Done + 1});
        {From, Ref, scan} ->
            #epp{tokens = Events} = S = scanned(State),
            From ! {Ref, hd(Events)},
            serve(S#epp{tokens = drop(Events), forms = drop(S#epp.forms), done = Done + 1});
        {From, Ref, macro_defs} ->
            {ok, Definitions} = gerl_text:macro_defs(State#epp.name, State#epp.settings, Done),
            From ! {Ref, Definitions},
            serve(State);
        {From, Ref, close} ->
            unlink(From),
            From ! {Ref, ok}
    end.

parsed(#epp{forms = Forms} = State) when is_list(Forms) -> State.

scanned(#epp{tokens = unknown, name = Name, settings = Settings, done = Done} = State) ->
    {ok, Events, _} = gerl_text:preprocess(Name, Settings),
    State#epp{tokens = lists:nthtail(min(Done, length(Events) - 1), Events)};
scanned(State) -> State.

%% The end stays.
drop([_, _ | _] = Events) -> tl(Events);
drop(Events) -> Events.

next([{eof, _} = Eof]) -> {Eof, [Eof]};
next([{Kind, _} = Info | Forms]) when Kind =:= error; Kind =:= warning -> {Info, Forms};
next([Form | Forms]) -> {{ok, Form}, Forms}.

ask(Epp, Request) ->
    Ref = monitor(process, Epp),
    Epp ! {self(), Ref, Request},
    receive
        {Ref, Answer} ->
            demonitor(Ref, [flush]),
            Answer;
        {'DOWN', Ref, process, _, Reason} ->
            exit(Reason)
    end.

-doc "Closes a file.".
-spec close(epp_handle()) -> ok.
close(Epp) -> ask(Epp, close).

-doc "The next form of a file.".
-spec parse_erl_form(epp_handle()) -> {ok, term()} | {error | warning, term()} | {eof, erl_anno:location()}.
parse_erl_form(Epp) -> ask(Epp, parse).

-doc "The tokens of the next form of a file, macros expanded.".
-spec scan_erl_form(epp_handle()) -> {ok, [term()]} | {error | warning, term()} | {eof, erl_anno:location()}.
scan_erl_form(Epp) -> ask(Epp, scan).

-doc "The macros that are defined at this point of a file.".
-spec macro_defs(epp_handle()) -> [{{atom, atom()}, term()}].
macro_defs(Epp) -> ask(Epp, macro_defs).

-doc "All forms of an open file that are left.".
-spec parse_file(epp_handle()) -> [term()].
parse_file(Epp) ->
    case parse_erl_form(Epp) of
        {ok, Form} -> [Form | parse_file(Epp)];
        {eof, _} = Eof -> [Eof];
        Info -> [Info | parse_file(Epp)]
    end.

-doc "All forms of a file.".
-spec parse_file(file:name(), [term()]) -> {ok, [term()]} | {ok, [term()], [tuple()]} | {error, term()}.
parse_file(Name, Options) ->
    maybe
        {ok, Settings} ?= settings(Options),
        {ok, Forms, Encoding, Features} ?= gerl_text:parse_file(chars(Name), Settings),
        case proplists:get_bool(extra, Options) of
            true -> {ok, Forms, [{features, Features}, {encoding, Encoding}]};
            false -> {ok, Forms}
        end
    end.

-doc "All forms of a file, with an include path and macros.".
-spec parse_file(file:name(), [file:name()], macros()) -> {ok, [term()]} | {error, term()}.
parse_file(Name, Path, Macros) -> parse_file(Name, [{includes, Path}, {macros, Macros}]).

-doc "The tokens of all forms of an open file that are left.".
-spec scan_file(epp_handle()) -> [term()].
scan_file(Epp) ->
    case scan_erl_form(Epp) of
        {ok, Tokens} -> [Tokens | scan_file(Epp)];
        {eof, _} = Eof -> [Eof];
        Info -> [Info | scan_file(Epp)]
    end.

-doc "The tokens of all forms of a file, macros expanded.".
-spec scan_file(file:name(), [term()]) -> {ok, [term()], [tuple()]} | {error, term()}.
scan_file(Name, Options) ->
    maybe
        {ok, Settings} ?= settings(Options),
        {ok, Events, Encoding} ?= gerl_text:preprocess(chars(Name), Settings),
        {ok, [case E of {ok, Tokens} -> Tokens; _ -> E end || E <- Events], [{encoding, Encoding}]}
    end.

settings(Options) ->
    case macros(proplists:get_value(macros, Options, []), []) of
        {ok, Macros} -> {ok, [{macros, Macros} | [{Key, usable(Key, V)} || {Key, V} <- Options, is_option(Key)]] ++ switched(Options)};
        Error -> Error
    end.

usable(includes, Dirs) -> [chars(D) || D <- Dirs, is_list(D) orelse is_atom(D) orelse is_binary(D)];
usable(source_name, Name) -> chars(Name);
usable(_, V) -> V.

%% Features that the node was started with hold unless the options say otherwise.
switched(Options) ->
    case proplists:is_defined(features, Options) of
        true -> [];
        false ->
            case [list_to_atom([$- | atom_to_list(F)]) || F <- [maybe_expr], not lists:member(F, erl_features:enabled())] ++
                 [F || F <- erl_features:enabled(), F =/= maybe_expr] of
                [] -> [];
                Features -> [{features, Features}]
            end
    end.

is_option(Key) ->
    lists:member(Key, [includes, features, source_name, location, default_encoding, deterministic]).

chars(Name) when is_atom(Name) -> atom_to_list(Name);
chars(Name) when is_binary(Name) -> unicode:characters_to_list(Name);
chars(Name) -> lists:flatten(Name).

%% The values of macros as text; names that are taken are errors.
macros([{Name, Value, redefine} | Macros], Done) when is_atom(Name) ->
    macros(Macros, [{Name, source(Value), redefine} | Done]);
macros([{Name, Value} | Macros], Done) when is_atom(Name) ->
    case is_predefined(Name) of
        true -> {error, {redefine_predef, Name}};
        false ->
            case lists:keymember(Name, 1, Done) of
                true -> {error, {redefine, Name}};
                false -> macros(Macros, [{Name, source(Value)} | Done])
            end
    end;
macros([Name | Macros], Done) when is_atom(Name) ->
    macros([{Name, true} | Macros], Done);
macros([Other | _], _) ->
    {error, {bad, Other}};
macros([], Done) ->
    {ok, lists:reverse(Done)}.

source(Value) -> lists:flatten(io_lib:format("~tw", [Value])).

is_predefined(Name) ->
    lists:member(Name, ['FILE', 'LINE', 'MODULE', 'MODULE_STRING', 'BASE_MODULE', 'BASE_MODULE_STRING', 'MACHINE',
                        'BEAM', 'OTP_RELEASE', 'FUNCTION_NAME', 'FUNCTION_ARITY']).

-doc "The encoding of source files that do not name one.".
-spec default_encoding() -> source_encoding().
default_encoding() -> utf8.

-doc "The comment that names an encoding.".
-spec encoding_to_string(source_encoding()) -> string().
encoding_to_string(latin1) -> "coding: latin-1";
encoding_to_string(utf8) -> "coding: utf-8".

-doc "The encoding that a file names.".
-spec read_encoding(file:name()) -> source_encoding() | none.
read_encoding(Name) -> read_encoding(Name, []).

-doc "The encoding that a file names.".
-spec read_encoding(file:name(), [{in_comment_only, boolean()}]) -> source_encoding() | none.
read_encoding(Name, Options) ->
    case file:read_file(Name) of
        {ok, Text} -> read_encoding_from_binary(Text, Options);
        {error, _} -> none
    end.

-doc "Sets the encoding of an open file to what it names, or to the default.".
-spec set_encoding(io:device()) -> source_encoding() | none.
set_encoding(File) -> set_encoding(File, default_encoding()).

-doc "Sets the encoding of an open file to what it names, or to the given one.".
-spec set_encoding(io:device(), source_encoding()) -> source_encoding() | none.
set_encoding(File, Default) ->
    {ok, Start} = file:position(File, cur),
    ok = io:setopts(File, [{encoding, latin1}]),
    Encoding = case io:get_chars(File, '', 512) of
                   Chars when is_list(Chars); is_binary(Chars) -> read_encoding_from_binary(iolist_to_binary(Chars));
                   _ -> none
               end,
    {ok, _} = file:position(File, Start),
    ok = io:setopts(File, [{encoding, case Encoding of none -> Default; _ -> Encoding end}]),
    Encoding.

-doc "The encoding that a text names in its first two lines.".
-spec read_encoding_from_binary(binary()) -> source_encoding() | none.
read_encoding_from_binary(Text) when is_binary(Text) -> read_encoding_from_binary(Text, []).

-doc "The encoding that a text names in its first two lines.".
-spec read_encoding_from_binary(binary(), [{in_comment_only, boolean()}]) -> source_encoding() | none.
read_encoding_from_binary(Text, Options) when is_binary(Text) ->
    InComment = proplists:get_value(in_comment_only, Options, true),
    Start = binary:part(Text, 0, min(512, byte_size(Text))),
    Lines = lists:sublist(binary:split(Start, <<"\n">>, [global]), 2),
    first_encoding([comment(Line, InComment) || Line <- Lines]).

comment(Line, false) ->
    Line;
comment(Line, true) ->
    case binary:split(Line, <<"%">>) of
        [_, Comment] -> Comment;
        [_] -> <<>>
    end.

first_encoding([Text | Texts]) ->
    case binary:split(Text, <<"coding">>) of
        [_, Rest] ->
            case separator(Rest) of
                {found, Name} -> named(string:lowercase(Name));
                none -> first_encoding([Rest | Texts])
            end;
        [_] -> first_encoding(Texts)
    end;
first_encoding([]) ->
    none.

separator(<<" ", Rest/binary>>) -> separator(Rest);
separator(<<C, Rest/binary>>) when C =:= $:; C =:= $= -> {found, skip_spaces(Rest)};
separator(_) -> none.

skip_spaces(<<" ", Rest/binary>>) -> skip_spaces(Rest);
skip_spaces(Text) -> Text.

named(<<"latin-1", Rest/binary>>) -> ends(Rest, latin1);
named(<<"utf-8", Rest/binary>>) -> ends(Rest, utf8);
named(_) -> none.

ends(<<C, _/binary>>, _) when C >= $a, C =< $z; C >= $0, C =< $9 -> none;
ends(_, Encoding) -> Encoding.

-doc "Forms whose lines count in the file itself, not as the -file attributes of its author say.".
-spec interpret_file_attribute([term()]) -> [term()].
interpret_file_attribute(Forms) ->
    {New, _} = lists:mapfoldl(fun count_in_file/2, {0, []}, Forms),
    lists:append(New).

%% The state is how far lines are off, and the files being read, innermost first.
count_in_file({attribute, Anno, file, {File, Line}} = Form, {Off, Files}) ->
    case {erl_anno:generated(Anno), Files} of
        {true, _} -> {[], {Off + erl_anno:line(Anno) - Line, Files}};
        {false, [_, File | Outer]} -> {[Form], {0, [File | Outer]}};
        {false, _} -> {[Form], {0, [File | Files]}}
    end;
count_in_file(Form, {Off, _} = State) ->
    {[erl_parse:map_anno(fun(Anno) -> erl_anno:set_line(erl_anno:line(Anno) + Off, Anno) end, Form)], State}.

-doc false.
-spec normalize_typed_record_fields([term()]) -> {typed, [term()]} | not_typed.
normalize_typed_record_fields(Fields) ->
    case Fields =:= [] orelse lists:keymember(typed_record_field, 1, Fields) of
        true -> {typed, lists:map(fun untyped/1, Fields)};
        false -> not_typed
    end.

untyped(Field) when element(1, Field) =:= typed_record_field -> element(2, Field);
untyped(Field) -> Field.

-doc false.
-spec restore_typed_record_fields([term()]) -> [term()].
restore_typed_record_fields(Forms) ->
    Typed = maps:from_list([{Name, Fields} || {attribute, _, type, {{record, Name}, Fields, []}} <- Forms]),
    lists:flatmap(fun(Form) -> restore(Form, Typed) end, Forms).

restore({attribute, Anno, record, {Name, Fields}}, Typed) ->
    [{attribute, Anno, record, {Name, maps:get(Name, Typed, Fields)}}];
restore({attribute, _, type, {{record, _}, _, []}}, _) ->
    [];
restore(Form, _) ->
    [Form].

-doc "The message for an error descriptor.".
-spec format_error(term()) -> io_lib:chars().
format_error({text, Message}) ->
    Message;
format_error(Descriptor) ->
    [Kind | Parts] = if is_tuple(Descriptor) -> tuple_to_list(Descriptor);
                        true -> [Descriptor]
                     end,
    case wording(Kind, Parts) of
        unknown -> file:format_error(Descriptor);
        {Format, Shown} -> io_lib:format(Format, Shown);
        Format -> io_lib:format(Format, Parts)
    end.

%% How a kind of error is worded: a format for its parts, or with what to show instead of them.
wording(Doc, [invalid, Other]) when Doc =:= doc; Doc =:= moduledoc ->
    {"invalid ~s tag, only ~s allowed", [Doc, Other]};
wording(Doc, [What, Name]) when Doc =:= doc; Doc =:= moduledoc ->
    {"can't find ~s ~s \"~ts\"", [Doc, What, Name]};
wording(Kind, [Name, none]) when Kind =:= undefined; Kind =:= circular ->
    {"~s macro '~ts'", [Kind, Name]};
wording(Kind, [Name, Arity]) when Kind =:= undefined; Kind =:= circular ->
    {"~s macro '~ts/~p'", [Kind, Name, Arity]};
wording(Kind, Parts) ->
    Wordings = #{{bad, 1} => "badly formed '~s'",
                 {call, 1} => "illegal macro call '~ts'",
                 {arg_error, 1} => "badly formed argument for macro '~ts'",
                 {mismatch, 1} => "argument mismatch for macro '~ts'",
                 {duplicated_argument, 1} => "argument '~ts' already used",
                 {redefine, 1} => "redefining macro '~ts'",
                 {redefine_predef, 1} => "redefining predefined macro '~s'",
                 {include, 2} => "can't find include ~s \"~ts\"",
                 {depth, 1} => "~s too deep",
                 {illegal, 2} => "~s '-~s'",
                 {illegal_function, 1} => "?~s can only be used within a function",
                 {illegal_function_usage, 1} => "?~s must not begin a form",
                 {error, 1} => "-error(~tp).",
                 {warning, 1} => "-warning(~tp).",
                 {missing_comma, 0} => "badly formed define: missing comma",
                 {missing_parenthesis, 0} => "badly formed define: missing closing right parenthesis",
                 {premature_end, 0} => "premature end",
                 {elif_after_else, 0} => "'elif' following 'else'",
                 {cannot_parse, 0} => "cannot parse file, giving up",
                 {ftr_after_prefix, 0} => "feature directive not allowed after exports or record definitions"},
    maps:get({Kind, length(Parts)}, Wordings, unknown).
