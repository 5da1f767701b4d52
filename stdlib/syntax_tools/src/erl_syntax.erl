-module(erl_syntax).
-moduledoc """
Erlang source code as trees.

A tree is made of nodes, each with a type (`type/1`), subtrees (`subtrees/1`) or a value, a position, comments and
annotations. Forms and expressions of erl_parse are trees as they are; nodes that erl_parse does not know, such as
macro calls or comments, exist beside them. `revert/1` gives the form of erl_parse that a tree stands for.

For each type there is a constructor of the same name, and a selector `TYPE_PART` for each part. Selectors do not care
whether a node was made here or by erl_parse; of a node of another type they raise `{badrecord, Data}`, of a form `{badarg, Form}`.

No tree is an atom or a list.
""".

-compile({no_auto_import, [is_atom/2, is_integer/2, is_list/2, float/1, tuple_size/1]}).

-export([type/1, is_leaf/1, is_form/1, is_tree/1, is_wrapper/1, wrap/1, unwrap/1, tree/1, tree/2, data/1]).
-export([get_pos/1, set_pos/2, copy_pos/2, get_ann/1, set_ann/2, add_ann/2, copy_ann/2, get_attrs/1, set_attrs/2, copy_attrs/2]).
-export([get_precomments/1, set_precomments/2, add_precomments/2, get_postcomments/1, set_postcomments/2, add_postcomments/2,
         has_comments/1, remove_comments/1, copy_comments/2, join_comments/2]).
-export([comment/1, comment/2, comment_text/1, comment_padding/1, flatten_form_list/1, text/1, text_string/1, variable/1, variable_name/1,
         variable_literal/1, underscore/0, operator/1, operator_name/1, operator_literal/1, eof_marker/0, error_marker/1,
         error_marker_info/1, warning_marker/1, warning_marker_info/1]).
-export([integer/1, is_integer/2, integer_value/1, integer_literal/1, float/1, float_value/1, float_literal/1, char/1, is_char/2,
         char_value/1, char_literal/1, char_literal/2, string/1, is_string/2, string_value/1, string_literal/1, string_literal/2, atom/1,
         is_atom/2, atom_value/1, atom_name/1, atom_literal/1, atom_literal/2, tuple_size/1]).
-export([list/1, list/2, nil/0, cons/2, list_head/1, list_tail/1, is_list_skeleton/1, is_proper_list/1, list_elements/1, list_length/1,
         normalize_list/1, compact_list/1]).
-export([clause/2, clause/3, function_arity/1, fun_expr_arity/1, named_fun_expr_arity/1, attribute/1, macro/1, map_expr/1, map_type/0,
         tuple_type/0, fun_type/0, function_type/1, record_field/1, record_expr/2, application/3, type_application/3, binary_field/1,
         binary_field/3, binary_field_size/1, maybe_expr/1, receive_expr/1, try_expr/2, try_expr/3, try_after_expr/2, class_qualifier/2,
         implicit_fun/2, implicit_fun/3, constrained_function_type/2]).
-export([abstract/1, concrete/1, is_literal/1, revert/1, revert_forms/1, subtrees/1, update_tree/2, make_tree/2, meta/1]).
-export_type([syntaxTree/0, syntaxTreeAttributes/0, forms/0, padding/0, annotation_or_location/0]).

-type syntaxTreeAttributes() :: {attr, annotation_or_location(), [term()], none | {com, [syntaxTree()], [syntaxTree()]}}.
-type syntaxTree() :: tree() | wrapper() | erl_parse().
-type tree() :: {tree, atom(), syntaxTreeAttributes(), term()}.
-type wrapper() :: {wrapper, atom(), syntaxTreeAttributes(), erl_parse()}.
-type erl_parse() :: tuple().
-type forms() :: syntaxTree() | [syntaxTree()].
-type padding() :: none | integer().
-type annotation_or_location() :: erl_anno:anno() | erl_anno:location().
-type encoding() :: utf8 | unicode | latin1.
-type guard() :: none | syntaxTree() | [syntaxTree()] | [[syntaxTree()]].

-include("erl_syntax_nodes.hrl").

%% Nodes.

-doc "The type of a node; raises `{badarg, Node}` for a term that is no tree.".
-spec type(syntaxTree()) -> atom().
type({tree, Type, _, _}) -> Type;
type({wrapper, Type, _, _}) -> Type;
type(Form) ->
    case gerl_syntax_forms:type(Form) of
        false -> error({badarg, Form});
        Type -> Type
    end.

-doc "Whether a node has no subtrees and is of a type, or with parts, that cannot have any.".
-spec is_leaf(syntaxTree()) -> boolean().
is_leaf(Node) ->
    case type(Node) of
        map_expr -> map_expr_argument(Node) =:= none andalso map_expr_fields(Node) =:= [];
        tuple -> tuple_elements(Node) =:= [];
        map_type -> map_type_fields(Node) =:= any_size;
        tuple_type -> tuple_type_elements(Node) =:= any_size;
        Type -> lists:member(Type, [atom, char, comment, eof_marker, error_marker, float, fun_type, integer, nil, operator, string, text,
                                    underscore, variable, warning_marker])
    end.

-doc "Whether a node is one of those that make up a module: attributes, functions, comments, texts, markers and lists of them.".
-spec is_form(syntaxTree()) -> boolean().
is_form(Node) ->
    lists:member(type(Node), [attribute, comment, function, eof_marker, error_marker, form_list, warning_marker, text]).

-doc "Whether a term is a node of this module's own, not a form of erl_parse.".
-spec is_tree(syntaxTree()) -> boolean().
is_tree({tree, _, _, _}) -> true;
is_tree(_) -> false.

-doc "Whether a term is a form of erl_parse with attributes around it.".
-spec is_wrapper(term()) -> boolean().
is_wrapper({wrapper, _, _, _}) -> true;
is_wrapper(_) -> false.

-doc "A form of erl_parse in a node that can carry attributes.".
-spec wrap(erl_parse()) -> wrapper().
wrap(Form) -> {wrapper, type(Form), gerl_syntax_node:attributes(Form), Form}.

-doc "What `wrap/1` wrapped, or the node itself.".
-spec unwrap(syntaxTree()) -> tree() | erl_parse().
unwrap({wrapper, _, _, Form}) -> Form;
unwrap(Node) -> Node.

-doc "The same as `tree(Type, [])`.".
-spec tree(atom()) -> tree().
tree(Type) -> tree(Type, []).

-doc "A node of any type, with data that the other functions know nothing of.".
-spec tree(atom(), term()) -> tree().
tree(Type, Data) -> gerl_syntax_node:tree(Type, Data).

-doc "The data of a node that is no form of erl_parse.".
-spec data(syntaxTree()) -> term().
data({tree, _, _, Data}) -> Data;
data(Form) -> error({badarg, Form}).

%% A part of a node of a known type: its place in the data, or 0 for all of it. Nodes of this module are asked for their data, whatever
%% their type is; a form must be of the type.
part(At, Type, {tree, _, _, Data}) -> pick(At, Type, Data);
%% Nodes that erl_parse does not know are no forms in wrappers.
part(_, Type, {wrapper, _, _, _} = Node) when Type =:= arity_qualifier; Type =:= class_qualifier; Type =:= text -> error({badarg, Node});
part(At, Type, {wrapper, _, _, Form}) when element(1, Form) =/= wrapper -> part(At, Type, Form);
part(At, Type, Node) ->
    case gerl_syntax_forms:unfold(Node) of
        {Type, Data} -> pick(At, Type, Data);
        _ -> error({badarg, Node})
    end.

pick(0, _, Data) -> Data;
pick(At, function, Data) when element(1, Data) =:= func -> element(At + 1, Data);
pick(At, Type, Data) when element(1, Data) =:= Type -> element(At + 1, Data);
pick(_, _, Data) -> error({badrecord, Data}).

is_of(Type, {tree, Kind, _, _}) -> Kind =:= Type;
is_of(Type, {wrapper, Kind, _, _}) -> Kind =:= Type;
is_of(Type, Form) -> gerl_syntax_forms:type(Form) =:= Type.

%% Attributes.

-doc "The position of a node, 0 if it has none.".
-spec get_pos(syntaxTree()) -> annotation_or_location().
get_pos(Node) -> element(2, gerl_syntax_node:attributes(Node)).

-doc "The node with another position.".
-spec set_pos(syntaxTree(), annotation_or_location()) -> syntaxTree().
set_pos(Node, Pos) -> gerl_syntax_node:at(Pos, Node).

-doc "The second node with the position of the first.".
-spec copy_pos(syntaxTree(), syntaxTree()) -> syntaxTree().
copy_pos(Source, Target) -> set_pos(Target, get_pos(Source)).

-doc "The annotations of a node, any terms that its users gave it.".
-spec get_ann(syntaxTree()) -> [term()].
get_ann(Node) ->
    case gerl_syntax_node:given(Node) of
        {attr, _, Annotations, _} -> Annotations;
        Other -> error({badrecord, Other})
    end.

-doc "The node with other annotations.".
-spec set_ann(syntaxTree(), [term()]) -> syntaxTree().
set_ann(Node, Annotations) -> gerl_syntax_node:changed(Node, 3, Annotations).

-doc "The node with one more annotation, in front of the others.".
-spec add_ann(term(), syntaxTree()) -> syntaxTree().
add_ann(Annotation, Node) -> set_ann(Node, [Annotation | get_ann(Node)]).

-doc "The second node with the annotations of the first.".
-spec copy_ann(syntaxTree(), syntaxTree()) -> syntaxTree().
copy_ann(Source, Target) -> set_ann(Target, get_ann(Source)).

-doc "All attributes of a node (position, annotations, comments), for `set_attrs/2`.".
-spec get_attrs(syntaxTree()) -> syntaxTreeAttributes().
get_attrs(Node) -> gerl_syntax_node:attributes(Node).

-doc "The node with other attributes.".
-spec set_attrs(syntaxTree(), syntaxTreeAttributes()) -> syntaxTree().
set_attrs(Node, Attributes) -> gerl_syntax_node:attributes(Node, Attributes).

-doc "The second node with the attributes of the first.".
-spec copy_attrs(syntaxTree(), syntaxTree()) -> syntaxTree().
copy_attrs(Source, Target) -> set_attrs(Target, get_attrs(Source)).

comments(Node) ->
    case gerl_syntax_node:given(Node) of
        {attr, _, _, none} -> {com, [], []};
        {attr, _, _, Comments} -> Comments
    end.

comments(Node, Comments) -> gerl_syntax_node:changed(Node, 4, Comments).

-doc "The comments that stand before a node.".
-spec get_precomments(syntaxTree()) -> [syntaxTree()].
get_precomments(Node) -> element(2, comments(Node)).

-doc "The node with other comments before it.".
-spec set_precomments(syntaxTree(), [syntaxTree()]) -> syntaxTree().
set_precomments(Node, Comments) -> comments(Node, setelement(2, comments(Node), Comments)).

-doc "The node with more comments before it, after those that are there.".
-spec add_precomments([syntaxTree()], syntaxTree()) -> syntaxTree().
add_precomments(Comments, Node) -> set_precomments(Node, get_precomments(Node) ++ Comments).

-doc "The comments that stand after a node.".
-spec get_postcomments(syntaxTree()) -> [syntaxTree()].
get_postcomments(Node) -> element(3, comments(Node)).

-doc "The node with other comments after it.".
-spec set_postcomments(syntaxTree(), [syntaxTree()]) -> syntaxTree().
set_postcomments(Node, Comments) -> comments(Node, setelement(3, comments(Node), Comments)).

-doc "The node with more comments after it, after those that are there.".
-spec add_postcomments([syntaxTree()], syntaxTree()) -> syntaxTree().
add_postcomments(Comments, Node) -> set_postcomments(Node, get_postcomments(Node) ++ Comments).

-doc "Whether comments stand before or after a node.".
-spec has_comments(syntaxTree()) -> boolean().
has_comments(Node) -> comments(Node) =/= {com, [], []}.

-doc "The node without comments.".
-spec remove_comments(syntaxTree()) -> syntaxTree().
remove_comments(Node) ->
    case gerl_syntax_node:given(Node) of
        {attr, _, _, none} -> Node;
        _ -> comments(Node, none)
    end.

-doc "The second node with the comments of the first.".
-spec copy_comments(syntaxTree(), syntaxTree()) -> syntaxTree().
copy_comments(Source, Target) ->
    case gerl_syntax_node:given(Source) of
        {attr, _, _, none} -> _ = type(Target), remove_comments(Target);
        {attr, _, _, Comments} -> comments(Target, Comments)
    end.

-doc "The second node with the comments of the first after its own.".
-spec join_comments(syntaxTree(), syntaxTree()) -> syntaxTree().
join_comments(Source, Target) ->
    {com, Before, After} = comments(Source),
    case {Before, After} of
        {[], []} -> _ = type(Target), Target;
        _ -> add_postcomments(After, add_precomments(Before, Target))
    end.

%% Leaves.

-doc "A comment of the given lines, with the default distance to the code before it.".
-spec comment([string()]) -> syntaxTree().
comment(Lines) -> comment(none, Lines).

-doc "A comment of the given lines, each without its first `%`, so many columns behind the code before it.".
-spec comment(padding(), [string()]) -> syntaxTree().
comment(Padding, Lines) -> tree(comment, {comment, Padding, Lines}).

-doc "The lines of a comment.".
-spec comment_text(syntaxTree()) -> [string()].
comment_text(Node) -> part(2, comment, Node).

-doc "How far behind the code before it a comment stands; `none` stands for the default.".
-spec comment_padding(syntaxTree()) -> padding().
comment_padding(Node) -> part(1, comment, Node).

-doc "The list of forms with those of the lists within it.".
-spec flatten_form_list(syntaxTree()) -> syntaxTree().
flatten_form_list(Node) -> copy_attrs(Node, form_list(forms(form_list_elements(Node)))).

forms(Forms) -> lists:flatmap(fun(F) -> case type(F) of form_list -> forms(form_list_elements(F)); _ -> [F] end end, Forms).

-doc "Source text that is printed as it is.".
-spec text(string()) -> syntaxTree().
text(String) -> tree(text, String).

-doc "The text of a `text` node.".
-spec text_string(syntaxTree()) -> string().
text_string(Node) -> part(0, text, Node).

-doc "A variable.".
-spec variable(atom() | string()) -> syntaxTree().
variable(Name) -> tree(variable, to_atom(Name)).

to_atom(Name) when is_atom(Name) -> Name;
to_atom(Name) -> list_to_atom(Name).

-doc "The name of a variable.".
-spec variable_name(syntaxTree()) -> atom().
variable_name(Node) -> part(0, variable, Node).

-doc "The name of a variable as text.".
-spec variable_literal(syntaxTree()) -> string().
variable_literal(Node) -> atom_to_list(variable_name(Node)).

-doc "The pattern `_`.".
-spec underscore() -> syntaxTree().
underscore() -> tree(underscore).

-doc "An operator.".
-spec operator(atom() | string()) -> syntaxTree().
operator(Name) -> tree(operator, to_atom(Name)).

-doc "The name of an operator.".
-spec operator_name(syntaxTree()) -> atom().
operator_name(Node) -> part(0, operator, Node).

-doc "The name of an operator as text.".
-spec operator_literal(syntaxTree()) -> string().
operator_literal(Node) -> atom_to_list(operator_name(Node)).

-doc "The end of a file, as a form.".
-spec eof_marker() -> syntaxTree().
eof_marker() -> tree(eof_marker).

-doc "An error at this place among the forms, with its description.".
-spec error_marker(term()) -> syntaxTree().
error_marker(Info) -> tree(error_marker, Info).

-doc "The description of an error.".
-spec error_marker_info(syntaxTree()) -> term().
error_marker_info(Node) -> part(0, error_marker, Node).

-doc "A warning at this place among the forms, with its description.".
-spec warning_marker(term()) -> syntaxTree().
warning_marker(Info) -> tree(warning_marker, Info).

-doc "The description of a warning.".
-spec warning_marker_info(syntaxTree()) -> term().
warning_marker_info(Node) -> part(0, warning_marker, Node).

-doc "An integer.".
-spec integer(integer()) -> syntaxTree().
integer(Value) -> tree(integer, Value).

-doc "Whether a node is the given integer.".
-spec is_integer(syntaxTree(), integer()) -> boolean().
is_integer(Node, Value) -> is_of(integer, Node) andalso integer_value(Node) =:= Value.

-doc "The value of an integer.".
-spec integer_value(syntaxTree()) -> integer().
integer_value(Node) -> part(0, integer, Node).

-doc "The decimal numeral of an integer.".
-spec integer_literal(syntaxTree()) -> string().
integer_literal(Node) -> integer_to_list(integer_value(Node)).

-doc "A float.".
-spec float(float()) -> syntaxTree().
float(Value) -> tree(float, Value).

-doc "The value of a float.".
-spec float_value(syntaxTree()) -> float().
float_value(Node) -> part(0, float, Node).

-doc "The numeral of a float, as `float_to_list/1` writes it.".
-spec float_literal(syntaxTree()) -> string().
float_literal(Node) -> float_to_list(float_value(Node)).

-doc "A character.".
-spec char(char()) -> syntaxTree().
char(Value) -> tree(char, Value).

-doc "Whether a node is the given character.".
-spec is_char(syntaxTree(), char()) -> boolean().
is_char(Node, Value) -> is_of(char, Node) andalso char_value(Node) =:= Value.

-doc "The value of a character.".
-spec char_value(syntaxTree()) -> char().
char_value(Node) -> part(0, char, Node).

-doc "The same as `char_literal(Node, latin1)`.".
-spec char_literal(syntaxTree()) -> nonempty_string().
char_literal(Node) -> char_literal(Node, latin1).

-doc "A character as it is written; in `latin1`, characters above 255 are escaped.".
-spec char_literal(syntaxTree(), encoding()) -> nonempty_string().
char_literal(Node, latin1) -> io_lib:write_char_as_latin1(char_value(Node));
char_literal(Node, Encoding) when Encoding =:= utf8; Encoding =:= unicode -> io_lib:write_char(char_value(Node)).

-doc "A string.".
-spec string(string()) -> syntaxTree().
string(Value) -> tree(string, Value).

-doc "Whether a node is the given string.".
-spec is_string(syntaxTree(), string()) -> boolean().
is_string(Node, Value) -> is_of(string, Node) andalso string_value(Node) =:= Value.

-doc "The value of a string.".
-spec string_value(syntaxTree()) -> string().
string_value(Node) -> part(0, string, Node).

-doc "The same as `string_literal(Node, latin1)`.".
-spec string_literal(syntaxTree()) -> nonempty_string().
string_literal(Node) -> string_literal(Node, latin1).

-doc "A string as it is written; in `latin1`, characters above 255 are escaped.".
-spec string_literal(syntaxTree(), encoding()) -> nonempty_string().
string_literal(Node, latin1) -> io_lib:write_string_as_latin1(string_value(Node));
string_literal(Node, Encoding) when Encoding =:= utf8; Encoding =:= unicode -> io_lib:write_string(string_value(Node)).

-doc "An atom.".
-spec atom(atom() | string()) -> syntaxTree().
atom(Name) -> tree(atom, to_atom(Name)).

-doc "Whether a node is the given atom.".
-spec is_atom(syntaxTree(), atom()) -> boolean().
is_atom(Node, Value) -> is_of(atom, Node) andalso atom_value(Node) =:= Value.

-doc "The value of an atom.".
-spec atom_value(syntaxTree()) -> atom().
atom_value(Node) -> part(0, atom, Node).

-doc "The characters of an atom.".
-spec atom_name(syntaxTree()) -> string().
atom_name(Node) -> atom_to_list(atom_value(Node)).

-doc "The same as `atom_literal(Node, latin1)`.".
-spec atom_literal(syntaxTree()) -> string().
atom_literal(Node) -> atom_literal(Node, latin1).

-doc "An atom as it is written, quoted where it must be; in `latin1`, characters above 255 are escaped.".
-spec atom_literal(syntaxTree(), encoding()) -> string().
atom_literal(Node, latin1) -> lists:flatten(io_lib:write_atom_as_latin1(atom_value(Node)));
atom_literal(Node, Encoding) when Encoding =:= utf8; Encoding =:= unicode -> lists:flatten(io_lib:write_atom(atom_value(Node))).

-doc "The number of elements of a tuple.".
-spec tuple_size(syntaxTree()) -> non_neg_integer().
tuple_size(Node) -> length(tuple_elements(Node)).

%% Lists.

-doc "The list of the given elements.".
-spec list([syntaxTree()]) -> syntaxTree().
list(Elements) -> list(Elements, none).

-doc "`[E1, ..., En | Tail]`, or the list of the elements if the tail is `none`; without elements the node's type is `nil`.".
-spec list([syntaxTree()], none | syntaxTree()) -> syntaxTree().
list([], none) -> nil();
list(Elements, Tail) when Elements =/= [] -> tree(list, {list, Elements, Tail}).

-doc "The empty list.".
-spec nil() -> syntaxTree().
nil() -> tree(nil).

-doc "A list with one element more in front. Annotations of the tail get lost, its comments do not.".
-spec cons(syntaxTree(), syntaxTree()) -> syntaxTree().
cons(Head, Tail) ->
    case type(Tail) of
        list -> copy_comments(Tail, list([Head | list_prefix(Tail)], list_suffix(Tail)));
        nil -> copy_comments(Tail, list([Head]));
        _ -> list([Head], Tail)
    end.

-doc "The first element of a list.".
-spec list_head(syntaxTree()) -> syntaxTree().
list_head(Node) -> hd(list_prefix(Node)).

-doc "What follows the first element of a list.".
-spec list_tail(syntaxTree()) -> syntaxTree().
list_tail(Node) ->
    case {tl(list_prefix(Node)), list_suffix(Node)} of
        {[], none} -> nil();
        {[], Tail} -> Tail;
        {Rest, Tail} -> list(Rest, Tail)
    end.

-doc "Whether a node's type is `list` or `nil`.".
-spec is_list_skeleton(syntaxTree()) -> boolean().
is_list_skeleton(Node) -> lists:member(type(Node), [list, nil]).

-doc "Whether a node is a list whose last tail is known to be the empty list.".
-spec is_proper_list(syntaxTree()) -> boolean().
is_proper_list(Node) ->
    case type(Node) of
        nil -> true;
        list -> list_suffix(Node) =:= none orelse is_proper_list(list_suffix(Node));
        _ -> false
    end.

-doc "The elements of a proper list, those of lists in its tail included.".
-spec list_elements(syntaxTree()) -> [syntaxTree()].
list_elements(Node) -> list_elements(Node, []).

list_elements(Node, Runs) ->
    case type(Node) of
        nil -> lists:append(lists:reverse(Runs));
        list ->
            All = [list_prefix(Node) | Runs],
            case list_suffix(Node) of
                none -> lists:append(lists:reverse(All));
                Tail -> list_elements(Tail, All)
            end;
        Other -> error({case_clause, Other})
    end.

-doc "The number of elements of a proper list.".
-spec list_length(syntaxTree()) -> non_neg_integer().
list_length(Node) -> length(list_elements(Node)).

-doc "A list with a skeleton for each element, `[E1 | [E2 | ... []]]`; other nodes stay as they are.".
-spec normalize_list(syntaxTree()) -> syntaxTree().
normalize_list(Node) ->
    case type(Node) of
        list ->
            Last = case list_suffix(Node) of none -> nil(); Tail -> normalize_list(Tail) end,
            copy_attrs(Node, lists:foldr(fun(E, Rest) -> list([E], Rest) end, Last, list_prefix(Node)));
        _ -> Node
    end.

-doc "A list with as few skeletons as can be; other nodes stay as they are. Comments of inner skeletons move to the outer one.".
-spec compact_list(syntaxTree()) -> syntaxTree().
compact_list(Node) ->
    Tail = case type(Node) of list -> list_suffix(Node); _ -> none end,
    case Tail =/= none andalso is_list_skeleton(Tail) of
        false -> Node;
        true ->
            Inner = compact_list(Tail),
            {More, Rest} = case type(Inner) of nil -> {[], none}; list -> {list_prefix(Inner), list_suffix(Inner)} end,
            join_comments(Inner, copy_attrs(Node, list(list_prefix(Node) ++ More, Rest)))
    end.

%% Constructors that take less, or something else, than the parts of their nodes.

-doc "A clause without patterns.".
-spec clause(guard(), [syntaxTree()]) -> syntaxTree().
clause(Guard, Body) -> clause([], Guard, Body).

-doc """
A clause. The guard is `none` (or `[]`), a tree, a list of tests that must all succeed, or a list of such lists one of which must.
""".
-spec clause([syntaxTree()], guard(), [syntaxTree()]) -> syntaxTree().
clause(Patterns, Guard, Body) -> tree(clause, {clause, Patterns, guard(Guard), Body}).

guard([]) -> none;
guard([Tests | _] = Alternatives) when is_list(Tests) -> disjunction([conjunction(T) || T <- Alternatives]);
guard([_ | _] = Tests) -> conjunction(Tests);
guard(Guard) -> Guard.

arity([Clause | _]) -> length(clause_patterns(Clause));
arity(_) -> error(badarg).

-doc "The number of patterns of a function's first clause.".
-spec function_arity(syntaxTree()) -> arity().
function_arity(Node) -> arity(function_clauses(Node)).

-doc "The number of patterns of a fun's first clause.".
-spec fun_expr_arity(syntaxTree()) -> arity().
fun_expr_arity(Node) -> arity(fun_expr_clauses(Node)).

-doc "The number of patterns of a named fun's first clause.".
-spec named_fun_expr_arity(syntaxTree()) -> arity().
named_fun_expr_arity(Node) -> arity(named_fun_expr_clauses(Node)).

-doc "The attribute `-Name.`".
-spec attribute(syntaxTree()) -> syntaxTree().
attribute(Name) -> attribute(Name, none).

-doc "The macro call `?Name`.".
-spec macro(syntaxTree()) -> syntaxTree().
macro(Name) -> macro(Name, none).

-doc "The map `#{F1, ..., Fn}`.".
-spec map_expr([syntaxTree()]) -> syntaxTree().
map_expr(Fields) -> map_expr(none, Fields).

-doc "The type `map()`.".
-spec map_type() -> syntaxTree().
map_type() -> map_type(any_size).

-doc "The type `tuple()`.".
-spec tuple_type() -> syntaxTree().
tuple_type() -> tuple_type(any_size).

-doc "The type `fun()`.".
-spec fun_type() -> syntaxTree().
fun_type() -> tree(fun_type).

-doc "The type `fun((...) -> Return)`.".
-spec function_type(syntaxTree()) -> syntaxTree().
function_type(Return) -> function_type(any_arity, Return).

-doc "A record field without a value.".
-spec record_field(syntaxTree()) -> syntaxTree().
record_field(Name) -> record_field(Name, none).

-doc "The record `#Type{F1, ..., Fn}`.".
-spec record_expr(syntaxTree(), [syntaxTree()]) -> syntaxTree().
record_expr(Type, Fields) -> record_expr(none, Type, Fields).

qualified(none, Name) -> Name;
qualified(Module, Name) -> module_qualifier(Module, Name).

-doc "The call `Module:Name(A1, ..., An)`, without the module if it is `none`.".
-spec application(none | syntaxTree(), syntaxTree(), [syntaxTree()]) -> syntaxTree().
application(Module, Name, Arguments) -> application(qualified(Module, Name), Arguments).

-doc "The type `Module:Name(T1, ..., Tn)`, without the module if it is `none`.".
-spec type_application(none | syntaxTree(), syntaxTree(), [syntaxTree()]) -> syntaxTree().
type_application(Module, Name, Arguments) -> type_application(qualified(Module, Name), Arguments).

-doc "A segment of a binary without size and types.".
-spec binary_field(syntaxTree()) -> syntaxTree().
binary_field(Body) -> binary_field(Body, []).

-doc "The segment `Body:Size/T1-...-Tn`, without the size if it is `none`.".
-spec binary_field(syntaxTree(), none | syntaxTree(), [syntaxTree()]) -> syntaxTree().
binary_field(Body, Size, Types) ->
    Sized = case Size of none -> Body; _ -> size_qualifier(Body, Size) end,
    tree(binary_field, {binary_field, Sized, Types}).

-doc "The size of a segment, or `none`.".
-spec binary_field_size(syntaxTree()) -> none | syntaxTree().
binary_field_size(Node) ->
    Body = binary_field_body(Node),
    case type(Body) of
        size_qualifier -> size_qualifier_argument(Body);
        _ -> none
    end.

-doc "A maybe expression without an else part.".
-spec maybe_expr([syntaxTree()]) -> syntaxTree().
maybe_expr(Body) -> maybe_expr(Body, none).

-doc "A receive expression without a timeout.".
-spec receive_expr([syntaxTree()]) -> syntaxTree().
receive_expr(Clauses) -> receive_expr(Clauses, none, []).

-doc "The expression `try Body catch Handlers end`.".
-spec try_expr([syntaxTree()], [syntaxTree()]) -> syntaxTree().
try_expr(Body, Handlers) -> try_expr(Body, [], Handlers, []).

-doc "The expression `try Body of Clauses catch Handlers end`.".
-spec try_expr([syntaxTree()], [syntaxTree()], [syntaxTree()]) -> syntaxTree().
try_expr(Body, Clauses, Handlers) -> try_expr(Body, Clauses, Handlers, []).

-doc "The expression `try Body after After end`.".
-spec try_after_expr([syntaxTree()], [syntaxTree()]) -> syntaxTree().
try_after_expr(Body, After) -> tree(try_expr, {try_expr, Body, [], [], After}).

-doc "The pattern `Class:Body` of an exception.".
-spec class_qualifier(syntaxTree(), syntaxTree()) -> syntaxTree().
class_qualifier(Class, Body) -> class_qualifier(Class, Body, {var, get_pos(Body), '_'}).

-doc "The expression `fun Name/Arity`, or `fun Name` if the arity is `none`.".
-spec implicit_fun(syntaxTree(), none | syntaxTree()) -> syntaxTree().
implicit_fun(Name, Arity) -> implicit_fun(none, Name, Arity).

-doc "The expression `fun Module:Name/Arity`, without the module if it is `none`.".
-spec implicit_fun(none | syntaxTree(), syntaxTree(), syntaxTree()) -> syntaxTree().
implicit_fun(Module, Name, none) -> tree(implicit_fun, qualified(Module, Name));
implicit_fun(Module, Name, Arity) -> implicit_fun(Module, arity_qualifier(Name, Arity), none).

-doc "The function type `FunctionType when C1, ..., Cn`.".
-spec constrained_function_type(syntaxTree(), [syntaxTree()]) -> syntaxTree().
constrained_function_type(Function, Constraints) ->
    tree(constrained_function_type, {constrained_function_type, Function, conjunction(Constraints)}).

%% Terms.

-doc "The tree of a term; raises `{badarg, Term}` for pids, ports, references and funs.".
-spec abstract(term()) -> syntaxTree().
abstract(Term) -> gerl_syntax_term:abstract(Term).

-doc "The term that a literal tree stands for; raises `{badarg, Node}` for trees that are no literals.".
-spec concrete(syntaxTree()) -> term().
concrete(Node) -> gerl_syntax_term:concrete(Node).

-doc "Whether a tree stands for a term.".
-spec is_literal(syntaxTree()) -> boolean().
is_literal(Node) -> gerl_syntax_term:is_literal(Node).

%% Trees as wholes.

-doc """
The form of erl_parse that a tree stands for. Subtrees without such a form stay what they are, as does a tree with subtrees
that do not fit.
""".
-spec revert(syntaxTree()) -> syntaxTree().
revert({tree, Type, {attr, Pos, _, _}, _} = Node) ->
    Whole = case is_leaf(Node) of
                true -> Node;
                false -> update_tree(Node, [[revert(T) || T <- Group] || Group <- subtrees(Node)])
            end,
    case gerl_syntax_revert:fold(Type, Pos, data(Whole)) of
        none -> Whole;
        Form -> Form
    end;
revert({wrapper, _, {attr, Pos, _, _}, Form}) ->
    case gerl_syntax_node:position(Form) of
        Pos -> Form;
        _ when element(1, Form) =:= typed_record_field; element(1, Form) =:= error; element(1, Form) =:= warning -> Form;
        _ -> setelement(2, Form, Pos)
    end;
revert(Form) -> Form.

-doc "The forms of erl_parse of a module. Comments are left out; a form that cannot be reverted is raised as `{error, Form}`.".
-spec revert_forms(forms()) -> [erl_parse()].
revert_forms(Forms) when is_list(Forms) -> revert_forms(form_list(Forms));
revert_forms(Node) ->
    case type(Node) of
        form_list -> [revert_form(F) || F <- form_list_elements(flatten_form_list(Node)), type(F) =/= comment];
        _ -> error({badarg, Node})
    end.

revert_form(Form) ->
    Reverted = revert(Form),
    case is_tree(Reverted) of
        true -> error({error, Reverted});
        false -> Reverted
    end.

-doc "The subtrees of a node in the order of the text, in groups; `[]` for leaves.".
-spec subtrees(syntaxTree()) -> [[syntaxTree()]].
subtrees(Node) ->
    Type = type(Node),
    case shape(Type) of
        none -> case is_leaf(Node) of true -> []; false -> error({case_clause, Type}) end;
        Shape ->
            case is_leaf(Node) of
                true -> [];
                false -> groups(Type, Shape, parts(Type, Shape, Node))
            end
    end.

parts(infix_expr, _, Node) -> [infix_expr_left(Node), infix_expr_operator(Node), infix_expr_right(Node)];
parts(Type, [_], Node) when Type =/= zip_generator -> [part(0, Type, Node)];
parts(Type, _, Node) -> tl(tuple_to_list(part(0, Type, Node))).

%% A receive expression has an action, even an empty one, when it has a timeout.
groups(receive_expr, _, [Clauses, none, _]) -> [Clauses];
groups(receive_expr, _, [Clauses, Timeout, Action]) -> [Clauses, [Timeout], Action];
groups(constrained_function_type, _, [Function, Constraints]) ->
    [[Function], case type(Constraints) of conjunction -> conjunction_body(Constraints); _ -> [Constraints] end];
groups(record_expr, _, [Argument, Type, Fields]) ->
    Names = case type(Type) of list -> list_elements(Type); _ -> [Type] end,
    [[Argument] || Argument =/= none] ++ [Names, Fields];
groups(_, Shape, Parts) -> lists:append(lists:zipwith(fun group/2, Shape, Parts)).

group({_, Nothing}, Nothing) -> [];
group({one, _}, Tree) -> [[Tree]];
group({many, _}, Trees) -> [Trees];
group(some, Trees) when is_list(Trees) -> [Trees];
group(many, Trees) -> [Trees];
group(_, Tree) -> [[Tree]].

-doc "A node with the type and attributes of another one and the given subtrees.".
-spec update_tree(syntaxTree(), [[syntaxTree()]]) -> syntaxTree().
update_tree(Node, Groups) -> copy_attrs(Node, make_tree(type(Node), Groups)).

-doc "A node of a type with the given groups of subtrees, as `subtrees/1` gives them.".
-spec make_tree(atom(), [[syntaxTree()]]) -> syntaxTree().
make_tree(list, [Prefix]) -> list(Prefix);
make_tree(list, [Prefix, [Tail]]) -> list(Prefix, Tail);
make_tree(list, Groups) -> error(function_clause, [list, Groups]);
make_tree(record_expr, [[_, _] = Names, Fields]) -> record_expr(none, Names, Fields);
make_tree(record_expr, [[Record], [_, _] = Names, Fields]) -> record_expr(Record, Names, Fields);
make_tree(constrained_function_type, [[Function], Constraints]) -> constrained_function_type(Function, Constraints);
make_tree(Type, []) -> error(function_clause, [Type, []]);
make_tree(Type, Groups) ->
    Shape = shape(Type),
    Shape =/= none orelse error(function_clause, [Type, Groups]),
    try fill(Shape, Groups, length(Shape) - length(Groups)) of
        [Part] when Type =/= zip_generator -> tree(Type, Part);
        [Left, Operator, Right] when Type =:= infix_expr -> infix_expr(Left, Operator, Right);
        Parts when Type =:= function -> tree(Type, list_to_tuple([func | Parts]));
        Parts -> tree(Type, list_to_tuple([Type | Parts]))
    catch
        error:_ -> error(function_clause, [Type, Groups])
    end.

%% Gives each part its group. If there are fewer groups than parts, parts that may be missing are.
fill([], [], 0) -> [];
fill([{_, Nothing} | Shape], Groups, Missing) when Missing > 0 -> [Nothing | fill(Shape, Groups, Missing - 1)];
fill([Kind | Shape], [Group | Groups], Missing) -> [take(Kind, Group) | fill(Shape, Groups, Missing)].

take({one, _}, [Tree]) -> Tree;
take(some, [Tree]) -> Tree;
take(some, Trees) -> Trees;
take(one, [Tree]) -> Tree;
take({many, _}, Trees) when is_list(Trees) -> Trees;
take(many, Trees) when is_list(Trees) -> Trees.

-doc """
The tree of an expression that makes the given tree when it is evaluated. Comments are kept, other attributes are not.
Variables with the annotation `meta_var` stand for themselves in it.
""".
-spec meta(syntaxTree()) -> syntaxTree().
meta(Node) -> gerl_syntax_term:meta(Node).
