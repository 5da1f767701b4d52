-module(gerl_pretty_attribute).
-moduledoc """
Attributes and types in erl_prettypr. What lays out a subtree is passed along, so that nothing here depends on contexts.
""".

-export([attribute/3, type/4]).

-import(prettypr, [text/1, above/2, beside/2, sep/1, par/1, par/2, floating/1, follow/3, empty/0]).

-define(INDENT, 4).

-doc "An attribute, given how to lay out a node, and a function type of a specification.".
-spec attribute(erl_syntax:syntaxTree(), fun((erl_syntax:syntaxTree()) -> prettypr:document()), fun((erl_syntax:syntaxTree()) -> prettypr:document())) ->
          prettypr:document().
attribute(Node, Lay, Signature) ->
    Name = erl_syntax:attribute_name(Node),
    Arguments = erl_syntax:attribute_arguments(Node),
    Kind = case erl_syntax:type(Name) of atom -> erl_syntax:atom_value(Name); _ -> none end,
    beside(floating(text("-")), beside(body(Kind, bare(Kind, Name), Arguments, Lay, Signature), floating(text(".")))).

%% A reserved word that is not quoted where it is the name of an attribute.
bare('if', Name) -> erl_syntax:copy_attrs(Name, erl_syntax:text("if"));
bare(_, Name) -> Name.

body(Kind, Name, [Value], Lay, Signature) when Kind =:= spec; Kind =:= callback ->
    [Function, Types] = erl_syntax:tuple_elements(Value),
    Label = function(Function, Lay),
    Clauses = [Signature(T) || T <- trees(Types)],
    follow(Lay(Name), beside(Label, stack(Clauses)), ?INDENT);
body(Kind, Name, [Value], Lay, _) when Kind =:= type; Kind =:= opaque ->
    [Type, Body, Parameters] = erl_syntax:tuple_elements(Value),
    Head = beside(Lay(tree(Type)), bracket("(", par_all(separated(",", [Lay(P) || P <- trees(Parameters)])), ")")),
    follow(Lay(Name), beside(Head, beside(floating(text(" :: ")), Lay(tree(Body)))), ?INDENT);
body(Kind, Name, [Names], Lay, _) when Kind =:= export_type; Kind =:= optional_callbacks ->
    arguments(Name, [erl_syntax:list([pair(N) || N <- erl_syntax:list_elements(Names)])], Lay);
body(define, Name, [Macro | Body], Lay, _) ->
    Docs = [beside(Lay(Macro), text(",")) | separated(",", [Lay(B) || B <- Body])],
    beside(Lay(Name), bracket("(", sep(Docs), ")"));
body(_, Name, none, Lay, _) -> Lay(Name);
body(_, Name, Arguments, Lay, _) -> arguments(Name, Arguments, Lay).

arguments(Name, Arguments, Lay) -> beside(Lay(Name), beside(text("("), beside(sep_all(separated(",", [Lay(A) || A <- Arguments])), floating(text(")"))))).

%% Types in attributes are terms that are forms of erl_parse. They come as trees of these terms, in which there may be macro
%% calls.
tree(Node) ->
    case erl_syntax:type(Node) of
        tuple ->
            case [term(E) || E <- erl_syntax:tuple_elements(Node)] of
                [atom, _, Macro] when not is_atom(Macro) -> Macro;
                Elements -> list_to_tuple(Elements)
            end;
        _ -> Node
    end.

trees(Node) -> [tree(E) || E <- erl_syntax:list_elements(Node)].

term(Node) ->
    case erl_syntax:type(Node) of
        tuple -> tree(Node);
        list -> [term(E) || E <- erl_syntax:list_elements(Node)];
        macro -> Node;
        _ -> erl_syntax:concrete(Node)
    end.

pair(Node) ->
    case erl_syntax:type(Node) of
        tuple ->
            [Name, Arity] = erl_syntax:tuple_elements(Node),
            erl_syntax:arity_qualifier(Name, Arity);
        _ -> Node
    end.

%% The name in a specification, without the arity.
function(Node, Lay) ->
    case erl_syntax:tuple_elements(Node) of
        [Name, _] -> Lay(Name);
        [Module, Name, _] -> Lay(erl_syntax:module_qualifier(Module, Name))
    end.

stack([Doc]) -> Doc;
stack([Doc | Docs]) -> above(beside(Doc, floating(text(";"))), stack(Docs)).

separated(Separator, [Doc | [_ | _] = Docs]) -> [beside(Doc, floating(text(Separator))) | separated(Separator, Docs)];
separated(_, Docs) -> Docs.

sep_all([]) -> empty();
sep_all(Docs) -> sep(Docs).

par_all([]) -> empty();
par_all(Docs) -> par(Docs).

bracket(Open, Doc, Close) -> beside(floating(text(Open)), beside(Doc, floating(text(Close)))).

-doc "A node of a type, given the precedence around it and how to lay out a node in the context of a precedence.".
-spec type(atom(), erl_syntax:syntaxTree(), integer(), fun((erl_syntax:syntaxTree(), integer()) -> prettypr:document())) -> prettypr:document().
type(annotated_type, Node, Around, Lay) ->
    {PrecL, Prec, _} = erl_parse:type_inop_prec('::'),
    Name = Lay(erl_syntax:annotated_type_name(Node), PrecL),
    parens(typed(Name, Lay(erl_syntax:annotated_type_body(Node), Prec)), Prec, Around);
type(bitstring_type, Node, _, Lay) ->
    Max = erl_parse:max_prec(),
    M = erl_syntax:bitstring_type_m(Node),
    N = erl_syntax:bitstring_type_n(Node),
    Start = [beside(text("_:"), Lay(M, Max)) || not is_zero(M)],
    Unit = [beside(text("_:_*"), Lay(N, Max)) || not is_zero(N)],
    bracket("<<", par_all(separated(",", Start ++ Unit)), ">>");
type(constrained_function_type, Node, _, Lay) ->
    beside(Lay(erl_syntax:constrained_function_type_body(Node), 0),
           beside(floating(text(" when ")), Lay(erl_syntax:constrained_function_type_argument(Node), 0)));
type(constraint, Node, _, Lay) ->
    Name = erl_syntax:constraint_argument(Node),
    case {erl_syntax:constraint_body(Node), erl_syntax:type(Name)} of
        {[Variable, Type], atom} -> typed(Lay(Variable, 0), Lay(Type, 0));
        {Types, _} -> beside(Lay(Name, 0), bracket("(", par_all(separated(",", [Lay(T, 0) || T <- Types])), ")"))
    end;
type(fun_type, _, _, _) -> text("fun()");
type(function_type, Node, _, Lay) ->
    Arguments = case erl_syntax:function_type_arguments(Node) of
                    any_arity -> text("...");
                    Types -> par_all(separated(",", [Lay(T, 0) || T <- Types]))
                end,
    Type = beside(bracket("(", Arguments, ")"), beside(floating(text(" -> ")), Lay(erl_syntax:function_type_return(Node), 0))),
    beside(floating(text("fun")), bracket("(", Type, ")"));
type(integer_range_type, Node, Around, Lay) ->
    {PrecL, Prec, PrecR} = erl_parse:type_inop_prec('..'),
    Doc = beside(Lay(erl_syntax:integer_range_type_low(Node), PrecL), beside(text(".."), Lay(erl_syntax:integer_range_type_high(Node), PrecR))),
    parens(Doc, Prec, Around);
type(map_type, Node, _, Lay) ->
    case erl_syntax:map_type_fields(Node) of
        any_size -> text("map()");
        Fields -> bracket("#{", par_all(separated(",", [Lay(F, 0) || F <- Fields])), "}")
    end;
type(map_type_assoc, Node, _, Lay) -> pair(erl_syntax:map_type_assoc_name(Node), "=>", erl_syntax:map_type_assoc_value(Node), Lay);
type(map_type_exact, Node, _, Lay) -> pair(erl_syntax:map_type_exact_name(Node), ":=", erl_syntax:map_type_exact_value(Node), Lay);
type(record_type, Node, _, Lay) ->
    Fields = bracket("{", par_all(separated(",", [Lay(F, 0) || F <- erl_syntax:record_type_fields(Node)])), "}"),
    beside(beside(floating(text("#")), Lay(erl_syntax:record_type_name(Node), 0)), Fields);
type(record_type_field, Node, _, Lay) -> pair(erl_syntax:record_type_field_name(Node), "::", erl_syntax:record_type_field_type(Node), Lay);
type(tuple_type, Node, _, Lay) ->
    case erl_syntax:tuple_type_elements(Node) of
        any_size -> text("tuple()");
        Elements -> bracket("{", sep_all(separated(",", [Lay(E, 0) || E <- Elements])), "}")
    end;
type(type_union, Node, Around, Lay) ->
    {_, Prec, PrecR} = erl_parse:type_inop_prec('|'),
    parens(sep(separated(" |", [Lay(T, PrecR) || T <- erl_syntax:type_union_types(Node)])), Prec, Around);
type(type_application, Node, _, Lay) ->
    Name = erl_syntax:type_application_name(Node),
    Arguments = erl_syntax:type_application_arguments(Node),
    case {erl_syntax:type(Name) =:= atom andalso erl_syntax:atom_value(Name), Arguments} of
        {nil, []} -> text("[]");
        {list, [Type]} -> bracket("[", Lay(Type, 0), "]");
        {nonempty_list, [Type]} -> bracket("[", beside(Lay(Type, 0), text(", ...")), "]");
        _ -> named(Name, Arguments, Lay)
    end;
type(user_type_application, Node, _, Lay) ->
    named(erl_syntax:user_type_application_name(Node), erl_syntax:user_type_application_arguments(Node), Lay);
type(Type, _, _, _) -> error({case_clause, Type}).

named(Name, Arguments, Lay) ->
    beside(Lay(Name, erl_parse:max_prec()), bracket("(", par_all(separated(",", [Lay(A, 0) || A <- Arguments])), ")")).

typed(Name, Type) -> follow(beside(Name, floating(text(" ::"))), Type, ?INDENT).

pair(Name, Sign, Type, Lay) -> par([Lay(Name, 0), floating(text(Sign)), Lay(Type, 0)], ?INDENT).

is_zero(Node) -> erl_syntax:type(Node) =:= integer andalso erl_syntax:integer_value(Node) =:= 0.

parens(Doc, Prec, Around) when Around > Prec -> bracket("(", Doc, ")");
parens(Doc, _, _) -> Doc.
