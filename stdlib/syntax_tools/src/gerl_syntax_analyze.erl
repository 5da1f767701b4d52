-module(gerl_syntax_analyze).
-moduledoc "What attributes, functions, names and calls say; behind the `analyze_` functions of erl_syntax_lib. Throws `syntax_error`.".

-export([forms/1, attribute/1, module/1, export/1, import/1, wild/1, record/1, record_expr/1, record_field/1, file/1, function/1,
         function_name/1, implicit_fun/1, application/1, type_application/1, type_name/1]).

%% The parts of a node of one of the given types.
-define(IS(Node, Type), (erl_syntax:type(Node) =:= Type orelse throw(syntax_error))).

-doc "All of a module's forms.".
-spec forms(erl_syntax:forms()) -> [{atom(), term()}].
forms(Forms) when is_list(Forms) -> summary([erl_syntax_lib:analyze_form(F) || F <- Forms]);
forms(Node) ->
    forms(erl_syntax:form_list_elements(erl_syntax:flatten_form_list(Node))).

%% What comes last in the module comes first here.
summary(InOrder) ->
    Facts = lists:reverse(InOrder),
    Attributes = [A || {attribute, {_, _} = A} <- Facts],
    Named = [module, export, import, record, file, preprocessor],
    Found = [{module, [M || {module, M} <- Attributes]},
             {exports, lists:append([Names || {export, Names} <- Attributes])},
             {imports, imports([I || {import, {_, _} = I} <- Attributes])},
             {attributes, [A || {Name, _} = A <- Attributes, not lists:member(Name, Named)]},
             {records, [R || {record, R} <- Attributes]},
             {errors, [E || {error_marker, E} <- Facts]},
             {warnings, [W || {warning_marker, W} <- Facts]},
             {functions, [F || {function, F} <- Facts]}],
    [pair(Key, Values) || {Key, [_ | _] = Values} <- Found].

pair(module, Modules) -> {module, lists:last(Modules)};
pair(Key, Values) -> {Key, Values}.

imports(Pairs) ->
    maps:to_list(lists:foldr(fun({Module, Names}, All) -> maps:update_with(Module, fun(Before) -> Names ++ Before end, Names, All) end,
                             #{}, Pairs)).

-doc "Any attribute.".
-spec attribute(erl_syntax:syntaxTree()) -> preprocessor | {atom(), term()}.
attribute(Node) ->
    Name = erl_syntax:attribute_name(Node),
    ?IS(Name, atom),
    case erl_syntax:atom_value(Name) of
        Directive when Directive =:= define; Directive =:= undef; Directive =:= include; Directive =:= include_lib;
                       Directive =:= ifdef; Directive =:= ifndef; Directive =:= 'if'; Directive =:= elif; Directive =:= 'else';
                       Directive =:= endif -> preprocessor;
        module -> {module, module(Node)};
        export -> {export, export(Node)};
        import -> {import, import(Node)};
        file -> {file, file(Node)};
        record -> {record, record(Node)};
        _ -> wild(Node)
    end.

arguments(Node, Expected) ->
    ?IS(Node, attribute),
    Name = erl_syntax:attribute_name(Node),
    (Expected =:= any orelse erl_syntax:is_atom(Name, Expected)) orelse throw(syntax_error),
    case erl_syntax:attribute_arguments(Node) of
        none -> throw(syntax_error);
        Arguments -> Arguments
    end.

-doc "A module attribute.".
-spec module(erl_syntax:syntaxTree()) -> atom() | {atom(), [atom()]}.
module(Node) ->
    case arguments(Node, module) of
        [Name] -> atom(Name);
        [Name, Parameters] -> {atom(Name), [variable(P) || P <- list(Parameters)]};
        _ -> throw(syntax_error)
    end.

-doc "An export attribute.".
-spec export(erl_syntax:syntaxTree()) -> [term()].
export(Node) ->
    case arguments(Node, export) of
        [Names] -> [function_name(N) || N <- list(Names)];
        _ -> throw(syntax_error)
    end.

-doc "An import attribute.".
-spec import(erl_syntax:syntaxTree()) -> atom() | {atom(), [term()]}.
import(Node) ->
    case arguments(Node, import) of
        [Module] -> atom(Module);
        [Module, Names] -> {atom(Module), [function_name(N) || N <- list(Names)]};
        _ -> throw(syntax_error)
    end.

-doc "A file attribute.".
-spec file(erl_syntax:syntaxTree()) -> {string(), integer()}.
file(Node) ->
    case arguments(Node, file) of
        [File, Line] -> ?IS(File, string), ?IS(Line, integer), {erl_syntax:string_value(File), erl_syntax:integer_value(Line)};
        _ -> throw(syntax_error)
    end.

-doc "An attribute of any name with one argument.".
-spec wild(erl_syntax:syntaxTree()) -> {atom(), term()}.
wild(Node) ->
    case arguments(Node, any) of
        [Value] ->
            Name = atom(erl_syntax:attribute_name(Node)),
            try {Name, erl_syntax:concrete(Value)} catch error:_ -> throw(syntax_error) end;
        _ -> throw(syntax_error)
    end.

-doc "A record definition.".
-spec record(erl_syntax:syntaxTree()) -> {atom(), [term()]}.
record(Node) ->
    case arguments(Node, record) of
        [Name, Fields] -> ?IS(Fields, tuple), {atom(Name), [record_field(F) || F <- erl_syntax:tuple_elements(Fields)]};
        _ -> throw(syntax_error)
    end.

-doc "A field of a record definition.".
-spec record_field(erl_syntax:syntaxTree()) -> {atom(), {term(), term()}}.
record_field(Node) ->
    case erl_syntax:type(Node) of
        record_field -> {atom(erl_syntax:record_field_name(Node)), {erl_syntax:record_field_value(Node), none}};
        typed_record_field ->
            {Name, {Default, none}} = record_field(erl_syntax:typed_record_field_body(Node)),
            {Name, {Default, erl_syntax:typed_record_field_type(Node)}};
        _ -> throw(syntax_error)
    end.

-doc "A record expression.".
-spec record_expr(erl_syntax:syntaxTree()) -> {atom(), term()} | atom().
record_expr(Node) ->
    case erl_syntax:type(Node) of
        record_expr ->
            Fields = [record_field(F) || F <- erl_syntax:record_expr_fields(Node)],
            {record_expr, {atom(erl_syntax:record_expr_type(Node)), [{Name, Value} || {Name, {Value, _}} <- Fields]}};
        record_access -> {record_access, {atom(erl_syntax:record_access_type(Node)), atom(erl_syntax:record_access_field(Node))}};
        record_index_expr -> {record_index_expr, {atom(erl_syntax:record_index_expr_type(Node)), atom(erl_syntax:record_index_expr_field(Node))}};
        Type -> Type
    end.

-doc "A function.".
-spec function(erl_syntax:syntaxTree()) -> {atom(), arity()}.
function(Node) ->
    ?IS(Node, function),
    {atom(erl_syntax:function_name(Node)), try erl_syntax:function_arity(Node) catch error:_ -> throw(syntax_error) end}.

-doc "The name in an implicit fun.".
-spec implicit_fun(erl_syntax:syntaxTree()) -> term().
implicit_fun(Node) ->
    ?IS(Node, implicit_fun),
    function_name(erl_syntax:implicit_fun_name(Node)).

-doc "A function's name; an arity may stand inside or outside of the module qualifier.".
-spec function_name(erl_syntax:syntaxTree()) -> term().
function_name(Node) ->
    case erl_syntax:type(Node) of
        atom -> erl_syntax:atom_value(Node);
        arity_qualifier ->
            Arity = erl_syntax:arity_qualifier_argument(Node),
            ?IS(Arity, integer),
            with_arity(function_name(erl_syntax:arity_qualifier_body(Node)), erl_syntax:integer_value(Arity));
        module_qualifier ->
            {atom(erl_syntax:module_qualifier_argument(Node)), function_name(erl_syntax:module_qualifier_body(Node))};
        _ -> throw(syntax_error)
    end.

with_arity(Name, Arity) when is_atom(Name) -> {Name, Arity};
with_arity({Module, Name}, Arity) when is_atom(Module), not is_integer(Name) -> {Module, with_arity(Name, Arity)};
with_arity(_, _) -> throw(syntax_error).

-doc "The function of a call.".
-spec application(erl_syntax:syntaxTree()) -> term().
application(Node) ->
    ?IS(Node, application),
    Arity = length(erl_syntax:application_arguments(Node)),
    Operator = erl_syntax:application_operator(Node),
    try with_arity(function_name(Operator), Arity)
    catch throw:syntax_error -> Arity
    end.

-doc "The type of a use of a type.".
-spec type_application(erl_syntax:syntaxTree()) -> term().
type_application(Node) ->
    case erl_syntax:type(Node) of
        type_application ->
            with_arity(type_name(erl_syntax:type_application_name(Node)), length(erl_syntax:type_application_arguments(Node)));
        user_type_application ->
            with_arity(type_name(erl_syntax:user_type_application_name(Node)), length(erl_syntax:user_type_application_arguments(Node)));
        _ -> throw(syntax_error)
    end.

-doc "A type's name.".
-spec type_name(erl_syntax:syntaxTree()) -> term().
type_name(Node) -> function_name(Node).

atom(Node) -> ?IS(Node, atom), erl_syntax:atom_value(Node).
variable(Node) -> ?IS(Node, variable), erl_syntax:variable_name(Node).
list(Node) -> erl_syntax:is_proper_list(Node) orelse throw(syntax_error), erl_syntax:list_elements(Node).
