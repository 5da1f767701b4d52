-module(gerl_xref_parse).
-moduledoc """
The query language of xref: text to statements.

    Statement  = {assign, keep | forget, Variable, Expr} | Expr
    Expr       = {var, Name} | {const, [Constant], Type} | {chain, [Constant], Type} | {regexp, String, Type}
               | {regfun, M, F, A, Type} | {cast, Type, Expr} | {lines, Operator, Expr} | {count, Expr}
               | {unary, Operator, Expr} | {binary, Operator, Expr, Expr}
""".

-export([query/1, text/1]).

%% The position that OTP gives the end of a query; other tokens have that of their line.
-define(END, 8388608).
-define(UNARY, [closure, components, condensation, domain, range, strict]).
-define(LINES, ['Lin', 'ELin', 'LLin', 'XLin', 'XXL']).

-doc "The statements of a query, or `{parse_error, Position, Description}`.".
-spec query(string() | atom()) -> {ok, [term()]} | {error, term()}.
query(Query) when is_atom(Query) -> query(atom_to_list(Query));
query(Query) ->
    case erl_scan:string(Query, {1, 1}) of
        {ok, Tokens, _} ->
            End = ?END,
            try {ok, statements([plain(T) || T <- Tokens] ++ [{'end', End}])}
            catch throw:{at, Token} -> {error, {parse_error, position(Token), ["syntax error before: ", shown(Token)]}}
            end;
        {error, {{_, Column}, Module, Reason}, _} -> {error, {parse_error, Column, Module:format_error(Reason)}}
    end.

shown({_, _, Value}) -> io_lib:format("~tp", [Value]);
shown({'end', ?END}) -> [];
shown({Symbol, _}) -> atom_to_list(Symbol).

plain({Kind, {_, Column}, Value}) -> {Kind, Column, Value};
plain({Symbol, {_, Column}}) -> {Symbol, Column}.

position({'end', ?END}) -> ?END;
position(_) -> 1.

failed([Token | _]) -> throw({at, Token}).

statements(Tokens) ->
    case statement(Tokens) of
        {Statement, [{'end', _}]} -> [Statement];
        {Statement, [{',', _} | Rest]} -> [Statement | statements(Rest)];
        {_, Rest} -> failed(Rest)
    end.

statement([{var, _, Name}, {':=', _} | Rest]) -> assignment(keep, Name, Rest);
statement([{var, _, Name}, {'=', _} | Rest]) -> assignment(forget, Name, Rest);
statement(Tokens) -> sum(Tokens).

assignment(How, Name, Tokens) ->
    {Expr, Rest} = sum(Tokens),
    {{assign, How, Name, Expr}, Rest}.

sum(Tokens) -> left(fun product/1, ['+', '-'], Tokens).
product(Tokens) -> left(fun counted/1, ['*'], Tokens).

counted([{'#', _} | Tokens]) ->
    {Expr, Rest} = counted(Tokens),
    {{count, Expr}, Rest};
counted(Tokens) -> left(fun chained/1, ['|', '||', '|||'], Tokens).

left(Operand, Operators, Tokens) ->
    {First, Rest} = Operand(Tokens),
    more(First, Operand, Operators, joined(Rest)).

more(Left, Operand, Operators, [{Symbol, _} | Tokens] = All) ->
    case lists:member(Symbol, Operators) of
        true ->
            {Right, Rest} = Operand(Tokens),
            more({binary, Symbol, Left, Right}, Operand, Operators, joined(Rest));
        false -> {Left, All}
    end;
more(Left, _, _, Tokens) -> {Left, Tokens}.

%% Three bars are two tokens for Erlang's scanner.
joined([{'||', Column}, {'|', Next} | Rest]) when Next =:= Column + 2 -> [{'|||', Column} | Rest];
joined(Tokens) -> Tokens.

chained(Tokens) ->
    case cast(Tokens) of
        {First, [{'of', _} | Rest]} ->
            {Second, After} = chained(Rest),
            {{binary, 'of', First, Second}, After};
        Done -> Done
    end.

cast([{'(', _}, {var, _, Type}, {')', _} | Tokens] = All) ->
    case {type(Type), lists:member(Type, ?LINES)} of
        {none, false} -> unary(All);
        {none, true} ->
            {Expr, Rest} = cast(Tokens),
            {{lines, Type, Expr}, Rest};
        {To, _} ->
            {Expr, Rest} = cast(Tokens),
            {{cast, To, Expr}, Rest}
    end;
cast(Tokens) -> unary(Tokens).

unary([{atom, _, Word} | Tokens] = All) ->
    case lists:member(Word, ?UNARY) andalso starts(Tokens) of
        true ->
            {Expr, Rest} = cast(Tokens),
            {{unary, Word, Expr}, Rest};
        false -> primary(All)
    end;
unary(Tokens) -> primary(Tokens).

%% Whether an operand can begin here: `domain` may be an operator or a module.
starts([{Kind, _, _} | _]) -> lists:member(Kind, [var, atom, string]);
starts([{Symbol, _} | _]) -> lists:member(Symbol, ['(', '[', '{']).

type('Fun') -> function;
type('Mod') -> module;
type('App') -> application;
type('Rel') -> release;
type(_) -> none.

primary([{'(', _} | Tokens]) ->
    case sum(Tokens) of
        {Expr, [{')', _} | Rest]} -> {Expr, Rest};
        {_, Rest} -> failed(Rest)
    end;
primary([{var, _, '_'}, {':', _} | _] = Tokens) -> pattern(Tokens);
primary([{var, _, Name} | Rest]) -> {{var, Name}, Rest};
primary([{string, _, _}, {':', _}, {var, _, T} | Rest] = Tokens) ->
    case type(T) of
        none -> pattern(Tokens);
        Type -> {{regexp, element(3, hd(Tokens)), Type}, Rest}
    end;
primary([{string, _, _}, {':', _} | _] = Tokens) -> pattern(Tokens);
primary([{atom, _, _}, {':', _}, {Kind, _, Value} | _] = Tokens) when Kind =:= string; Value =:= '_' -> pattern(Tokens);
primary([{atom, _, _}, {':', _}, {atom, _, _}, {'/', _}, {Kind, _, Value} | _] = Tokens) when Kind =:= string; Value =:= '_' -> pattern(Tokens);
primary([{'[', _} | Tokens]) ->
    {Constants, Rest} = constants(Tokens, ']'),
    typed(const, Constants, Rest);
primary([{'{', _} | Tokens] = All) ->
    case mfa(All) of
        none ->
            case constants(Tokens, '}') of
                {[{vertex, A}, {vertex, B}], Rest} when is_atom(A), is_atom(B); element(1, hd(Tokens)) =:= '{' -> typed(tuple, [{vertex, A}, {vertex, B}], Rest);
                {Constants, Rest} -> typed(chain, Constants, Rest)
            end;
        {_, _} ->
            {Constant, Rest} = constant(All),
            typed(const, [Constant], Rest)
    end;
primary(Tokens) ->
    {Constant, Rest} = constant(Tokens),
    typed(const, [Constant], Rest).

typed(Kind, Constants, [{':', _}, {var, _, T} | Rest] = All) ->
    case type(T) of
        none -> failed(tl(All));
        Type -> {{Kind, Constants, Type}, Rest}
    end;
typed(Kind, Constants, Rest) -> {{Kind, Constants, any}, Rest}.

constants(Tokens, Close) ->
    {Constant, Rest} = constant(Tokens),
    case Rest of
        [{Close, _} | After] -> {[Constant], After};
        [{',', _} | After] ->
            {Constants, End} = constants(After, Close),
            {[Constant | Constants], End};
        _ -> failed(Rest)
    end.

%% A vertex, or a call between two.
constant(Tokens) ->
    {From, Rest} = vertex(Tokens),
    case Rest of
        [{'->', _} | After] ->
            {To, End} = vertex(After),
            {{edge, From, To}, End};
        _ when is_tuple(From), element(1, From) =:= pair -> {{edge, element(2, From), element(3, From)}, Rest};
        _ -> {{vertex, From}, Rest}
    end.

vertex([{atom, _, M}, {':', _}, {atom, _, F}, {'/', _}, {integer, _, A} | Rest]) -> {{M, F, A}, Rest};
vertex([{atom, _, M}, {':', _}, {atom, _, F}, {'/', _}, {'-', _}, {integer, _, 1} | Rest]) -> {{M, F, -1}, Rest};
vertex([{atom, _, Name} | Rest]) -> {Name, Rest};
vertex([{'{', _} | Tokens] = All) ->
    case mfa(All) of
        none ->
            {From, Rest} = vertex(Tokens),
            case Rest of
                [{',', _} | After] ->
                    case vertex(After) of
                        {To, [{'}', _} | End]} -> {{pair, From, To}, End};
                        {_, Wrong} -> failed(Wrong)
                    end;
                _ -> failed(Rest)
            end;
        Done -> Done
    end;
vertex(Tokens) -> failed(Tokens).

mfa([{'{', _}, {atom, _, M}, {',', _}, {atom, _, F}, {',', _}, {integer, _, A}, {'}', _} | Rest]) -> {{M, F, A}, Rest};
mfa([{'{', _}, {atom, _, M}, {',', _}, {atom, _, F}, {',', _}, {'-', _}, {integer, _, 1}, {'}', _} | Rest]) -> {{M, F, -1}, Rest};
mfa(_) -> none.

%% Functions by regular expressions.
pattern([M, {':', _}, F, {'/', _}, {'-', _}, {integer, _, 1} | Rest]) -> regfun(part(M), part(F), -1, Rest);
pattern([M, {':', _}, F, {'/', _}, A | Rest]) when tuple_size(M) =:= 3, tuple_size(F) =:= 3, tuple_size(A) =:= 3 ->
    regfun(part(M), part(F), part(A), Rest);
pattern([_, _ | Rest]) -> failed(Rest).

regfun(M, F, A, [{':', _}, {var, _, T} | Rest]) -> {{regfun, M, F, A, type(T)}, Rest};
regfun(M, F, A, Rest) -> {{regfun, M, F, A, function}, Rest}.

part({var, _, '_'}) -> any;
part({string, _, Text}) -> {match, Text};
part({_, _, Value}) -> Value.

-doc "The text of an expression or an assignment.".
-spec text(term()) -> string().
text(Expr) -> lists:flatten(written(Expr)).

written({assign, keep, Name, Expr}) -> [atom_to_list(Name), " := ", written(Expr)];
written({assign, forget, Name, Expr}) -> [atom_to_list(Name), " = ", written(Expr)];
written({var, Name}) -> atom_to_list(Name);
written({const, [Constant], Type}) -> [term(Constant), of_type(Type)];
written({const, Constants, Type}) -> ["[", lists:join(", ", [term(C) || C <- Constants]), "]", of_type(Type)];
written({Kind, Constants, Type}) when Kind =:= chain; Kind =:= tuple -> ["{", lists:join(", ", [term(C) || C <- Constants]), "}", of_type(Type)];
written({regexp, Text, Type}) -> [io_lib:format("~tp", [Text]), of_type(Type)];
written({regfun, M, F, A, function}) -> [piece(M), ":", piece(F), "/", piece(A)];
written({regfun, M, F, A, Type}) -> [written({regfun, M, F, A, function}), of_type(Type)];
written({cast, Type, Expr}) -> ["(", name(Type), ") ", written(Expr)];
written({lines, Operator, Expr}) -> ["(", atom_to_list(Operator), ") ", written(Expr)];
written({count, Expr}) -> ["# ", written(Expr)];
written({unary, Operator, Expr}) -> [atom_to_list(Operator), " ", written(Expr)];
written({binary, Operator, Left, Right}) -> [written(Left), " ", atom_to_list(Operator), " ", written(Right)].

term({vertex, {M, F, A}}) -> io_lib:format("~tw:~tw/~w", [M, F, A]);
term({vertex, Name}) -> io_lib:format("~tw", [Name]);
term({edge, From, To}) -> [term({vertex, From}), " -> ", term({vertex, To})].

of_type(any) -> "";
of_type(Type) -> [" : ", name(Type)].

name(function) -> "Fun";
name(module) -> "Mod";
name(application) -> "App";
name(release) -> "Rel".

piece(any) -> "_";
piece({match, Text}) -> io_lib:format("~tp", [Text]);
piece(Value) -> io_lib:format("~tw", [Value]).
