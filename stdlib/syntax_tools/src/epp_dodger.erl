-module(epp_dodger).
-moduledoc """
Source files as syntax trees without preprocessing.

Macro calls, definitions and other directives become nodes of erl_syntax. Before parsing, a macro call is written in
tokens that the parser knows: `?Name` becomes an atom, `?Name(...)` a tuple that starts with one. Afterwards these atoms and
tuples become macro nodes.

The `quick_` functions leave directives out, and replace macro calls by atoms.
""".

-export([parse_file/1, parse_file/2, quick_parse_file/1, quick_parse_file/2, parse/1, parse/2, parse/3, quick_parse/1, quick_parse/2,
         quick_parse/3, parse_form/2, parse_form/3, quick_parse_form/2, quick_parse_form/3, tokens_to_string/1, format_error/1]).

-type errorinfo() :: erl_scan:error_info().
-type option() :: atom() | {atom(), term()}.
-type form_result() :: {ok, erl_syntax:forms(), erl_anno:location()} | {eof, erl_anno:location()} | {error, errorinfo(), erl_anno:location()}.

%% The atoms that stand for macros between rewriting and parsing start like this.
-define(MARK, "?,").
-define(CALL, "?,(").

-doc "The same as `parse_file(File, [])`.".
-spec parse_file(file:filename()) -> {ok, erl_syntax:forms()} | {error, errorinfo()}.
parse_file(File) -> parse_file(File, []).

-doc """
The forms of a file. A form that cannot be parsed is an error marker, or a `text` node with the option `no_fail`. With
the option `clever`, `++` is put between strings and macros that follow each other.
""".
-spec parse_file(file:filename(), [option()]) -> {ok, erl_syntax:forms()} | {error, errorinfo()}.
parse_file(File, Options) -> with_file(File, Options, fun parse/3).

-doc "The same as `quick_parse_file(File, [])`.".
-spec quick_parse_file(file:filename()) -> {ok, erl_syntax:forms()} | {error, errorinfo()}.
quick_parse_file(File) -> quick_parse_file(File, []).

-doc "The forms of a file without directives, and with atoms instead of macro calls. `no_fail` is on by default.".
-spec quick_parse_file(file:filename(), [option()]) -> {ok, erl_syntax:forms()} | {error, errorinfo()}.
quick_parse_file(File, Options) -> with_file(File, Options ++ [no_fail], fun quick_parse/3).

with_file(File, Options, Parse) ->
    case file:open(File, [read]) of
        {ok, Device} ->
            try
                _ = epp:set_encoding(Device),
                Parse(Device, proplists:get_value(location, Options, 1), Options)
            after
                file:close(Device)
            end;
        {error, Reason} -> {error, {0, file, Reason}}
    end.

-doc "The same as `parse(Device, 1)`.".
-spec parse(file:io_device()) -> {ok, erl_syntax:forms()}.
parse(Device) -> parse(Device, 1).

-doc "The same as `parse(Device, Location, [])`.".
-spec parse(file:io_device(), erl_anno:location()) -> {ok, erl_syntax:forms()}.
parse(Device, Location) -> parse(Device, Location, []).

-doc "Like `parse_file/2`, from a device, whose text starts at a location.".
-spec parse(file:io_device(), erl_anno:location(), [option()]) -> {ok, erl_syntax:forms()}.
parse(Device, Location, Options) -> {ok, forms(fun normal/2, Device, Location, Options)}.

-doc "The same as `quick_parse(Device, 1)`.".
-spec quick_parse(file:io_device()) -> {ok, erl_syntax:forms()}.
quick_parse(Device) -> quick_parse(Device, 1).

-doc "The same as `quick_parse(Device, Location, [])`.".
-spec quick_parse(file:io_device(), erl_anno:location()) -> {ok, erl_syntax:forms()}.
quick_parse(Device, Location) -> quick_parse(Device, Location, []).

-doc "Like `quick_parse_file/2`, from a device, whose text starts at a location.".
-spec quick_parse(file:io_device(), erl_anno:location(), [option()]) -> {ok, erl_syntax:forms()}.
quick_parse(Device, Location, Options) -> {ok, forms(fun quick/2, Device, Location, Options)}.

forms(Parse, Device, Location, Options) ->
    case form(Device, Location, Options, Parse) of
        {ok, none, Next} -> forms(Parse, Device, Next, Options);
        {ok, Form, Next} -> [Form | forms(Parse, Device, Next, Options)];
        {error, Info, Next} -> [marker(Info) | forms(Parse, Device, Next, Options)];
        {eof, _} -> []
    end.

marker({_, ?MODULE, _} = Info) -> erl_syntax:error_marker(Info);
marker(Info) -> {error, Info}.

-doc "The same as `parse_form(Device, Location, [])`.".
-spec parse_form(file:io_device(), erl_anno:location()) -> form_result().
parse_form(Device, Location) -> parse_form(Device, Location, []).

-doc "One form from a device, and the location behind it.".
-spec parse_form(file:io_device(), erl_anno:location(), [option()]) -> form_result().
parse_form(Device, Location, Options) -> form(Device, Location, Options, fun normal/2).

-doc "The same as `quick_parse_form(Device, Location, [])`.".
-spec quick_parse_form(file:io_device(), erl_anno:location()) -> form_result().
quick_parse_form(Device, Location) -> quick_parse_form(Device, Location, []).

-doc "One form from a device in the quick way; `none` for a directive.".
-spec quick_parse_form(file:io_device(), erl_anno:location(), [option()]) -> form_result().
quick_parse_form(Device, Location, Options) -> form(Device, Location, Options, fun quick/2).

form(Device, Location, Options, Parse) ->
    case io:scan_erl_form(Device, "", Location) of
        {ok, Tokens, Next} ->
            try {ok, Parse(Tokens, Options), Next}
            catch
                throw:{failed, Info} ->
                    case proplists:get_bool(no_fail, Options) of
                        true -> {ok, erl_syntax:set_pos(erl_syntax:text(tokens_to_string(Tokens)), position(Tokens)), Next};
                        false -> {error, Info, Next}
                    end;
                throw:{reported, Info} -> {error, Info, Next}
            end;
        {error, Info, Next} -> {error, Info, Next};
        {error, _} -> {eof, Location}; % what cannot be read ends the text, as in OTP
        {eof, End} -> {eof, End}
    end.

position([Token | _]) -> erl_scan:location(Token);
position([]) -> 0.

%% The careful way.

normal([{'-', _}, {Symbol, _, Name} = Token | Rest] = Tokens, Options) when Symbol =:= atom ->
    directive(Name, Token, Rest, Tokens, Options);
normal([{'-', _}, {Keyword, Pos} | Rest] = Tokens, Options) when Keyword =:= 'if'; Keyword =:= 'else' ->
    directive(Keyword, {atom, Pos, Keyword}, Rest, Tokens, Options);
normal([{'-', Pos}, {'?', _} | _] = Tokens, Options) ->
    restore(parse_form([{'-', Pos} | as_name(tl(Tokens), Options)]));
normal([{'?', _} | _] = Tokens, Options) -> restore(parse_form(as_name(Tokens, Options)));
normal(Tokens, Options) -> restore(parse_form(rewrite(Tokens, Options))).

%% A macro that begins a form stands for a name: parentheses behind it are not its own.
as_name([{'?', Pos}, Name | Rest], Options) -> [{atom, Pos, mark(?MARK, Name)} | rewrite(Rest, Options)].

directive(define, Token, [{'(', _} | Rest], _, Options) -> definition(Token, Rest, Options);
directive(Name, Token, Rest, Tokens, Options)
  when Name =:= undef; Name =:= ifdef; Name =:= ifndef; Name =:= 'if'; Name =:= elif; Name =:= 'else'; Name =:= endif;
       Name =:= include; Name =:= include_lib ->
    case Rest of
        [{dot, _}] -> attribute(Token, none);
        [{'(', _} | Inside] -> attribute(Token, [restore(E) || E <- parse_exprs(rewrite(arguments(Inside), Options))]);
        _ -> restore(parse_form(rewrite(Tokens, Options)))
    end;
directive(Name, Token, [{'(', _} | _], Tokens, _) when Name =:= error; Name =:= warning ->
    Text = string:trim(tokens_to_string(lists:droplast(tl(Tokens))), trailing),
    throw({reported, {erl_scan:location(Token), ?MODULE, {Name, "-" ++ Text ++ "."}}});
directive(spec, _, [{'?', _} | _], Tokens, Options) -> specification(Tokens, Options);
directive(_, _, _, Tokens, Options) -> restore(parse_form(rewrite(Tokens, Options))).

specification([Minus, Spec, {'?', Pos}, Name | Rest], Options) ->
    restore(parse_form([Minus, Spec, {atom, Pos, mark(?MARK, Name)} | rewrite(Rest, Options)])).

attribute({atom, Pos, Name}, Arguments) ->
    erl_syntax:set_pos(erl_syntax:attribute(at(Pos, erl_syntax:atom(Name)), Arguments), Pos).

at(Pos, Node) -> erl_syntax:set_pos(Node, Pos).

%% What stands before the last parenthesis and the dot.
arguments(Tokens) ->
    case lists:reverse(Tokens) of
        [{dot, Pos}, {')', _} | Inside] -> lists:reverse(Inside, [{dot, Pos}]);
        _ -> Tokens
    end.

definition(Token, Tokens, Options) ->
    {Head, Rest} = head(Tokens, 0, []),
    Body = arguments(Rest),
    [Name] = parse_exprs(Head ++ [{dot, erl_scan:location(Token)}]),
    Text = fun() -> [at(element(2, Token), erl_syntax:text(tokens_to_string(lists:droplast(Body))))] end,
    Trees = try [restore(E) || E <- parse_exprs(rewrite(Body, Options))]
            catch throw:_ -> Text()
            end,
    attribute(Token, [restore(Name) | Trees]).

%% The tokens of a macro's name and parameters.
head([{',', _} | Rest], 0, Head) -> {lists:reverse(Head), Rest};
head([{'(', _} = T | Rest], N, Head) -> head(Rest, N + 1, [T | Head]);
head([{')', _} = T | Rest], N, Head) when N > 0 -> head(Rest, N - 1, [T | Head]);
head([{dot, Pos} | _], _, _) -> throw({failed, {erl_anno:location(Pos), erl_parse, ["bad attribute"]}});
head([T | Rest], N, Head) -> head(Rest, N, [T | Head]);
head([], _, _) -> throw({failed, {0, erl_parse, ["bad attribute"]}}).

parse_form(Tokens) ->
    case erl_parse:parse_form(Tokens) of
        {ok, Form} -> Form;
        {error, Info} -> throw({failed, Info})
    end.

parse_exprs(Tokens) ->
    case erl_parse:parse_exprs(Tokens) of
        {ok, Exprs} -> Exprs;
        {error, Info} -> throw({failed, Info})
    end.

%% Tokens with macro calls in a form that the parser takes.
rewrite(Tokens, Options) -> rewrite(Tokens, [], proplists:get_bool(clever, Options)).

rewrite([{'?', _}, {Kind, _, _}, {'(', _} | Rest] = Tokens, [{':', _} | _] = Done, Clever) when Kind =:= atom; Kind =:= var ->
    case inside(Rest, [], [')']) of
        {_, [{Next, _} | _]} when Next =:= '->'; Next =:= 'when'; Next =:= ':' -> call(Tokens, Done, Clever);
        _ -> simple(Tokens, Done, Clever) % a function's name
    end;
rewrite([{'?', _}, {Kind, _, _}, {'(', _} | _] = Tokens, Done, Clever) when Kind =:= atom; Kind =:= var -> call(Tokens, Done, Clever);
rewrite([{'?', Pos}, {Kind, _, _} = Name | Rest], Done, Clever) when Kind =:= atom; Kind =:= var ->
    next(Rest, [{atom, Pos, mark(?MARK, Name)} | glued(Done, Pos, Clever)], Clever);
rewrite([Token | Rest], Done, Clever) -> rewrite(Rest, [Token | Done], Clever);
rewrite([], Done, _) -> lists:reverse(Done).

call([{'?', Pos}, Name, _ | Rest] = Tokens, Done, Clever) ->
    case inside(Rest, [], [')']) of
        {Inside, After} ->
            Separator = [{',', Pos} || Inside =/= []],
            Call = [{'{', Pos}, {atom, Pos, mark(?CALL, Name)}] ++ Separator ++ rewrite(Inside, [], Clever) ++ [{'}', Pos}],
            next(After, lists:reverse(Call, glued(Done, Pos, Clever)), Clever);
        none -> simple(Tokens, Done, Clever)
    end.

simple([{'?', Pos}, Name | Rest], Done, Clever) -> rewrite(Rest, [{atom, Pos, mark(?MARK, Name)} | Done], Clever).

%% With `clever`, strings and macros side by side are concatenated.
glued([{string, _, _} | _] = Done, Pos, true) -> [{'++', Pos} | Done];
glued(Done, _, _) -> Done.

next([{string, Pos, _} | _] = Rest, Done, true) -> rewrite(Rest, [{'++', Pos} | Done], true);
next(Rest, Done, Clever) -> rewrite(Rest, Done, Clever).

%% The tokens up to the bracket that closes, and those behind it.
inside([{Close, _} | Rest], Done, [Close]) -> {lists:reverse(Done), Rest};
inside([{Close, _} = T | Rest], Done, [Close | Open]) -> inside(Rest, [T | Done], Open);
inside([{fun_, _} = T | Rest], Done, Open) -> inside(Rest, [T | Done], Open);
inside([{'fun', _} = T, {'(', _} = P | Rest], Done, Open) -> inside(Rest, [P, T | Done], [')', 'end' | Open]);
inside([{'fun', _} = T, {var, _, _} = V, {'(', _} = P | Rest], Done, Open) -> inside(Rest, [P, V, T | Done], [')', 'end' | Open]);
inside([{Token, _} = T | Rest], Done, Open) ->
    case closing(Token) of
        none when Token =:= ')'; Token =:= ']'; Token =:= '}'; Token =:= '>>'; Token =:= 'end'; Token =:= dot -> none;
        none -> inside(Rest, [T | Done], Open);
        Close -> inside(Rest, [T | Done], [Close | Open])
    end;
inside([T | Rest], Done, Open) -> inside(Rest, [T | Done], Open);
inside([], _, _) -> none.

closing('(') -> ')';
closing('[') -> ']';
closing('{') -> '}';
closing('<<') -> '>>';
closing(Word) when Word =:= 'begin'; Word =:= 'case'; Word =:= 'if'; Word =:= 'receive'; Word =:= 'try'; Word =:= 'maybe' -> 'end';
closing(_) -> none.

mark(Prefix, {_, _, Name}) -> list_to_atom(Prefix ++ atom_to_list(Name));
mark(_, {Word, Pos}) -> throw({failed, {erl_anno:location(Pos), erl_parse, ["syntax error before: ", io_lib:write_atom_as_latin1(Word)]}});
mark(_, {_, Pos, _, _}) -> throw({failed, {erl_anno:location(Pos), erl_parse, ["syntax error before: ", "'?'"]}}).

%% The tree with macro nodes where marks are; a form without any stays as it is.
restore(Form) ->
    case has_mark(Form) of
        false -> Form;
        true -> unmark(Form)
    end.

has_mark(Term) when is_atom(Term) -> lists:prefix(?MARK, atom_to_list(Term));
has_mark([First | Rest]) -> has_mark(First) orelse has_mark(Rest);
has_mark(Term) when is_tuple(Term) -> has_mark(tuple_to_list(Term));
has_mark(_) -> false.

unmark(Node) ->
    case erl_syntax:type(Node) of
        atom ->
            case atom_to_list(erl_syntax:atom_value(Node)) of
                ?CALL ++ Name -> macro(Node, Name, []);
                ?MARK ++ Name -> macro(Node, Name, none);
                _ -> Node
            end;
        tuple -> called(Node, erl_syntax:tuple_elements(Node));
        tuple_type ->
            case erl_syntax:tuple_type_elements(Node) of
                any_size -> Node;
                Elements -> called(Node, Elements)
            end;
        _ -> below(Node)
    end.

called(Node, [First | Rest]) ->
    case erl_syntax:type(First) =:= atom andalso erl_syntax:atom_name(First) of
        ?CALL ++ Name -> macro(Node, Name, [unmark(A) || A <- Rest]);
        _ -> below(Node)
    end;
called(Node, []) -> Node.

below(Node) ->
    case erl_syntax:subtrees(Node) of
        [] -> Node;
        Groups -> erl_syntax:update_tree(Node, [[unmark(T) || T <- Group] || Group <- Groups])
    end.

macro(Node, [C | _] = Name, Arguments) ->
    Pos = erl_syntax:get_pos(Node),
    Inner = case C =:= $_ orelse string:uppercase([C]) =:= [C] andalso string:lowercase([C]) =/= [C] of
                true -> erl_syntax:variable(Name);
                false -> erl_syntax:atom(Name)
            end,
    erl_syntax:copy_attrs(Node, at(Pos, erl_syntax:macro(at(Pos, Inner), Arguments))).

%% The quick way.

quick([{'-', _}, {atom, _, Name} | _], _)
  when Name =:= define; Name =:= undef; Name =:= ifdef; Name =:= ifndef; Name =:= elif; Name =:= endif; Name =:= include;
       Name =:= include_lib -> none;
quick([{'-', _}, {Keyword, _} | _], _) when Keyword =:= 'if'; Keyword =:= 'else' -> none;
quick(Tokens, _) -> parse_form(flatten(Tokens, true, [])).

%% Macro calls become atoms, together with their arguments unless they begin the form. Next to strings they become
%% part of these.
flatten([{'?', Pos}, {Kind, _, _} = Name | Rest], First, Done) when Kind =:= atom; Kind =:= var ->
    After = case Rest of
                [{'(', _} | Inside] when not First, Done =:= [] orelse element(1, hd(Done)) =/= ':' ->
                    case inside(Inside, [], [')']) of
                        {_, Behind} -> Behind;
                        none -> Rest
                    end;
                _ -> Rest
            end,
    Text = "?" ++ atom_to_list(element(3, Name)),
    case {Done, After} of
        {[{string, At, Before} | Others], _} -> flatten(After, false, [{string, At, Before ++ "(" ++ Text ++ ")"} | Others]);
        {_, [{string, _, Behind1} | More]} -> flatten([{string, Pos, "(" ++ Text ++ ")" ++ Behind1} | More], false, Done);
        _ -> flatten(After, false, [{atom, Pos, list_to_atom(Text)} | Done])
    end;
flatten([{'-', _} = Minus | Rest], true, Done) -> flatten(Rest, true, [Minus | Done]);
flatten([Token | Rest], _, Done) -> flatten(Rest, false, [Token | Done]);
flatten([], _, Done) -> lists:reverse(Done).

%% Text.

-doc "A text with the given tokens, with a space behind each.".
-spec tokens_to_string([term()]) -> string().
tokens_to_string([Token | Tokens]) -> token(Token) ++ tokens_to_string(Tokens);
tokens_to_string([]) -> [].

token({dot, _}) -> ".\n";
token({atom, _, Name}) -> io_lib:write_atom(Name) ++ " ";
token({string, _, Text}) -> io_lib:write_string(Text) ++ " ";
token({char, _, C}) -> io_lib:write_char(C) ++ " ";
token({float, _, F}) -> float_to_list(F) ++ " ";
token({integer, _, N}) -> integer_to_list(N) ++ " ";
token({var, _, Name}) -> atom_to_list(Name) ++ " ";
token({_, _, Name}) when is_atom(Name) -> atom_to_list(Name) ++ " ";
token({Symbol, _}) -> atom_to_list(Symbol) ++ " ".

-doc false.
-spec format_error(term()) -> string().
format_error(macro_args) -> "macro call is missing an end parenthesis; close it";
format_error({error, Text}) -> Text;
format_error({warning, Text}) -> Text;
format_error({unknown, Term}) -> lists:flatten(io_lib:format("unknown error: ~tp", [Term])).
