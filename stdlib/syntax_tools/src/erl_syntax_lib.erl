-module(erl_syntax_lib).
-moduledoc """
Work on the trees of erl_syntax: walks over them, names of variables, what attributes and calls say.

The `analyze_` functions throw `syntax_error` when a tree is not what their name says.
""".

-export([map/2, map_subtrees/2, fold/3, fold_subtrees/3, foldl_listlist/3, mapfold/3, mapfold_subtrees/3, mapfoldl_listlist/3]).
-export([variables/1, new_variable_name/1, new_variable_name/2, new_variable_names/2, new_variable_names/3, annotate_bindings/1,
         annotate_bindings/2, is_fail_expr/1, function_name_expansions/1, strip_comments/1, to_comment/1, to_comment/2, to_comment/3,
         limit/2, limit/3]).
-export([analyze_forms/1, analyze_form/1, analyze_attribute/1, analyze_module_attribute/1, analyze_export_attribute/1,
         analyze_import_attribute/1, analyze_wild_attribute/1, analyze_record_attribute/1, analyze_record_expr/1, analyze_record_field/1,
         analyze_file_attribute/1, analyze_function/1, analyze_function_name/1, analyze_implicit_fun/1, analyze_application/1,
         analyze_type_application/1, analyze_type_name/1]).
-export_type([info_pair/0]).

-type syntaxTree() :: erl_syntax:syntaxTree().
-type functionN() :: atom() | {atom(), arity()}.
-type functionName() :: functionN() | {atom(), functionN()}.
-type typeName() :: atom() | {module(), {atom(), arity()}} | {atom(), arity()}.
-type info_pair() :: {attributes | errors | exports | functions | imports | module | records | warnings, term()}.
-type field() :: {atom(), {none | syntaxTree(), none | syntaxTree()}}.

%% Walks.

-doc "The tree with a function applied to every node, those below first.".
-spec map(fun((syntaxTree()) -> syntaxTree()), syntaxTree()) -> syntaxTree().
map(Fun, Tree) -> Fun(map_subtrees(fun(T) -> map(Fun, T) end, Tree)).

-doc "The tree with a function applied to its immediate subtrees.".
-spec map_subtrees(fun((syntaxTree()) -> syntaxTree()), syntaxTree()) -> syntaxTree().
map_subtrees(Fun, Tree) ->
    case erl_syntax:subtrees(Tree) of
        [] -> Tree;
        Groups -> erl_syntax:update_tree(Tree, [[Fun(T) || T <- Group] || Group <- Groups])
    end.

-doc "Folds a function over all nodes of a tree, those below first.".
-spec fold(fun((syntaxTree(), term()) -> term()), term(), syntaxTree()) -> term().
fold(Fun, Start, Tree) -> Fun(Tree, fold_subtrees(fun(T, Acc) -> fold(Fun, Acc, T) end, Start, Tree)).

-doc "Folds a function over the immediate subtrees of a tree.".
-spec fold_subtrees(fun((syntaxTree(), term()) -> term()), term(), syntaxTree()) -> term().
fold_subtrees(Fun, Start, Tree) -> foldl_listlist(Fun, Start, erl_syntax:subtrees(Tree)).

-doc "`lists:foldl/3` over a list of lists.".
-spec foldl_listlist(fun((term(), term()) -> term()), term(), [[term()]]) -> term().
foldl_listlist(Fun, Start, [List | Lists]) -> foldl_listlist(Fun, each(Fun, Start, List), Lists);
foldl_listlist(_, Start, []) -> Start.

each(Fun, Acc, [Element | Elements]) -> each(Fun, Fun(Element, Acc), Elements);
each(_, Acc, []) -> Acc.

-doc "`map/2` and `fold/3` at once.".
-spec mapfold(fun((syntaxTree(), term()) -> {syntaxTree(), term()}), term(), syntaxTree()) -> {syntaxTree(), term()}.
mapfold(Fun, Start, Tree) ->
    {Below, Acc} = mapfold_subtrees(fun(T, A) -> mapfold(Fun, A, T) end, Start, Tree),
    Fun(Below, Acc).

-doc "`map_subtrees/2` and `fold_subtrees/3` at once.".
-spec mapfold_subtrees(fun((syntaxTree(), term()) -> {syntaxTree(), term()}), term(), syntaxTree()) -> {syntaxTree(), term()}.
mapfold_subtrees(Fun, Start, Tree) ->
    case erl_syntax:subtrees(Tree) of
        [] -> {Tree, Start};
        Groups ->
            {Mapped, Acc} = mapfoldl_listlist(Fun, Start, Groups),
            {erl_syntax:update_tree(Tree, Mapped), Acc}
    end.

-doc "`lists:mapfoldl/3` over a list of lists, whose form stays.".
-spec mapfoldl_listlist(fun((term(), term()) -> {term(), term()}), term(), [[term()]]) -> {[[term()]], term()}.
mapfoldl_listlist(Fun, Start, Lists) -> through(fun(List, Acc) -> through(Fun, Acc, List) end, Start, Lists).

through(Fun, Acc, [Element | Elements]) ->
    {First, Next} = Fun(Element, Acc),
    {Others, Last} = through(Fun, Next, Elements),
    {[First | Others], Last};
through(_, Acc, []) -> {[], Acc}.

%% Variables.

-doc "The set of the names of all variables in a tree; names of macros do not count.".
-spec variables(syntaxTree()) -> sets:set(atom()).
variables(Tree) -> names(Tree, sets:new()).

names(Tree, Set) ->
    case erl_syntax:type(Tree) of
        variable -> sets:add_element(erl_syntax:variable_name(Tree), Set);
        macro ->
            case erl_syntax:macro_arguments(Tree) of
                none -> Set;
                Arguments -> lists:foldl(fun names/2, Set, Arguments)
            end;
        _ -> fold_subtrees(fun names/2, Set, Tree)
    end.

-doc "A name of the form `V123` that is not in the set.".
-spec new_variable_name(sets:set(atom())) -> atom().
new_variable_name(Used) -> new_variable_name(fun numbered/1, Used).

numbered(N) -> list_to_atom("V" ++ integer_to_list(N)).

-doc "A name that is not in the set, made by a function of a number. Numbers are random ones of a range that suits the set's size.".
-spec new_variable_name(fun((integer()) -> atom()), sets:set(atom())) -> atom().
new_variable_name(Fun, Used) -> fresh(Fun, Used, range(Used), 0).

range(Used) -> 100 * max(1, sets:size(Used)).

fresh(Fun, Used, Range, 4) -> fresh(Fun, Used, 8 * Range, 0);
fresh(Fun, Used, Range, Tries) ->
    rand:export_seed() =/= undefined orelse rand:seed(exsplus, {753, 8, 73}),
    Name = Fun(rand:uniform(Range)),
    case sets:is_element(Name, Used) of
        true -> fresh(Fun, Used, Range, Tries + 1);
        false -> Name
    end.

-doc "So many different names as `new_variable_name/1` makes.".
-spec new_variable_names(integer(), sets:set(atom())) -> [atom()].
new_variable_names(N, Used) -> new_variable_names(N, fun numbered/1, Used).

-doc "So many different names as `new_variable_name/2` makes.".
-spec new_variable_names(integer(), fun((integer()) -> atom()), sets:set(atom())) -> [atom()].
new_variable_names(N, Fun, Used) when is_integer(N) -> names(N, Fun, range(Used), Used, []).

names(N, Fun, Range, Used, Names) when N > 0 ->
    Name = fresh(Fun, Used, Range, 0),
    names(N - 1, Fun, Range, sets:add_element(Name, Used), [Name | Names]);
names(0, _, _, _, Names) -> Names.

-doc "The same as `annotate_bindings/2` with the variables of the tree's annotation `{env, Variables}`; raises `badarg` without one.".
-spec annotate_bindings(syntaxTree()) -> syntaxTree().
annotate_bindings(Tree) ->
    case lists:keyfind(env, 1, erl_syntax:get_ann(Tree)) of
        {env, Bindings} -> annotate_bindings(Tree, Bindings);
        false -> error(badarg)
    end.

-doc """
Annotates every node with `{env, Variables}` (those bound before it), `{bound, Variables}` (those that it binds) and
`{free, Variables}` (those that it uses and does not bind), given the variables bound before the tree.
""".
-spec annotate_bindings(syntaxTree(), ordsets:ordset(atom())) -> syntaxTree().
annotate_bindings(Tree, Bindings) -> gerl_syntax_bindings:annotate(Tree, Bindings).

-doc "Whether a tree is a call of `exit/1`, `throw/1`, `erlang:error/1` or `erlang:error/2`.".
-spec is_fail_expr(syntaxTree()) -> boolean().
is_fail_expr(Tree) ->
    erl_syntax:type(Tree) =:= application andalso
        lists:member(try analyze_application(Tree) catch throw:syntax_error -> none end,
                     [{exit, 1}, {throw, 1}, {erlang, {exit, 1}}, {erlang, {throw, 1}}, {erlang, {error, 1}}, {erlang, {error, 2}}]).

%% Forms.

-doc "What a module's forms say, as a list of pairs; see `t:info_pair/0`. Keys without anything to tell are left out.".
-spec analyze_forms(erl_syntax:forms()) -> [info_pair()].
analyze_forms(Forms) -> gerl_syntax_analyze:forms(Forms).

-doc "The type of a form, with what it says if it is an attribute, a function or a marker.".
-spec analyze_form(syntaxTree()) -> {atom(), term()} | atom().
analyze_form(Node) ->
    Type = erl_syntax:type(Node),
    erl_syntax:is_form(Node) orelse throw(syntax_error),
    Analyses = #{attribute => fun analyze_attribute/1, function => fun analyze_function/1,
                 error_marker => fun erl_syntax:error_marker_info/1, warning_marker => fun erl_syntax:warning_marker_info/1},
    case Analyses of
        #{Type := Analyze} -> {Type, Analyze(Node)};
        #{} -> Type
    end.

-doc "The name of an attribute and what it says; `preprocessor` for directives.".
-spec analyze_attribute(syntaxTree()) -> preprocessor | {atom(), term()}.
analyze_attribute(Node) -> gerl_syntax_analyze:attribute(Node).

-doc "The module's name, with its parameters if there are any.".
-spec analyze_module_attribute(syntaxTree()) -> atom() | {atom(), [atom()]}.
analyze_module_attribute(Node) -> gerl_syntax_analyze:module(Node).

-doc "The names that an export attribute lists.".
-spec analyze_export_attribute(syntaxTree()) -> [functionName()].
analyze_export_attribute(Node) -> gerl_syntax_analyze:export(Node).

-doc "The module of an import attribute and the names that it lists.".
-spec analyze_import_attribute(syntaxTree()) -> {atom(), [functionName()]} | atom().
analyze_import_attribute(Node) -> gerl_syntax_analyze:import(Node).

-doc "The name and the value of any attribute with one argument.".
-spec analyze_wild_attribute(syntaxTree()) -> {atom(), term()}.
analyze_wild_attribute(Node) -> gerl_syntax_analyze:wild(Node).

-doc "The name and the fields of a record definition.".
-spec analyze_record_attribute(syntaxTree()) -> {atom(), [field()]}.
analyze_record_attribute(Node) -> gerl_syntax_analyze:record(Node).

-doc "The record and the fields that a record expression names; of other expressions, the type.".
-spec analyze_record_expr(syntaxTree()) -> {atom(), term()} | atom().
analyze_record_expr(Node) -> gerl_syntax_analyze:record_expr(Node).

-doc "The name, the default value and the type of a field.".
-spec analyze_record_field(syntaxTree()) -> field().
analyze_record_field(Node) -> gerl_syntax_analyze:record_field(Node).

-doc "The file and the line of a `file` attribute.".
-spec analyze_file_attribute(syntaxTree()) -> {string(), integer()}.
analyze_file_attribute(Node) -> gerl_syntax_analyze:file(Node).

-doc "The name and the arity of a function.".
-spec analyze_function(syntaxTree()) -> {atom(), arity()}.
analyze_function(Node) -> gerl_syntax_analyze:function(Node).

-doc "The name that a tree such as `f/1` or `m:f/1` stands for.".
-spec analyze_function_name(syntaxTree()) -> functionName().
analyze_function_name(Node) -> gerl_syntax_analyze:function_name(Node).

-doc "The name in an expression `fun Name`.".
-spec analyze_implicit_fun(syntaxTree()) -> functionName().
analyze_implicit_fun(Node) -> gerl_syntax_analyze:implicit_fun(Node).

-doc "The function that is called, or just the arity if its name is computed.".
-spec analyze_application(syntaxTree()) -> {atom(), arity()} | {atom(), {atom(), arity()}} | arity().
analyze_application(Node) -> gerl_syntax_analyze:application(Node).

-doc "The type that is used.".
-spec analyze_type_application(syntaxTree()) -> typeName().
analyze_type_application(Node) -> gerl_syntax_analyze:type_application(Node).

-doc "The name that a tree stands for where a type's name is expected.".
-spec analyze_type_name(syntaxTree()) -> typeName().
analyze_type_name(Node) -> gerl_syntax_analyze:type_name(Node).

-doc "Pairs of the innermost part of a name and the whole name.".
-spec function_name_expansions([functionName()]) -> [{functionN(), functionName()}].
function_name_expansions(Names) -> expansions(Names, []).

expansions([Name | Names], Known) -> expansions(Names, [{innermost(Name), Name} | Known]);
expansions([], Known) -> Known.

innermost({Name, Arity}) when is_integer(Arity) -> {Name, Arity};
innermost({_, Name}) -> innermost(Name);
innermost(Name) -> Name.

%% Comments and depth.

-doc "The tree without comments on any node. Comments among forms go away; those elsewhere become empty ones.".
-spec strip_comments(syntaxTree()) -> syntaxTree().
strip_comments(Tree) -> map(fun strip/1, Tree).

strip(Node) ->
    case erl_syntax:type(Node) of
        form_list ->
            Forms = [F || F <- erl_syntax:form_list_elements(Node), erl_syntax:type(F) =/= comment],
            erl_syntax:copy_attrs(erl_syntax:remove_comments(Node), erl_syntax:form_list(Forms));
        comment -> erl_syntax:comment([]);
        _ -> erl_syntax:remove_comments(Node)
    end.

-doc "The same as `to_comment(Tree, \"% \")`.".
-spec to_comment(syntaxTree()) -> syntaxTree().
to_comment(Tree) -> to_comment(Tree, "% ").

-doc "The same as `to_comment(Tree, Prefix, fun erl_prettypr:format/1)`.".
-spec to_comment(syntaxTree(), string()) -> syntaxTree().
to_comment(Tree, Prefix) -> to_comment(Tree, Prefix, fun erl_prettypr:format/1).

-doc "A comment whose lines are the text that a function makes of a tree, each after a prefix.".
-spec to_comment(syntaxTree(), string(), fun((syntaxTree()) -> string())) -> syntaxTree().
to_comment(Tree, Prefix, Printer) ->
    erl_syntax:comment([Prefix ++ Line || Line <- lines(Printer(Tree), [])]).

%% Tabs become spaces.
lines([], []) -> [];
lines([], Line) -> [lists:reverse(Line)];
lines([$\r, $\n | Rest], Line) -> [lists:reverse(Line) | lines(Rest, [])];
lines([C | Rest], Line) when C =:= $\n; C =:= $\r -> [lists:reverse(Line) | lines(Rest, [])];
lines([$\t | Rest], Line) -> lines(Rest, lists:duplicate(8 - length(Line) rem 8, $\s) ++ Line);
lines([C | Rest], Line) -> lines(Rest, [C | Line]).

-doc "The same as `limit(Tree, Depth, erl_syntax:text(\"...\"))`.".
-spec limit(syntaxTree(), integer()) -> syntaxTree().
limit(Tree, Depth) -> limit(Tree, Depth, erl_syntax:text("...")).

-doc "The tree with what lies deeper than a depth replaced by a node; later subtrees of a group count as lying deeper than earlier ones.".
-spec limit(syntaxTree(), integer(), syntaxTree()) -> syntaxTree().
limit(_, Depth, Node) when Depth < 0 -> Node;
limit(Tree, Depth, Node) ->
    case {erl_syntax:subtrees(Tree), Depth} of
        {[], 0} ->
            case lists:member(erl_syntax:type(Tree), [atom, char, float, integer, nil, operator, tuple, underscore, variable]) of
                true -> Tree;
                false -> Node
            end;
        {[], _} -> Tree;
        {_, 0} -> Node;
        {Groups, _} -> erl_syntax:update_tree(Tree, [limit_group(Group, Depth, Node) || Group <- Groups])
    end.

limit_group([_, _ | _], 1, Node) -> [Node];
limit_group(Group, Depth, Node) ->
    Kept = case length(Group) > Depth of
               true -> lists:sublist(Group, Depth - 1) ++ [Node];
               false -> Group
           end,
    [limit(T, Depth - 1, Node) || T <- Kept].
