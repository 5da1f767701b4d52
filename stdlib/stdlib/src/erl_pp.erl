-module(erl_pp).
-moduledoc "Source text of abstract code. The text is made in Go (gerl_text); hooks are for what it does not know.".

-export([form/1, form/2, attribute/1, attribute/2, function/1, function/2, guard/1, guard/2, exprs/1, exprs/2,
         exprs/3, expr/1, expr/2, expr/3, expr/4, legalize_vars/1]).

-export_type([hook_function/0]).

-type hook_function() :: none | fun((term(), integer(), non_neg_integer(), term()) -> io_lib:chars()).

-doc "The text of a form.".
-spec form(term()) -> io_lib:chars().
form(Form) -> form(Form, none).

-doc "The text of a form.".
-spec form(term(), term()) -> io_lib:chars().
form({eof, _}, _) -> "\n";
form({Kind, {_, Module, Descriptor}}, _) when Kind =:= error; Kind =:= warning ->
    ["%% ", Module:format_error(Descriptor), "\n"];
form(Form, _) -> text(form, Form, 0).

-doc "The text of an attribute.".
-spec attribute(term()) -> io_lib:chars().
attribute(Attribute) -> form(Attribute).

-doc "The text of an attribute.".
-spec attribute(term(), term()) -> io_lib:chars().
attribute(Attribute, Options) -> form(Attribute, Options).

-doc "The text of a function.".
-spec function(term()) -> io_lib:chars().
function(Function) -> form(Function).

-doc "The text of a function.".
-spec function(term(), term()) -> io_lib:chars().
function(Function, Options) -> form(Function, Options).

-doc "The text of a guard.".
-spec guard([[term()]]) -> io_lib:chars().
guard(Guard) -> guard(Guard, none).

-doc "The text of a guard.".
-spec guard([[term()]], term()) -> io_lib:chars().
guard(Guard, Options) -> lists:join("; ", [exprs(Tests, Options) || Tests <- Guard]).

-doc "The text of expressions.".
-spec exprs([term()]) -> io_lib:chars().
exprs(Exprs) -> exprs(Exprs, 0, none).

-doc "The text of expressions.".
-spec exprs([term()], term()) -> io_lib:chars().
exprs(Exprs, Options) -> exprs(Exprs, 0, Options).

-doc "The text of expressions whose lines begin at a column.".
-spec exprs([term()], integer(), term()) -> io_lib:chars().
exprs(Exprs, Indent, Options) -> lists:join(", ", [expr(E, Indent, Options) || E <- Exprs]).

-doc "The text of an expression.".
-spec expr(term()) -> io_lib:chars().
expr(Expr) -> expr(Expr, 0, none).

-doc "The text of an expression.".
-spec expr(term(), term()) -> io_lib:chars().
expr(Expr, Options) -> expr(Expr, 0, Options).

-doc "The text of an expression whose lines begin at a column.".
-spec expr(term(), integer(), term()) -> io_lib:chars().
expr(Expr, Indent, Options) -> expr(Expr, Indent, 0, Options).

-doc "The text of an expression in a context that binds with a precedence.".
-spec expr(term(), integer(), non_neg_integer(), term()) -> io_lib:chars().
expr(Expr, Indent, Precedence, Options) ->
    case gerl_text:format(expr, Expr, max(Indent, 0)) of
        {ok, Text} -> Text;
        error ->
            case hook(Options) of
                none -> error(badarg, [Expr]);
                Hook -> Hook(Expr, Indent, Precedence, Options)
            end
    end.

hook(Options) when is_list(Options) -> proplists:get_value(hook, Options, none);
hook(Hook) -> Hook.

text(Kind, Abstract, Column) ->
    case gerl_text:format(Kind, Abstract, Column) of
        {ok, Text} -> Text;
        error -> error(badarg, [Abstract])
    end.

-doc "A function whose variables all have names that can be written.".
-spec legalize_vars(term()) -> term().
legalize_vars(Function) ->
    Names = lists:usort(variables(Function, [])),
    {Renamed, _} = lists:foldl(fun legal/2, {#{}, Names}, Names),
    rename(Function, Renamed).

legal(Name, {Renamed, Taken}) ->
    [C | Rest] = atom_to_list(Name),
    case C =:= $_ orelse C >= $A andalso C =< $Z of
        true -> {Renamed, Taken};
        false ->
            New = unused([if C >= $a, C =< $z -> C - 32; true -> $V end | Rest], Taken),
            {Renamed#{Name => New}, [New | Taken]}
    end.

unused(Text, Taken) ->
    Name = list_to_atom(Text),
    case lists:member(Name, Taken) of
        true -> unused([$X | Text], Taken);
        false -> Name
    end.

variables({var, _, Name}, Names) -> [Name | Names];
variables(Node, Names) when is_tuple(Node) -> variables(tuple_to_list(Node), Names);
variables([Node | Nodes], Names) -> variables(Nodes, variables(Node, Names));
variables(_, Names) -> Names.

rename({var, Anno, Name}, Renamed) -> {var, Anno, maps:get(Name, Renamed, Name)};
rename(Node, Renamed) when is_tuple(Node) -> list_to_tuple(rename(tuple_to_list(Node), Renamed));
rename([Node | Nodes], Renamed) -> [rename(Node, Renamed) | rename(Nodes, Renamed)];
rename(Other, _) -> Other.
