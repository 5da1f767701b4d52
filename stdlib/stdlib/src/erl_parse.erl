-module(erl_parse).
-moduledoc "The parser: from tokens to abstract code, and between terms and the abstract code that denotes them.

The parsing is done in Go (gerl_text).".

-export([parse_form/1, parse_exprs/1, parse_term/1, parse/1, parse_and_scan/1, format_error/1]).
-export([abstract/1, abstract/2, normalise/1, tokens/1, tokens/2]).
-export([map_anno/2, fold_anno/3, mapfold_anno/3, new_anno/1, anno_to_term/1, anno_from_term/1, first_anno/1]).
-export([inop_prec/1, preop_prec/1, func_prec/0, max_prec/0, type_inop_prec/1, type_preop_prec/1]).

-export_type([abstract_clause/0, abstract_expr/0, abstract_form/0, abstract_type/0, error_info/0, form_info/0,
              erl_parse_tree/0]).

-type abstract_clause() :: term().
-type abstract_expr() :: term().
-type abstract_form() :: term().
-type abstract_type() :: term().
-type form_info() :: {eof, erl_anno:location()} | {error | warning, error_info()}.
-type erl_parse_tree() :: abstract_clause() | abstract_expr() | abstract_form() | abstract_type().
-type error_info() :: {erl_anno:location(), module(), term()}.

-doc "Parses the tokens of a form.".
-spec parse_form([erl_scan:token()]) -> {ok, abstract_form()} | {error, error_info()}.
parse_form(Tokens) when is_list(Tokens) -> told(gerl_text:parse(form, Tokens), Tokens).

-doc "Parses the tokens of expressions, with the dot at their end.".
-spec parse_exprs([erl_scan:token()]) -> {ok, [abstract_expr()]} | {error, error_info()}.
parse_exprs(Tokens) when is_list(Tokens) ->
    case told(gerl_text:parse(exprs, Tokens), Tokens) of
        {error, {_, _, [_, "';'"]}} = Error ->
            %% Expressions are the body of a function: behind a semicolon there may be its next clause.
            Anno = element(2, hd(Tokens)),
            Head = [{atom, Anno, f}, {'(', Anno}, {')', Anno}, {'->', Anno}],
            case parse_form(Head ++ Tokens) of
                {error, _} = Later -> Later;
                _ -> Error
            end;
        Result -> Result
    end.

-doc "Parses the tokens of a term, with the dot at their end, and gives the term.".
-spec parse_term([erl_scan:token()]) -> {ok, term()} | {error, error_info()}.
parse_term(Tokens) when is_list(Tokens) -> told(gerl_text:parse(term, Tokens), Tokens).

%% Tokens that no scanner makes are told by their number.
told({error, {Where, Module, [Before, N]}}, Tokens) when is_integer(N) -> {error, {Where, Module, [Before, strange(lists:nth(N, Tokens))]}};
told(Result, _) -> Result.

strange(Token) ->
    try erl_scan:text(Token) of
        undefined -> shown(Token);
        Text -> Text
    catch _:_ -> shown(Token)
    end.

shown({Category, _, Value}) when is_atom(Category) -> io_lib:format("~tp", [Value]);
shown(Token) -> io_lib:format("~tp", [Token]).

-doc false.
-spec parse([term()]) -> {ok, term()} | {error, term()}.
parse(Tokens) -> parse_form(Tokens).

%% The tokens come from a function, as yecc's parsers take them: {ok, Tokens, Location} until there are enough.
-doc false.
-spec parse_and_scan({fun(), [term()]} | {module(), atom(), [term()]}) -> {ok, term()} | {error, term()}.
parse_and_scan(Source) -> gathered(Source, [], 0).

%% Without a dot there is nothing to find but errors; to look for them whenever the tokens have doubled costs little.
gathered(Source, Before, Tried) ->
    Next = case Source of
               {Fun, Args} -> apply(Fun, Args);
               {Module, Name, Args} -> apply(Module, Name, Args)
           end,
    case Next of
        {ok, Tokens, _} ->
            All = Before ++ Tokens,
            Whole = lists:keymember(dot, 1, Tokens) orelse lists:keymember('$end', 1, Tokens),
            case Whole orelse length(All) >= 2 * Tried of
                true ->
                    case parse_form(All) of
                        {error, {_, ?MODULE, [_, []]}} when not Whole -> gathered(Source, All, length(All));
                        Result -> Result
                    end;
                false -> gathered(Source, All, Tried)
            end;
        {eof, Place} ->
            case parse_form(Before) of
                {error, {_, ?MODULE, [Text, []]}} -> {error, {Place, ?MODULE, [Text, []]}};
                Result -> Result
            end;
        {error, Info, _} -> {error, Info}
    end.

-doc "The message for an error descriptor.".
-spec format_error(term()) -> io_lib:chars().
format_error(Message) ->
    case io_lib:deep_char_list(Message) of
        true -> Message;
        false -> io_lib:write(Message)
    end.

-doc "The abstract code that denotes a term, at line 0.".
-spec abstract(term()) -> abstract_expr().
abstract(Term) -> gerl_text:abstract(Term, 0, 16#10FFFF).

-doc "The abstract code that denotes a term, at a location, with an encoding that says which lists are strings.".
-spec abstract(term(), erl_anno:location() | [tuple()]) -> abstract_expr().
abstract(Term, Options) when is_list(Options) ->
    Location = case lists:keyfind(location, 1, Options) of
                   {_, L} -> L;
                   false -> proplists:get_value(line, Options, 0)
               end,
    Encoding = proplists:get_value(encoding, Options, utf8),
    Max = case is_function(Encoding, 1) of
              true -> 16#10FFFF;
              false -> max_char(Encoding)
          end,
    _ = erl_anno:new(Location),
    Tree = gerl_text:abstract(Term, Location, Max),
    case is_function(Encoding, 1) of
        true -> only_strings(Tree, Encoding);
        false -> Tree
    end;
abstract(Term, Location) ->
    _ = erl_anno:new(Location),
    gerl_text:abstract(Term, Location, 16#10FFFF).

max_char(none) -> -1;
max_char(latin1) -> 255;
max_char(Encoding) when Encoding =:= utf8; Encoding =:= unicode -> 16#10FFFF;
max_char(Encoding) -> error({badarg, Encoding}).

%% Strings with characters that are none become lists.
only_strings({string, Anno, Chars} = String, IsChar) ->
    case lists:all(IsChar, Chars) of
        true -> String;
        false -> lists:foldr(fun(C, Tail) -> {cons, Anno, {integer, Anno, C}, Tail} end, {nil, Anno}, Chars)
    end;
only_strings({cons, Anno, Head, Tail}, IsChar) -> {cons, Anno, only_strings(Head, IsChar), only_strings(Tail, IsChar)};
only_strings({tuple, Anno, Elements}, IsChar) -> {tuple, Anno, [only_strings(E, IsChar) || E <- Elements]};
only_strings({map, Anno, Pairs}, IsChar) ->
    {map, Anno, [{Kind, A, only_strings(K, IsChar), only_strings(V, IsChar)} || {Kind, A, K, V} <- Pairs]};
only_strings(Other, _) -> Other.

-doc "The term that abstract code denotes.".
-spec normalise(abstract_expr()) -> term().
normalise(Abstract) ->
    case gerl_text:normalise(Abstract) of
        {ok, Term} -> Term;
        error ->
            case culprit(Abstract) of
                {bin, _, _} -> error(badarg);
                Culprit -> error({badarg, Culprit})
            end
    end.

%% The part of abstract code that denotes no term.
culprit({tuple, _, Elems} = Abstract) -> first_culprit(Elems, Abstract);
culprit({cons, _, Head, Tail} = Abstract) -> first_culprit([Head, Tail], Abstract);
culprit({bin, _, Elems} = Abstract) ->
    case [Var || {bin_element, _, {var, _, _} = Var, _, _} <- Elems] of
        [Var | _] -> Var;
        [] -> Abstract
    end;
culprit(Abstract) -> Abstract.

first_culprit([Elem | Elems], Whole) ->
    case gerl_text:normalise(Elem) of
        {ok, _} -> first_culprit(Elems, Whole);
        error -> culprit(Elem)
    end;
first_culprit(_, Whole) ->
    Whole.

-doc "The tokens of an abstract term.".
-spec tokens(abstract_expr()) -> [erl_scan:token()].
tokens(Abstract) -> tokens(Abstract, []).

-doc "The tokens of an abstract term, with more behind them.".
-spec tokens(abstract_expr(), [erl_scan:token()]) -> [erl_scan:token()].
tokens(Abstract, More) -> written(Abstract) ++ More.

written({nil, A}) -> [{'[', A}, {']', A}];
written({cons, A, Head, Tail}) -> [{'[', A} | written(Head)] ++ tail(Tail);
written({tuple, A, Elems}) -> [{'{', A} | separated(Elems, fun written/1)] ++ [{'}', A}];
written({map, A, Fields}) -> [{'#', A}, {'{', A} | separated(Fields, fun field/1)] ++ [{'}', A}];
written({Kind, _, _} = Token) when Kind =:= atom; Kind =:= char; Kind =:= float; Kind =:= integer; Kind =:= string; Kind =:= var -> [Token].

tail({nil, A}) -> [{']', A}];
tail({cons, A, Head, Tail}) -> [{',', A} | written(Head)] ++ tail(Tail);
tail(Last) ->
    A = element(2, Last),
    [{'|', A} | written(Last)] ++ [{']', A}].

separated([], _) -> [];
separated([Node | Nodes], Written) ->
    Written(Node) ++ lists:flatmap(fun(N) -> [{',', element(2, N)} | Written(N)] end, Nodes).

field({map_field_assoc, A, Key, Value}) -> written(Key) ++ [{'=>', A} | written(Value)].

-doc "The abstract code with each annotation replaced by what a function makes of it.".
-spec map_anno(fun((erl_anno:anno()) -> erl_anno:anno()), Tree) -> Tree when Tree :: term().
map_anno(Fun, Tree) ->
    {New, ok} = mapfold_anno(fun(Anno, ok) -> {Fun(Anno), ok} end, ok, Tree),
    New.

-doc "Folds a function over the annotations of abstract code.".
-spec fold_anno(fun((erl_anno:anno(), Acc) -> Acc), Acc, term()) -> Acc when Acc :: term().
fold_anno(Fun, Acc, Tree) ->
    {_, Last} = mapfold_anno(fun(Anno, A) -> {Anno, Fun(Anno, A)} end, Acc, Tree),
    Last.

-doc "Maps and folds a function over the annotations of abstract code, from left to right.".
-spec mapfold_anno(fun((erl_anno:anno(), Acc) -> {erl_anno:anno(), Acc}), Acc, Tree) -> {Tree, Acc}
              when Acc :: term(), Tree :: term().
mapfold_anno(Fun, Acc, Tree) -> walk(Tree, Acc, Fun).

walk([Head | Tail], Acc, Fun) ->
    {NewHead, Acc1} = walk(Head, Acc, Fun),
    {NewTail, Acc2} = walk(Tail, Acc1, Fun),
    {[NewHead | NewTail], Acc2};
walk({attribute, Anno, Name, Value}, Acc, Fun) ->
    {NewAnno, Acc1} = Fun(Anno, Acc),
    {NewValue, Acc2} = walk_attribute(Name, Value, Acc1, Fun),
    {{attribute, NewAnno, Name, NewValue}, Acc2};
walk({function, Name, Arity}, Acc, _) ->
    {{function, Name, Arity}, Acc};
walk({function, M, F, A}, Acc, Fun) ->
    {[NewM, NewF, NewA], Acc1} = walk([M, F, A], Acc, Fun),
    {{function, NewM, NewF, NewA}, Acc1};
walk({clauses, Clauses}, Acc, Fun) ->
    {New, Acc1} = walk(Clauses, Acc, Fun),
    {{clauses, New}, Acc1};
walk({typed_record_field, Field, Type}, Acc, Fun) ->
    {[NewField, NewType], Acc1} = walk([Field, Type], Acc, Fun),
    {{typed_record_field, NewField, NewType}, Acc1};
walk({bin_element, Anno, Value, Size, Types}, Acc, Fun) ->
    {NewAnno, Acc1} = Fun(Anno, Acc),
    {[NewValue, NewSize], Acc2} = walk([Value, Size], Acc1, Fun),
    {{bin_element, NewAnno, NewValue, NewSize, Types}, Acc2};
%% Names of records and their fields have no annotations that count.
walk({record, Anno, Name, Fields}, Acc, Fun) ->
    {NewAnno, Acc1} = Fun(Anno, Acc),
    {NewFields, Acc2} = walk(Fields, Acc1, Fun),
    {{record, NewAnno, Name, NewFields}, Acc2};
walk({record, Anno, Value, Name, Fields}, Acc, Fun) ->
    {NewAnno, Acc1} = Fun(Anno, Acc),
    {[NewValue | NewFields], Acc2} = walk([Value | Fields], Acc1, Fun),
    {{record, NewAnno, NewValue, Name, NewFields}, Acc2};
walk({record_field, Anno, Value, Name, Field}, Acc, Fun) ->
    {NewAnno, Acc1} = Fun(Anno, Acc),
    {NewValue, Acc2} = walk(Value, Acc1, Fun),
    {{record_field, NewAnno, NewValue, Name, Field}, Acc2};
walk({Kind, _, _} = Leaf, Acc, Fun) when Kind =:= atom; Kind =:= var; Kind =:= integer; Kind =:= char;
                                        Kind =:= float; Kind =:= string ->
    {NewAnno, Acc1} = Fun(element(2, Leaf), Acc),
    {setelement(2, Leaf, NewAnno), Acc1};
walk({Kind, Info}, Acc, _) when Kind =:= error; Kind =:= warning; Kind =:= eof ->
    {{Kind, Info}, Acc};
walk({Module, Name} = Record, Acc, _) when is_atom(Module), is_atom(Name) -> {Record, Acc};
walk(Node, Acc, Fun) when tuple_size(Node) >= 2, tuple_size(Node) =< 6 ->
    [Tag, Anno | Parts] = tuple_to_list(Node),
    {NewAnno, Acc1} = Fun(Anno, Acc),
    {NewParts, Acc2} = lists:mapfoldl(fun(X, A) -> walk(X, A, Fun) end, Acc1, Parts),
    {list_to_tuple([Tag, NewAnno | NewParts]), Acc2};
walk(Other, Acc, _) when not is_tuple(Other) -> {Other, Acc}.

walk_attribute(Name, {Record, Fields}, Acc, Fun) when Name =:= record; Name =:= native_record ->
    {NewFields, Acc1} = walk(Fields, Acc, Fun),
    {{Record, NewFields}, Acc1};
walk_attribute(Name, {Type, Def, Params}, Acc, Fun) when Name =:= type; Name =:= opaque; Name =:= nominal ->
    {[NewDef, NewParams], Acc1} = walk([Def, Params], Acc, Fun),
    {{Type, NewDef, NewParams}, Acc1};
walk_attribute(Name, {Function, Types}, Acc, Fun) when Name =:= spec; Name =:= callback ->
    {NewTypes, Acc1} = walk(Types, Acc, Fun),
    {{Function, NewTypes}, Acc1};
walk_attribute(_, Value, Acc, _) ->
    {Value, Acc}.

-doc "Abstract code whose annotations, locations so far, have become annotations.".
-spec new_anno(term()) -> erl_parse_tree().
new_anno(Tree) -> map_anno(fun erl_anno:new/1, Tree).

-doc "Abstract code with annotations replaced by their terms.".
-spec anno_to_term(erl_parse_tree()) -> term().
anno_to_term(Tree) -> map_anno(fun erl_anno:to_term/1, Tree).

-doc "The opposite of anno_to_term/1.".
-spec anno_from_term(term()) -> erl_parse_tree().
anno_from_term(Tree) -> map_anno(fun erl_anno:from_term/1, Tree).

-doc false.
-spec first_anno(erl_parse_tree()) -> erl_anno:anno().
first_anno(Tree) ->
    Step = fun(Anno, Best) ->
                   case position(Anno) =< position(Best) of
                       true -> Anno;
                       false -> throw({first, Best})
                   end
           end,
    try
        fold_anno(Step, element(2, Tree), Tree)
    catch
        throw:{first, Anno} -> Anno
    end.

position(Anno) ->
    case erl_anno:location(Anno) of
        {_, _} = Location -> Location;
        Line -> {Line, 1}
    end.

%% Precedences are triples: of the left operand, of the operator, of the right operand. An operand on the side
%% to which an operator groups may have the operator's own precedence, one on the other side must bind tighter.

-doc false.
-spec inop_prec(atom()) -> {non_neg_integer(), non_neg_integer(), non_neg_integer()}.
inop_prec(Op) -> infix(maps:get(Op, infix_operators())).

-doc false.
-spec type_inop_prec(atom()) -> {non_neg_integer(), non_neg_integer(), non_neg_integer()}.
type_inop_prec(Op) ->
    Own = #{'=' => {150, 100, 100}, '::' => {150, 150, 160}, '|' => {180, 170, 170}, '..' => {300, 200, 300},
            '#' => {800, 700, 800}},
    case Own of
        #{Op := Precedences} -> Precedences;
        #{} ->
            #{Op := Level} = infix_operators(),
            true = Level =:= 400 orelse Level =:= 500,
            infix(Level)
    end.

infix(100) -> {150, 100, 100};
infix(150) -> {160, 150, 150};
infix(160) -> {200, 160, 160};
infix(200) -> {300, 200, 300};
infix(300) -> {400, 300, 300};
infix(400) -> {400, 400, 500};
infix(500) -> {500, 500, 600};
infix(700) -> {750, 700, 750};
infix(750) -> {750, 750, 800};
infix(800) -> {900, 800, 900};
infix(900) -> {900, 900, 1000}.

infix_operators() ->
    Levels = [{100, ['=', '!']}, {150, ['orelse']}, {160, ['andalso']},
              {200, ['==', '/=', '=<', '<', '>=', '>', '=:=', '=/=']}, {300, ['++', '--']},
              {400, ['+', '-', 'bor', 'bxor', 'bsl', 'bsr', 'or', 'xor']},
              {500, ['*', '/', 'div', 'rem', 'band', 'and']}, {700, ['#']}, {750, ['(']}, {800, [':']}, {900, ['.']}],
    maps:from_list([{Op, Level} || {Level, Ops} <- Levels, Op <- Ops]).

-doc false.
-spec preop_prec(atom()) -> {non_neg_integer(), non_neg_integer()}.
preop_prec(Op) -> maps:get(Op, maps:put('catch', {0, 100}, maps:put('not', {600, 700}, prefix_operators()))).

-doc false.
-spec type_preop_prec(atom()) -> {non_neg_integer(), non_neg_integer()}.
type_preop_prec(Op) -> maps:get(Op, prefix_operators()).

prefix_operators() -> #{'+' => {600, 700}, '-' => {600, 700}, 'bnot' => {600, 700}, '#' => {700, 800}}.

-doc false.
-spec func_prec() -> {800, 700}.
func_prec() -> {800, 700}.

-doc false.
-spec max_prec() -> 900.
max_prec() -> 900.
