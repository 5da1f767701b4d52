-module(erl_scan).
-moduledoc "The token scanner.

The scanning itself is done in Go (gerl_text). This module brings options and results into OTP's form and
does what calls back into Erlang: `reserved_word_fun` and `text_fun`.".

-export([string/1, string/2, string/3, tokens/3, tokens/4, continuation_location/1]).
-export([category/1, column/1, end_location/1, line/1, location/1, symbol/1, text/1]).
-export([reserved_word/1, f_reserved_word/1, format_error/1]).

-export_type([category/0, error_description/0, error_info/0, options/0, return_cont/0, symbol/0, token/0, tokens/0,
              tokens_result/0]).

-type category() :: atom().
-type symbol() :: atom() | float() | integer() | string().
-type token() :: {category(), erl_anno:anno(), symbol()} | {category(), erl_anno:anno()}.
-type tokens() :: [token()].
-type option() :: return | return_white_spaces | return_comments | text
                | {reserved_word_fun, fun((atom()) -> boolean())}
                | {text_fun, fun((atom(), string()) -> boolean())} | {compiler_internal, [term()]}.
-type options() :: option() | [option()].
-type error_description() :: term().
-type error_info() :: {erl_anno:location(), module(), error_description()}.
-type tokens_result() :: {ok, tokens(), erl_anno:location()} | {eof, erl_anno:location()}
                       | {error, error_info(), erl_anno:location()}.
-opaque return_cont() :: {erl_scan_continuation, string(), erl_anno:location(), [option()]}.

-doc "Scans a string from line 1 on.".
-spec string(string()) -> {ok, tokens(), erl_anno:location()} | {error, error_info(), erl_anno:location()}.
string(String) -> string(String, 1, []).

-doc "Scans a string that begins at the given location.".
-spec string(string(), erl_anno:location()) ->
          {ok, tokens(), erl_anno:location()} | {error, error_info(), erl_anno:location()}.
string(String, Start) -> string(String, Start, []).

-doc "Scans a string with options.".
-spec string(string(), erl_anno:location(), options()) ->
          {ok, tokens(), erl_anno:location()} | {error, error_info(), erl_anno:location()}.
string(String, Start, Options)
  when is_list(String), is_integer(Start);
       is_list(String), is_integer(element(1, Start)), is_integer(element(2, Start)), element(2, Start) > 0, tuple_size(Start) =:= 2 ->
    _ = erl_anno:new(Start),
    {Flags, Adapt} = options(Options),
    try gerl_text:scan(String, Start, Flags) of
        {ok, Tokens, End} -> {ok, adapt(Adapt, Tokens), End};
        Error -> Error
    catch
        error:badarg -> no_text(String)
    end.

-spec no_text(list()) -> no_return().
no_text([C | Rest]) when is_integer(C), C >= 0, C =< 16#10FFFF -> no_text(Rest);
no_text([Other | _]) -> erlang:error({not_character, Other});
no_text(_) -> erlang:error(badarg).

-doc "Scans up to a dot; asks for more characters if there is none.".
-spec tokens([] | return_cont(), string() | eof, erl_anno:location()) ->
          {done, tokens_result(), string() | eof} | {more, return_cont()}.
tokens(Cont, Chars, Start) -> tokens(Cont, Chars, Start, []).

-doc "Scans up to a dot with options; asks for more characters if there is none.".
-spec tokens([] | return_cont(), string() | eof, erl_anno:location(), options()) ->
          {done, tokens_result(), string() | eof} | {more, return_cont()}.
tokens([], Chars, Start, Options)
  when is_list(Chars) orelse Chars =:= eof, is_integer(Start);
       is_list(Chars) orelse Chars =:= eof, is_integer(element(1, Start)), is_integer(element(2, Start)), element(2, Start) > 0, tuple_size(Start) =:= 2 ->
    continue([], Chars, Start, if is_list(Options) -> Options; true -> [Options] end);
tokens({erl_scan_continuation, Before, Start, _, Options}, Chars, _, _) ->
    continue(Before, Chars, Start, Options).

continue(Before, Chars, Start, Options) ->
    {Flags, Adapt} = options(Options),
    All = case Chars of
              eof -> Before;
              _ -> Before ++ Chars
          end,
    case gerl_text:scan_form(All, Chars =:= eof, Start, Flags) of
        {done, {ok, Tokens, End}, Rest} -> {done, {ok, adapt(Adapt, Tokens), End}, Rest};
        more ->
            %% callers look whether anything has begun
            Begun = lists:dropwhile(fun(C) -> C >= 0 andalso C =< $\s orelse C >= 16#80 andalso C =< 16#A0 end, All),
            {more, {erl_scan_continuation, All, Start, Begun, Options}};
        Done -> Done
    end.

-doc false.
-spec continuation_location(return_cont()) -> erl_anno:location().
continuation_location({erl_scan_continuation, _, Start, _, _}) -> Start.

%% options(Options) -> {Flags of the scanner, what to do with the tokens afterwards}.
options(Options) when is_list(Options) ->
    Text = lists:member(text, Options),
    TextFun = proplists:get_value(text_fun, Options, none),
    WordFun = case lists:keyfind(reserved_word_fun, 1, Options) of
                  {_, F} when is_function(F, 1) -> F;
                  {_, _} -> error(badarg, [Options]);
                  false -> none
              end,
    Flags = [O || O <- Options, is_atom(O)],
    case {WordFun, TextFun} of
        {none, none} -> {Flags, none};
        {none, _} when Text -> {Flags, none};
        _ -> {[text | lists:delete(text, Flags)], {WordFun, if Text -> all; true -> TextFun end}}
    end;
options(Option) ->
    options([Option]).

adapt(none, Tokens) -> Tokens;
adapt({WordFun, Keep}, Tokens) -> [keep_text(Keep, reserve(WordFun, T)) || T <- Tokens].

%% Decides anew whether an unquoted word is reserved.
reserve(none, Token) ->
    Token;
reserve(WordFun, {Word, Anno} = Token) when Word =/= dot ->
    case erl_anno:text(Anno) of
        [C | _] when C >= $a, C =< $z ->
            case WordFun(Word) of
                true -> Token;
                false -> {atom, Anno, Word}
            end;
        _ -> Token
    end;
reserve(WordFun, {atom, Anno, Name} = Token) ->
    case erl_anno:text(Anno) of
        [$' | _] -> Token;
        _ ->
            case WordFun(Name) of
                true -> {Name, Anno};
                false -> Token
            end
    end;
reserve(_, Token) ->
    Token.

keep_text(all, Token) ->
    Token;
keep_text(Keep, Token) ->
    Anno = element(2, Token),
    Text = erl_anno:text(Anno),
    case Keep =/= none andalso Keep(element(1, Token), Text) of
        true -> Token;
        false -> setelement(2, Token, erl_anno:location(Anno))
    end.

-doc "The category of a token.".
-spec category(token()) -> category().
category(Token) when tuple_size(Token) =:= 2; tuple_size(Token) =:= 3 -> element(1, Token);
category(Token) -> error(badarg, [Token]).

-doc "The symbol of a token: its value, or its category.".
-spec symbol(token()) -> symbol().
symbol(Token) when tuple_size(Token) =:= 3 -> element(3, Token);
symbol(Token) -> category(Token).

about(What, Token) ->
    Anno = element(2, Token),
    erl_anno:What(Anno).

-doc "The column of a token, or undefined.".
-spec column(token()) -> erl_anno:column() | undefined.
column(Token) -> about(column, Token).

-doc "Where a token ends, if its text is known.".
-spec end_location(token()) -> erl_anno:location() | undefined.
end_location(Token) -> about(end_location, Token).

-doc "The line of a token.".
-spec line(token()) -> erl_anno:line().
line(Token) -> about(line, Token).

-doc "Where a token begins.".
-spec location(token()) -> erl_anno:location().
location(Token) -> about(location, Token).

-doc "The text of a token, or undefined.".
-spec text(token()) -> erl_anno:text() | undefined.
text(Token) -> about(text, Token).

-doc "Whether an atom is a reserved word.".
-spec reserved_word(atom()) -> boolean().
reserved_word('maybe') -> true;
reserved_word('else') -> true;
reserved_word(Atom) -> f_reserved_word(Atom).

-doc false.
-spec f_reserved_word(atom()) -> boolean().
f_reserved_word(Atom) ->
    lists:member(Atom, ['case', 'of', 'end', 'fun', 'if', 'when', 'begin', 'receive', 'after', 'try', 'catch', 'let', 'cond',
                        'div', 'rem', 'and', 'or', 'xor', 'not', 'andalso', 'orelse',
                        'band', 'bor', 'bxor', 'bnot', 'bsl', 'bsr']).

-doc "The message for an error descriptor.".
-spec format_error(error_description()) -> string().
format_error(Descriptor) ->
    {Format, Args} = wording(Descriptor),
    lists:flatten(io_lib:format(Format, Args)).

wording(string_concat) -> {"adjacent string literals without intervening white space", []};
wording(white_space) -> {"not white space after start of triple-quoted string", []};
wording(indentation) -> {"bad indentation in triple-quoted string", []};
wording({base, Base}) -> {"illegal base '~w'", [Base]};
wording({illegal, What}) -> {"illegal ~w", [What]};
wording({unterminated, char}) -> {"unterminated character", []};
wording({unterminated, atom, Head}) -> begins("atom", io_lib:write_string(Head, $'));
wording({unterminated, What, Head}) -> begins(thing(What), io_lib:write_string(Head));
wording(Other) -> {"~w", [Other]}.

begins(What, Head) -> {"unterminated ~ts starting with ~ts", [What, Head]}.

%% What is unterminated: a string, one with N quotes, or a sigil of either kind.
thing(What) when is_tuple(What), element(1, What) =:= sigil ->
    Name = atom_to_list(element(2, What)),
    case What of
        {_, _, _Quotes} -> io_lib:format("triple-quoted ~~~ts sigil string", [Name]);
        {_, _, Open, Close} -> io_lib:format("~~~ts~tc~tc sigil string", [Name, Open, Close])
    end;
thing(string) -> "string";
thing(_) -> "triple-quoted string".
