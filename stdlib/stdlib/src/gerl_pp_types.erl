-module(gerl_pp_types).
-moduledoc "Documents (see `gerl_pp_layout`) of types, specifications and the attributes that declare them.".

-export([declaration/3, specification/2, typed/2]).

-import(gerl_pp_layout, [text/1]).

-define(COMMA, {$,, $,, true}).
-define(NOTHING, {[], [], true}).

-doc "-type, -opaque and -nominal declarations, without the dot.".
-spec declaration(atom(), term(), term()) -> gerl_pp_layout:doc().
declaration(Kind, {Name, Type, Parameters}, Options) ->
    Head = gerl_pp_code:expr({call, 0, {atom, 0, Name}, Parameters}, 0, Options),
    after_head(text(["-", atom_to_list(Kind), " "]), typed(Head, Type)).

-doc "-spec and -callback, without the dot.".
-spec specification(atom(), term()) -> gerl_pp_layout:doc().
specification(Kind, {Function, Types}) ->
    Name = case Function of
               {F, _} -> {atom, F};
               {M, F, _} -> [{atom, M}, $:, {atom, F}]
           end,
    Clauses = {rows, {$;, $;, true}, [signature(T) || T <- Types]},
    after_head(text(["-", atom_to_list(Kind), " "]), broken([after_head(Name, Clauses)])).

-doc "A document with its type.".
-spec typed(gerl_pp_layout:doc(), term()) -> gerl_pp_layout:doc().
typed(Doc, Type) -> bind([Doc, text(" ::")], type(Type, 0)).

after_head(Head, Doc) -> {row, Head, [], ?NOTHING, [Doc]}.

broken(Items) -> {row, [], [], ?NOTHING, Items}.

bind(Head, Body) -> broken([{bind, Head, Body}]).

signature({type, _, bounded_fun, [Fun, Constraints]}) ->
    Conditions = {row, [], [], ?COMMA, [constraint(C) || C <- Constraints]},
    broken([{hang, function([], Fun), broken([{hang, text("when"), Conditions}])}]);
signature(Fun) -> function([], Fun).

constraint({type, _, constraint, [{atom, _, is_subtype}, [{var, _, _} = Var, Type]]}) -> typed(code(Var, 0), Type);
constraint({type, _, constraint, [Tag, Arguments]}) -> named(Tag, Arguments).

function(Before, {type, _, 'fun', [Parameters, Result]}) ->
    Left = case Parameters of
               {type, _, any} -> text("(...)");
               {type, _, product, Types} -> arguments(Types)
           end,
    after_head(Before, {hang, [Left, text(" ->")], type(Result, 0)}).

code(Expr, Precedence) -> gerl_pp_code:expr(Expr, Precedence, none).

type({ann_type, _, [Var, Type]}, Outer) ->
    infix('::', Outer, fun(L, R) -> bind([type(Var, L), text(" ::")], type(Type, R)) end);
type({paren_type, _, [Type]}, Outer) -> type(Type, Outer);
type({type, _, union, Types}, Outer) ->
    Bar = text(" |"),
    infix('|', Outer, fun(_, R) -> {row, [], [], {Bar, Bar, true}, [type(T, R) || T <- Types]} end);
type({type, _, list, [Type]}, _) -> {row, $[, $], {$,, $,, false}, [type(Type, 0)]};
type({type, _, nonempty_list, [Type]}, _) -> {row, $[, $], ?COMMA, [type(Type, 0), text("...")]};
type({type, _, nil, []}, _) -> text("[]");
type({type, _, Name, any}, _) when Name =:= map; Name =:= tuple -> named({atom, 0, Name}, []);
type({type, _, map, Pairs}, Outer) -> prefix(Outer, after_head($#, braces([pair(P) || P <- Pairs])));
type({type, _, tuple, Types}, _) -> braces([type(T, 0) || T <- Types]);
type({type, _, record, [{atom, _, Name} | Fields]}, Outer) ->
    Typed = [typed(code(Field, 0), Type) || {type, _, field_type, [Field, Type]} <- Fields],
    prefix(Outer, after_head([gerl_pp_code:record_name(Name)], braces(Typed)));
type({type, _, range, [From, To]}, Outer) ->
    Dots = text(".."),
    infix('..', Outer, fun(_, R) -> {row, [], [], {Dots, Dots, false}, [code(From, R), code(To, R)]} end);
type({type, _, binary, [Base, Unit]}, _) -> binary(Base, Unit);
type({type, _, 'fun', []}, _) -> text("fun()");
type({type, _, 'fun', [{type, _, any}, _]} = Fun, _) -> [function([text("fun"), $(], Fun), $)];
type({type, _, 'fun', [{type, _, product, _}, _]} = Fun, _) -> [function([text("fun"), $(], Fun), $)];
type({Kind, Anno, Name, Types}, _) when Kind =:= type; Kind =:= user_type -> named({atom, Anno, Name}, Types);
type({remote_type, Anno, [Module, Name, Types]}, _) -> named({remote, Anno, Module, Name}, Types);
type({atom, _, Name}, _) -> {type_atom, Name};
type(Expr, Outer) -> code(Expr, Outer).

binary(Base, Unit) ->
    Highest = erl_parse:max_prec(),
    Parts = [[text(Start), code(Size, Highest)] || {Start, Size} <- [{"_:", Base}, {"_:_*", Unit}], not is_zero(Size)],
    case Parts of
        [] -> text("<<>>");
        _ -> {row, text("<<"), text(">>"), ?COMMA, Parts}
    end.

is_zero({integer, _, 0}) -> true;
is_zero(_) -> false.

pair({type, _, Kind, [Key, Value]}) ->
    Arrow = case Kind of
                map_field_assoc -> " =>";
                map_field_exact -> " :="
            end,
    bind([type(Key, 0), text(Arrow)], type(Value, 0)).

braces([]) -> text("{}");
braces(Docs) -> {row, ${, $}, ?COMMA, Docs}.

named(Tag, Types) -> after_head(code(Tag, 0), arguments(Types)).

arguments(Types) -> {row, $(, $), ?COMMA, [type(T, 0) || T <- Types]}.

infix(Operator, Outer, Make) ->
    {Left, Own, Right} = erl_parse:type_inop_prec(Operator),
    gerl_pp_code:enclosed(Own, Outer, Make(Left, Right)).

prefix(Outer, Doc) ->
    {Own, _} = erl_parse:type_preop_prec('#'),
    gerl_pp_code:enclosed(Own, Outer, Doc).
