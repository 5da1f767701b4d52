-module(gerl_pp_code).
-moduledoc "Documents (see `gerl_pp_layout`) of abstract forms and expressions.".

-export([form/2, guard/2, sequence/2, expr/3, record_name/1, enclosed/3]).

-import(gerl_pp_layout, [text/1]).

-define(COMMA, {$,, $,, true}).
-define(NOTHING, {[], [], true}).

%% Where a space keeps two tokens apart: after these comes no # directly.
-define(NEEDS_SPACE(E), (element(1, E) =:= integer orelse
                         element(1, E) =:= 'fun' andalso tuple_size(E) =:= 3 andalso
                         element(1, element(3, E)) =:= function)).

-doc "The document of a form, with its full stop and newline.".
-spec form(term(), term()) -> gerl_pp_layout:doc().
form({attribute, _, Name, Value}, Options) -> [attribute(Name, Value, Options), text(".\n")];
form({function, _, Name, _, Clauses}, Options) ->
    [{rows, {$;, $;, false}, [clause({atom, 0, Name}, C, Options) || C <- Clauses]}, text(".\n")];
form({Kind, _} = Message, Options) when Kind =:= error; Kind =:= warning ->
    Format = case encoding(Options) of
                 latin1 -> "~p\n";
                 unicode -> "~tp\n"
             end,
    text(io_lib:format(Format, [Message]));
form({eof, _}, _) -> $\n.

-doc "The document of a guard.".
-spec guard(term(), term()) -> gerl_pp_layout:doc().
guard([], _) -> [];
guard(Guard, Options) -> broken([{hang, text("when"), tests(Guard, {$;, $;, true}, Options)}]).

-doc "The document of expressions with commas between them.".
-spec sequence([term()], term()) -> gerl_pp_layout:doc().
sequence(Exprs, Options) -> {row, [], [], ?COMMA, exprs(Exprs, Options)}.

%% Attributes

attribute(Kind, Value, _) when Kind =:= type; Kind =:= opaque; Kind =:= nominal ->
    gerl_pp_types:declaration(Kind, Value, none);
attribute(Kind, Value, _) when Kind =:= spec; Kind =:= callback -> gerl_pp_types:specification(Kind, Value);
attribute(module, {Name, Parameters}, _) ->
    Variables = lists:foldr(fun(P, Tail) -> {cons, 0, {var, 0, P}, Tail} end, {nil, 0}, Parameters),
    written(module, [{var, 0, dotted(Name)}, Variables]);
attribute(module, Name, _) -> written(module, [{var, 0, dotted(Name)}]);
attribute(Kind, Names, _) when Kind =:= export; Kind =:= export_type -> marked(Kind, arities(Names));
attribute(import, Name, _) when is_list(Name) -> written(import, [{var, 0, dotted(Name)}]);
attribute(import, {Module, Names}, _) -> marked(import, [text(dotted(Module)), arities(Names)]);
attribute(optional_callbacks, Names, Options) ->
    case is_list(Names) andalso lists:all(fun({F, _}) -> is_atom(F); (_) -> false end, Names) of
        true -> marked(optional_callbacks, arities(Names));
        false -> written(optional_callbacks, [abstract(Names, Options)])
    end;
attribute(file, {Name, Line}, _) -> written(file, [{string, 0, Name}, {integer, 0, Line}]);
attribute(record, {Name, Fields}, Options) ->
    [{row, [text("-record("), {atom, Name}, $,], [], ?NOTHING, [fields(Fields, Options)]}, $)];
attribute(native_record, {Name, Fields}, Options) ->
    after_head([text("-record #"), {atom, Name}], fields(Fields, Options));
attribute(Name, Value, Options) -> written(Name, [abstract(Value, Options)]).

abstract(Value, Options) -> erl_parse:abstract(Value, [{encoding, encoding(Options)}]).

written(Name, Values) -> after_head([$-, {atom, Name}], arguments(Values, none)).

marked(Name, Docs) -> after_head([$-, {atom, Name}], {row, $(, $), ?COMMA, Docs}).

arities([]) -> [text("[]")];
arities(Names) ->
    [{row, $[, $], {$,, $,, false}, [[{atom, Name}, text(["/", io_lib:write(Arity)])] || {Name, Arity} <- Names]}].

dotted(['' | Names]) -> [$. | dotted(Names)];
dotted([Name]) -> io_lib:write(Name);
dotted([Name | Names]) -> [io_lib:write(Name), $. | dotted(Names)];
dotted(Name) when is_atom(Name) -> io_lib:write(Name).

encoding(Options) when is_list(Options) ->
    case proplists:get_value(encoding, Options, utf8) of
        latin1 -> latin1;
        _ -> unicode
    end;
encoding(_) -> unicode.

%% Clauses

clause(Name, {clause, _, Patterns, Guard, Body}, Options) ->
    arm(after_head(expr(Name, element(2, erl_parse:func_prec()), Options), arguments(Patterns, Options)), Guard, Body, Options).

%% Head when Guard -> Body.
arm(Head, Guard, Body, Options) ->
    {hang, [broken([{hang, Head, guard(Guard, Options)}]), text(" ->")], body(Body, Options)}.

body([Expr], Options) -> expr(Expr, 0, Options);
body(Exprs, Options) -> {rows, ?COMMA, exprs(Exprs, Options)}.

arms(Clauses, Make) -> {rows, {$;, $;, true}, [Make(C) || C <- Clauses]}.

cases(Clauses, Options) ->
    arms(Clauses, fun({clause, _, [Pattern], Guard, Body}) -> arm(expr(Pattern, 0, Options), Guard, Body, Options) end).

catches(Clauses, Options) ->
    arms(Clauses, fun({clause, _, [{tuple, _, [Class, Reason, Stack]}], Guard, Body}) ->
                          Trace = case Stack of
                                      {var, _, '_'} -> [];
                                      _ -> [$:, expr(Stack, 0, Options)]
                                  end,
                          Head = [expr(Class, 0, Options), $:, expr(Reason, 0, Options) | Trace],
                          arm(Head, Guard, Body, Options)
                  end).

conditions(Clauses, Options) ->
    arms(Clauses, fun({clause, _, [], Guard, Body}) ->
                          {hang, [condition(Guard, Options), text(" ->")], body(Body, Options)}
                  end).

condition([], _) -> text("true");
condition(Guard, Options) -> tests(Guard, {$;, $;, false}, Options).

%% Guards are lists of lists of tests; very old ones a list of tests.
tests([First | _] = Guard, Separator, Options) ->
    Alternatives = case is_list(First) of
                       true -> Guard;
                       false -> [Guard]
                   end,
    {row, [], [], Separator, [{row, [], [], ?COMMA, exprs(Tests, Options)} || Tests <- Alternatives]}.

%% Expressions

exprs(Exprs, Options) -> [expr(E, 0, Options) || E <- Exprs].

-doc "The document of an expression in a context that binds with a precedence.".
-spec expr(term(), non_neg_integer(), term()) -> gerl_pp_layout:doc().
expr({var, _, Number}, _, _) when is_integer(Number) -> text(["_", integer_to_list(Number)]);
expr({var, _, Name}, _, _) when is_atom(Name) -> text(atom_to_list(Name));
expr({var, _, Name}, _, _) -> text(Name);
expr({Kind, _, Number}, _, _) when Kind =:= integer; Kind =:= float -> text(io_lib:write(Number));
expr({Kind, _, _} = Literal, _, _) when Kind =:= char; Kind =:= atom; Kind =:= string; Kind =:= value ->
    {Kind, element(3, Literal)};
expr({nil, _}, _, _) -> text("[]");
expr({cons, _, Head, Tail}, _, Options) -> list(Tail, [Head], Options);
expr({tuple, _, Elements}, _, Options) -> braces(exprs(Elements, Options));
expr({Kind, _, Template, Qualifiers}, _, Options) when Kind =:= lc; Kind =:= bc; Kind =:= mc ->
    comprehension(Kind, Template, Qualifiers, Options);
expr({Kind, _, Name, Field}, Outer, Options) when Kind =:= record_index ->
    {Own, Right} = erl_parse:preop_prec('#'),
    enclosed(Own, Outer, [record_name(Name), $., expr(Field, Right, Options)]);
expr({record, _, Name, Fields}, Outer, Options) ->
    {Own, _} = erl_parse:preop_prec('#'),
    enclosed(Own, Outer, after_head(record_name(Name), fields(Fields, Options)));
expr({record_field, _, Record, Name, Field}, Outer, Options) ->
    binary_hash(Record, Outer, Options, fun(Doc, Right) ->
                                                [Doc, [record_name(Name), $.], expr(Field, Right, Options)]
                                        end);
expr({record, _, Record, Name, Fields}, Outer, Options) ->
    binary_hash(Record, Outer, Options, fun(Doc, _) -> after_head([Doc, record_name(Name)], fields(Fields, Options)) end);
expr({record_field, _, Record, Field}, Outer, Options) ->
    {Left, Own, Right} = erl_parse:inop_prec('.'),
    Before = case Record of
                 {atom, _, ''} -> [];
                 _ -> [expr(Record, Left, Options)]
             end,
    enclosed(Own, Outer, [Before, $., expr(Field, Right, Options)]);
expr({map, _, Fields}, Outer, Options) ->
    {Own, _} = erl_parse:preop_prec('#'),
    enclosed(Own, Outer, after_head($#, associations(Fields, Options)));
expr({map, _, Map, Fields}, Outer, Options) ->
    binary_hash(Map, Outer, Options, fun(Doc, _) -> after_head([Doc, $#], associations(Fields, Options)) end);
expr({bin, _, []}, _, _) -> text("<<>>");
expr({bin, _, Elements}, _, Options) ->
    [text("<<"), {row, [], [], {$,, $,, false}, [segment(E, Options) || E <- Elements]}, text(">>")];
expr({'fun', _, Function}, _, Options) -> function(Function, Options);
expr({'fun', Anno, Function, Extra}, Outer, Options) -> noted(Extra, expr({'fun', Anno, Function}, Outer, Options));
expr({named_fun, _, Name, Clauses}, _, Options) -> named(Name, Clauses, Options);
expr({named_fun, _, Name, Clauses, Extra}, _, Options) -> noted(Extra, named(Name, Clauses, Options));
expr({call, _, {remote, _, {atom, _, M}, {atom, _, F} = Name} = Remote, Arguments}, Outer, Options) ->
    Called = case F =/= float andalso erl_internal:bif(M, F, length(Arguments)) of
                 true -> Name;
                 false -> Remote
             end,
    call(Called, Arguments, Outer, Options);
expr({call, _, Name, Arguments}, Outer, Options) -> call(Name, Arguments, Outer, Options);
expr({remote, _, Module, Name}, Outer, Options) ->
    {Left, Own, Right} = erl_parse:inop_prec(':'),
    enclosed(Own, Outer, [expr(Module, Left, Options), $:, expr(Name, Right, Options)]);
expr({match, _, Pattern, Value}, Outer, Options) ->
    {Left, Own, Right} = erl_parse:inop_prec('='),
    enclosed(Own, Outer, bind([expr(Pattern, Left, Options), text(" =")], expr(Value, Right, Options)));
expr({maybe_match, _, Pattern, Value}, _, Options) ->
    bind([expr(Pattern, 0, Options), text(" ?=")], expr(Value, 0, Options));
expr({op, _, Operator, Operand}, Outer, Options) ->
    {Own, Right} = erl_parse:preop_prec(Operator),
    Sign = case Operator =:= '+' orelse Operator =:= '-' of
               true -> atom_to_list(Operator);
               false -> [atom_to_list(Operator), $\s]
           end,
    enclosed(Own, Outer, [{own, text(Sign)}, expr(Operand, Right, Options)]);
expr({op, _, Operator, A, B}, Outer, Options) ->
    {Left, Own, Right} = erl_parse:inop_prec(Operator),
    Docs = [expr(A, Left, Options), {own, text(atom_to_list(Operator))}, expr(B, Right, Options)],
    enclosed(Own, Outer, case Operator =:= 'andalso' orelse Operator =:= 'orelse' of
                             true -> {rows, ?NOTHING, Docs};
                             false -> broken(Docs)
                         end);
expr({'catch', _, Expr}, Outer, Options) ->
    {Own, Right} = erl_parse:preop_prec('catch'),
    enclosed(Own, Outer, broken([{hang, text("catch"), expr(Expr, Right, Options)}]));
expr({Kind, _, Line, Index}, _, _) when Kind =:= debug_line; Kind =:= executable_line ->
    text(io_lib:format("beam_instruction:~s(~p, ~p)", [Kind, Line, Index]));
expr(Expr, Outer, Options) ->
    case control(Expr, Options) of
        none -> hook(Expr, Outer, Options);
        Parts -> broken(Parts ++ [{own, text("end")}])
    end.

%% What ends with "end", without it.
control({block, _, Body}, Options) -> [under("begin", body(Body, Options))];
control({'if', _, Clauses}, Options) -> [under("if", conditions(Clauses, Options))];
control({'cond', _, Clauses}, Options) ->
    [under("cond", arms(Clauses, fun({clause, _, [], [[Test]], Body}) ->
                                         {hang, [expr(Test, 0, Options), text(" ->")], body(Body, Options)}
                                 end))];
control({'case', _, Value, Clauses}, Options) ->
    [{hang, broken([under("case", expr(Value, 0, Options)), {own, text("of")}]), cases(Clauses, Options)}];
control({'receive', _, Clauses}, Options) -> [under("receive", cases(Clauses, Options))];
control({'receive', _, Clauses, Time, Body}, Options) ->
    After = broken([{hang, [expr(Time, 0, Options), text(" ->")], body(Body, Options)}]),
    [under("receive", cases(Clauses, Options)), under("after", After)];
control({'try', _, Body, Of, Catch, After}, Options) ->
    Try = under("try", body(Body, Options)),
    First = case Of of
                [] -> Try;
                _ -> {hang, broken([Try, {own, text("of")}]), cases(Of, Options)}
            end,
    [First] ++ [under("catch", catches(Catch, Options)) || Catch =/= []]
        ++ [under("after", body(After, Options)) || After =/= []];
control({'maybe', _, Body}, Options) -> [under("maybe", body(Body, Options))];
control({'maybe', _, Body, {'else', _, Clauses}}, Options) ->
    [under("maybe", body(Body, Options)), under("else", cases(Clauses, Options))];
control(_, _) -> none.

under(Word, Doc) -> {hang, text(Word), Doc}.

hook(Expr, Outer, Options) ->
    Hook = case is_list(Options) of
               true -> proplists:get_value(hook, Options, none);
               false -> Options
           end,
    case Hook of
        none -> text(io_lib:format("INVALID-FORM:~w:", [Expr]));
        {M, F, Arguments} when M =/= 'fun' -> {hook, fun(Column) -> apply(M, F, [Expr, Column, Outer, Hook | Arguments]) end};
        _ -> {hook, fun(Column) -> Hook(Expr, Column, Outer, Options) end}
    end.

%% What follows a value and #.
binary_hash(Value, Outer, Options, Make) ->
    {Left, Own, Right} = erl_parse:inop_prec('#'),
    Doc = expr(Value, Left, Options),
    enclosed(Own, Outer, Make(if ?NEEDS_SPACE(Value) -> [Doc, $\s]; true -> Doc end, Right)).

comprehension(Kind, Template, Qualifiers, Options) ->
    {Open, Close, Doc} = case Kind of
                             lc -> {$[, $], expr(Template, 0, Options)};
                             bc -> {text("<<"), text(">>"), expr(Template, erl_parse:max_prec(), Options)};
                             mc -> {text("#{"), $}, association(Template, Options)}
                         end,
    Inside = broken([{hang, [Doc, text(" ||")], {rows, ?COMMA, [qualifier(Q, Options) || Q <- Qualifiers]}}]),
    broken([{row, Open, [], ?NOTHING, [{note, text(" "), [Inside]}]}, Close]).

qualifier({zip, _, Qualifiers}, Options) ->
    And = text("&&"),
    {rows, {And, And, true}, [qualifier(Q, Options) || Q <- Qualifiers]};
qualifier({Kind, _, Pattern, Source}, Options)
  when Kind =:= generate; Kind =:= generate_strict; Kind =:= b_generate; Kind =:= b_generate_strict ->
    from(expr(Pattern, 0, Options), arrow(Kind), Source, Options);
qualifier({Kind, _, Pattern, Source}, Options) when Kind =:= m_generate; Kind =:= m_generate_strict ->
    from(association(Pattern, Options), arrow(Kind), Source, Options);
qualifier(Filter, Options) -> expr(Filter, 0, Options).

from(Pattern, Arrow, Source, Options) -> broken([{hang, [Pattern, text(Arrow)], expr(Source, 0, Options)}]).

arrow(b_generate) -> " <=";
arrow(b_generate_strict) -> " <:=";
arrow(Kind) when Kind =:= generate; Kind =:= m_generate -> " <-";
arrow(_) -> " <:-".

function({function, Name, Arity}, _) -> [text("fun "), {atom, Name}, text(["/", io_lib:write(Arity)])];
function({function, Module, Name, Arity}, Options) ->
    [text("fun "), expr(Module, 0, Options), $:, expr(Name, 0, Options), $/, expr(Arity, 0, Options)];
function({clauses, Clauses}, Options) -> funs(text("fun"), [], Clauses, Options).

named(Name, Clauses, Options) -> funs(text("fun "), text(atom_to_list(Name)), Clauses, Options).

funs(Head, Name, Clauses, Options) ->
    Arms = [arm_of_fun(Name, C, Options) || C <- Clauses],
    broken([after_head(Head, {rows, {$;, $;, true}, Arms}), {own, text("end")}]).

arm_of_fun(Name, {clause, _, Patterns, Guard, Body}, Options) ->
    {hang, Head, Doc} = arm(arguments(Patterns, Options), Guard, Body, Options),
    {hang, [Name, Head], Doc}.

noted(Extra, Doc) -> {note, [text("% fun-info: "), {value, Extra}], Doc}.

call(Name, Arguments, Outer, Options) ->
    {Left, Own} = erl_parse:func_prec(),
    enclosed(Own, Outer, after_head(expr(Name, Left, Options), arguments(Arguments, Options))).

arguments(Exprs, Options) -> {row, $(, $), ?COMMA, exprs(Exprs, Options)}.

list({cons, _, Head, Tail}, Heads, Options) -> list(Tail, [Head | Heads], Options);
list({nil, _}, Heads, Options) -> {row, $[, $], ?COMMA, exprs(lists:reverse(Heads), Options)};
list(Tail, Heads, Options) -> {row, $[, $], {$,, text(" |"), true}, exprs(lists:reverse(Heads, [Tail]), Options)}.

braces([]) -> text("{}");
braces(Docs) -> {row, ${, $}, ?COMMA, Docs}.

-doc "The name of a record behind its #.".
-spec record_name(term()) -> gerl_pp_layout:doc().
record_name({Module, Name}) -> [$#, {atom, Module}, $:, {atom, Name}];
record_name([]) -> [$#, $_];
record_name(Name) -> [$#, {atom, Name}].

fields(Fields, Options) -> braces([field(F, Options) || F <- Fields]).

field({typed_record_field, {record_field, _, Name, Value}, Type}, Options) ->
    {Left, _, Right} = erl_parse:inop_prec('='),
    bind([expr(Name, Left, Options), text(" =")], gerl_pp_types:typed(expr(Value, Right, Options), Type));
field({typed_record_field, Field, Type}, Options) -> gerl_pp_types:typed(field(Field, Options), Type);
field({record_field, _, Name, Value}, Options) ->
    {Left, _, Right} = erl_parse:inop_prec('='),
    bind([expr(Name, Left, Options), text(" =")], expr(Value, Right, Options));
field({record_field, _, Name}, Options) -> expr(Name, 0, Options).

associations(Fields, Options) -> braces([association(F, Options) || F <- Fields]).

association({Kind, _, Key, Value}, Options) ->
    Arrow = case Kind of
                map_field_assoc -> " =>";
                map_field_exact -> " :="
            end,
    broken([{hang, [expr(Key, 0, Options), text(Arrow)], expr(Value, 0, Options)}]).

segment({bin_element, _, Value, default, default}, Options) -> expr(Value, erl_parse:max_prec(), Options);
segment({bin_element, _, Value, Size, Specifiers}, Options) ->
    Highest = erl_parse:max_prec(),
    [expr(Value, Highest, Options),
     [[$:, expr(Size, Highest, Options)] || Size =/= default],
     case Specifiers of
         default -> [];
         _ -> [$/ | lists:join($-, [specifier(S) || S <- Specifiers])]
     end].

specifier({Name, Value}) -> [specifier(Name), $:, specifier(Value)];
specifier(Name) -> expr(erl_parse:abstract(Name), 0, none).

%% Pieces

-doc "A document in parentheses if it binds less tightly than what is around it.".
-spec enclosed(non_neg_integer(), non_neg_integer(), gerl_pp_layout:doc()) -> gerl_pp_layout:doc().
enclosed(Own, Outer, Doc) when Own < Outer -> [$(, Doc, $)];
enclosed(_, _, Doc) -> Doc.

broken(Items) -> {row, [], [], ?NOTHING, Items}.

bind(Head, Body) -> broken([{bind, Head, Body}]).

after_head(Head, Doc) -> {row, Head, [], ?NOTHING, [Doc]}.
