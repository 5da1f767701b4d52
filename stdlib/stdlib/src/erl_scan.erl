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
string(String, Start, Options) ->
    {Flags, Adapt} = options(Options),
    case gerl_text:scan(String, Start, Flags) of
        {ok, Tokens, End} -> {ok, adapt(Adapt, Tokens), End};
        Error -> Error
    end.

-doc "Scans up to a dot; asks for more characters if there is none.".
-spec tokens([] | return_cont(), string() | eof, erl_anno:location()) ->
          {done, tokens_result(), string() | eof} | {more, return_cont()}.
tokens(Cont, Chars, Start) -> tokens(Cont, Chars, Start, []).

-doc "Scans up to a dot with options; asks for more characters if there is none.".
-spec tokens([] | return_cont(), string() | eof, erl_anno:location(), options()) ->
          {done, tokens_result(), string() | eof} | {more, return_cont()}.
tokens([], Chars, Start, Options) ->
    continue([], Chars, Start, if is_list(Options) -> Options; true -> [Options] end);
tokens({erl_scan_continuation, Before, Start, Options}, Chars, _, _) ->
    continue(Before, Chars, Start, Options).

continue(Before, Chars, Start, Options) ->
    {Flags, Adapt} = options(Options),
    All = case Chars of
              eof -> Before;
              _ -> Before ++ Chars
          end,
    case gerl_text:scan_form(All, Chars =:= eof, Start, Flags) of
        {done, {ok, Tokens, End}, Rest} -> {done, {ok, adapt(Adapt, Tokens), End}, Rest};
        more -> {more, {erl_scan_continuation, All, Start, Options}};
        Done -> Done
    end.

-doc false.
-spec continuation_location(return_cont()) -> erl_anno:location().
continuation_location({erl_scan_continuation, _, Start, _}) -> Start.

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
category({Category, _}) -> Category;
category({Category, _, _}) -> Category;
category(Token) -> error(badarg, [Token]).

-doc "The symbol of a token: its value, or its category.".
-spec symbol(token()) -> symbol().
symbol({Category, _}) -> Category;
symbol({_, _, Symbol}) -> Symbol;
symbol(Token) -> error(badarg, [Token]).

-doc "The column of a token, or undefined.".
-spec column(token()) -> erl_anno:column() | undefined.
column(Token) -> erl_anno:column(element(2, Token)).

-doc "Where a token ends, if its text is known.".
-spec end_location(token()) -> erl_anno:location() | undefined.
end_location(Token) -> erl_anno:end_location(element(2, Token)).

-doc "The line of a token.".
-spec line(token()) -> erl_anno:line().
line(Token) -> erl_anno:line(element(2, Token)).

-doc "Where a token begins.".
-spec location(token()) -> erl_anno:location().
location(Token) -> erl_anno:location(element(2, Token)).

-doc "The text of a token, or undefined.".
-spec text(token()) -> erl_anno:text() | undefined.
text(Token) -> erl_anno:text(element(2, Token)).

-doc "Whether an atom is a reserved word.".
-spec reserved_word(atom()) -> boolean().
reserved_word('maybe') -> true;
reserved_word('else') -> true;
reserved_word(Atom) -> f_reserved_word(Atom).

-doc false.
-spec f_reserved_word(atom()) -> boolean().
f_reserved_word(Atom) ->
    case Atom of
        'after' -> true; 'and' -> true; 'andalso' -> true; 'band' -> true; 'begin' -> true; 'bnot' -> true;
        'bor' -> true; 'bsl' -> true; 'bsr' -> true; 'bxor' -> true; 'case' -> true; 'catch' -> true;
        'cond' -> true; 'div' -> true; 'end' -> true; 'fun' -> true; 'if' -> true; 'let' -> true;
        'not' -> true; 'of' -> true; 'or' -> true; 'orelse' -> true; 'receive' -> true; 'rem' -> true;
        'try' -> true; 'when' -> true; 'xor' -> true;
        _ -> false
    end.

-doc "The message for an error descriptor.".
-spec format_error(error_description()) -> string().
format_error({unterminated, char}) ->
    "unterminated character";
format_error({unterminated, What, Head}) ->
    Quote = if What =:= atom -> $'; true -> $" end,
    lists:flatten(["unterminated ", thing(What), " starting with ", io_lib:write_string(Head, Quote)]);
format_error({illegal, What}) ->
    lists:flatten(io_lib:format("illegal ~w", [What]));
format_error({base, Base}) ->
    lists:flatten(io_lib:format("illegal base '~w'", [Base]));
format_error(indentation) ->
    "bad indentation in triple-quoted string";
format_error(white_space) ->
    "not white space after start of triple-quoted string";
format_error(string_concat) ->
    "adjacent string literals without intervening white space";
format_error(Other) ->
    lists:flatten(io_lib:write(Other)).

thing(atom) -> "atom";
thing(string) -> "string";
thing({string, _}) -> "triple-quoted string";
thing({sigil, Name, Open, Close}) -> [$~, atom_to_list(Name), Open, Close, " sigil string"];
thing({sigil, Name, _}) -> ["triple-quoted ~", atom_to_list(Name), " sigil string"].
