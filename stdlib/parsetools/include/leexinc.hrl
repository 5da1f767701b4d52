%% The part of a scanner that is the same for every definition file. Lines that begin with ## stand for
%% what leex makes of the file: its module, its Erlang code, the automaton and the actions of its rules.
-module('##module').
-export([string/1, string/2, token/2, token/3, tokens/2, tokens/3, format_error/1]).
##code

-file("##prologue", 6).
format_error({illegal, Chars}) -> ["illegal characters ", io_lib:write_string(Chars)];
format_error({user, Text}) -> Text.

%% A position is {Line, Column} inside; yyplace/2 and yystart/1 turn it into what the user sees and back.
string(Chars) -> string(Chars, yyplace(1, 1)).

string(Chars, Start) -> yystring(yyended(Chars), yystart(Start), []).

yyended([C | Chars]) -> [C | yyended(Chars)];
yyended(_) -> eof.

yystring(eof, {Line, Column}, Tokens) -> {ok, lists:reverse(Tokens), yyplace(Line, Column)};
yystring(Chars, Pos, Tokens) ->
    case yymatch(yystate(), Chars, Pos) of
        {match, Outcome, Rest, Next} -> yystring_next(Outcome, Rest, Next, Tokens);
        {illegal, Text, _} -> {error, yyproblem(Pos, {illegal, Text}), yyplace(Pos)}
    end.

yystring_next({token, Token}, Rest, Next, Tokens) -> yystring(Rest, Next, [Token | Tokens]);
yystring_next({token, Token, Push}, Rest, Next, Tokens) -> yystring(Push ++ Rest, Next, [Token | Tokens]);
yystring_next({end_token, Token}, Rest, Next, Tokens) -> yystring(Rest, Next, [Token | Tokens]);
yystring_next({end_token, Token, Push}, Rest, Next, Tokens) -> yystring(Push ++ Rest, Next, [Token | Tokens]);
yystring_next(skip_token, Rest, Next, Tokens) -> yystring(Rest, Next, Tokens);
yystring_next({skip_token, Push}, Rest, Next, Tokens) -> yystring(Push ++ Rest, Next, Tokens);
yystring_next({error, Text}, _, Next, _) -> {error, yyproblem(Next, {user, Text}), yyplace(Next)}.

token(Continuation, Chars) -> token(Continuation, Chars, yyplace(1, 1)).

token([], Chars, Start) -> yytoken(yystate(), Chars, yystart(Start));
token({token, Scan, Pos}, Chars, _) -> yytoken(Scan, Chars, Pos).

yytoken(Scan, Chars, Pos) ->
    case yymatch(Scan, Chars, Pos) of
        {more, Later} -> {more, {token, Later, Pos}};
        {end_of_text, _} -> {done, {eof, yyplace(Pos)}, eof};
        {illegal, Text, Rest} -> {done, {error, yyproblem(Pos, {illegal, Text}), yyplace(Pos)}, Rest};
        {match, Outcome, Rest, Next} -> yytoken_next(Outcome, Rest, Next)
    end.

yytoken_next({token, Token}, Rest, Next) -> {done, {ok, Token, yyplace(Next)}, Rest};
yytoken_next({token, Token, Push}, Rest, Next) -> {done, {ok, Token, yyplace(Next)}, Push ++ Rest};
yytoken_next({end_token, Token}, Rest, Next) -> {done, {ok, Token, yyplace(Next)}, Rest};
yytoken_next({end_token, Token, Push}, Rest, Next) -> {done, {ok, Token, yyplace(Next)}, Push ++ Rest};
yytoken_next(skip_token, Rest, Next) -> yytoken(yystate(), Rest, Next);
yytoken_next({skip_token, Push}, Rest, Next) -> yytoken(yystate(), Push ++ Rest, Next);
yytoken_next({error, Text}, Rest, Next) -> {done, {error, yyproblem(Next, {user, Text}), yyplace(Next)}, Rest}.

tokens(Continuation, Chars) -> tokens(Continuation, Chars, yyplace(1, 1)).

tokens([], Chars, Start) -> yytokens(yystate(), Chars, yystart(Start), []);
tokens({tokens, Scan, Pos, Tokens}, Chars, _) -> yytokens(Scan, Chars, Pos, Tokens);
tokens({skip_tokens, Scan, Pos, Error}, Chars, _) -> yyskip(Scan, Chars, Pos, Error).

yytokens(Scan, Chars, Pos, Tokens) ->
    case yymatch(Scan, Chars, Pos) of
        {more, Later} -> {more, {tokens, Later, Pos, Tokens}};
        {end_of_text, _} when Tokens =:= [] -> {done, {eof, yyplace(Pos)}, eof};
        {end_of_text, _} -> {done, {ok, lists:reverse(Tokens), yyplace(Pos)}, eof};
        {illegal, Text, Rest} -> yyskip(yystate(), yydrop(Rest), Pos, {Pos, {illegal, Text}});
        {match, Outcome, Rest, Next} -> yytokens_next(Outcome, Rest, Next, Tokens)
    end.

yytokens_next({token, Token}, Rest, Next, Tokens) -> yytokens(yystate(), Rest, Next, [Token | Tokens]);
yytokens_next({token, Token, Push}, Rest, Next, Tokens) -> yytokens(yystate(), Push ++ Rest, Next, [Token | Tokens]);
yytokens_next({end_token, Token}, Rest, Next, Tokens) ->
    {done, {ok, lists:reverse([Token | Tokens]), yyplace(Next)}, Rest};
yytokens_next({end_token, Token, Push}, Rest, Next, Tokens) ->
    {done, {ok, lists:reverse([Token | Tokens]), yyplace(Next)}, Push ++ Rest};
yytokens_next(skip_token, Rest, Next, Tokens) -> yytokens(yystate(), Rest, Next, Tokens);
yytokens_next({skip_token, Push}, Rest, Next, Tokens) -> yytokens(yystate(), Push ++ Rest, Next, Tokens);
yytokens_next({error, Text}, Rest, Next, _) -> yyskip(yystate(), Rest, Next, {Next, {user, Text}}).

%% After an error, tokens are passed over up to the one that ends them.
yyskip(Scan, Chars, Pos, Error) ->
    case yymatch(Scan, Chars, Pos) of
        {more, Later} -> {more, {skip_tokens, Later, Pos, Error}};
        {end_of_text, _} -> yyfailed(Error, Pos, eof);
        {illegal, _, Rest} -> yyskip(yystate(), yydrop(Rest), Pos, Error);
        {match, {end_token, _}, Rest, Next} -> yyfailed(Error, Next, Rest);
        {match, {end_token, _, Push}, Rest, Next} -> yyfailed(Error, Next, Push ++ Rest);
        {match, {token, _, Push}, Rest, Next} -> yyskip(yystate(), Push ++ Rest, Next, Error);
        {match, {skip_token, Push}, Rest, Next} -> yyskip(yystate(), Push ++ Rest, Next, Error);
        {match, _, Rest, Next} -> yyskip(yystate(), Rest, Next, Error)
    end.

%% The place where the tokens end is the error's own as long as it is on its line.
yyfailed({{Line, Column}, Reason}, {Line, _}, Rest) ->
    {done, {error, yyproblem({Line, Column}, Reason), yyplace(Line, Column)}, Rest};
yyfailed({Pos, Reason}, End, Rest) -> {done, {error, yyproblem(Pos, Reason), yyplace(End)}, Rest}.

yydrop([_ | Rest]) -> Rest;
yydrop(End) -> End.

yyproblem(Pos, Reason) -> {yyplace(Pos), ?MODULE, Reason}.

yyplace({Line, Column}) -> yyplace(Line, Column).

%% Looks for the longest match. A scan is {State, Read, Length, Best}: the characters read, the last first, and
%% the rule and length of the longest match among them.
yystate() -> {0, [], 0, none}.

yymatch({State, Read, Length, Best}, [C | Rest] = Chars, Pos) ->
    case yynext(State, C) of
        none when Best =:= none -> {illegal, lists:reverse(Read, [C]), Chars};
        none -> yyaccepted(Best, Read, Length, Chars, Pos);
        Next ->
            case yyrule(Next) of
                none -> yymatch({Next, [C | Read], Length + 1, Best}, Rest, Pos);
                {last, Rule} -> yyaccepted({Rule, Length + 1}, [C | Read], Length + 1, Rest, Pos);
                {more, Rule} -> yymatch({Next, [C | Read], Length + 1, {Rule, Length + 1}}, Rest, Pos)
            end
    end;
yymatch(Scan, [], _) -> {more, Scan};
yymatch({_, [], _, _}, eof, _) -> {end_of_text, eof};
yymatch({_, Read, _, none}, eof, _) -> {illegal, lists:reverse(Read), eof};
yymatch({_, Read, Length, Best}, eof, Pos) -> yyaccepted(Best, Read, Length, eof, Pos).

%% Gives the characters after the match back.
yyaccepted({Rule, Length}, Read, Length, Rest, {Line, Column} = Pos) ->
    Chars = lists:reverse(Read),
    {match, yyaction(Rule, Chars, Length, Line, Column), Rest, yyadvance(Chars, Pos)};
yyaccepted(Best, [C | Read], Length, Rest, Pos) -> yyaccepted(Best, Read, Length - 1, [C | Rest], Pos).

yyadvance([], Pos) -> Pos;
yyadvance([$\n | Chars], {Line, _}) -> yyadvance(Chars, {Line + 1, 1});
yyadvance([$\t | Chars], {Line, Column}) -> yyadvance(Chars, {Line, yytab(Column)});
yyadvance([C | Chars], {Line, Column}) -> yyadvance(Chars, {Line, Column + yywidth(C)}).

%% A character is as wide as it has bytes.
yywidth(C) when C < 16#80 -> 1;
yywidth(C) when C < 16#800 -> 2;
yywidth(C) when C < 16#10000 -> 3;
yywidth(_) -> 4.
##dfa
##actions
