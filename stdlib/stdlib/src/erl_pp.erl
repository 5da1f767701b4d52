-module(erl_pp).
-moduledoc "Source text of abstract code. Documents are made of it (gerl_pp_code, gerl_pp_types), and laid out (gerl_pp_layout).".

-export([form/1, form/2, attribute/1, attribute/2, function/1, function/2, guard/1, guard/2, exprs/1, exprs/2,
         exprs/3, expr/1, expr/2, expr/3, expr/4, legalize_vars/1]).

-export_type([hook_function/0, option/0, options/0]).

-type hook_function() :: none | fun((term(), integer(), non_neg_integer(), term()) -> io_lib:chars()).

-type option() :: {hook, hook_function()} | {encoding, latin1 | unicode | utf8} | {quote_singleton_atom_types, boolean()}
                | {linewidth, pos_integer()} | {indent, pos_integer()}.
-type options() :: hook_function() | [option()].

-doc "The text of a form.".
-spec form(term()) -> io_lib:chars().
form(Form) -> form(Form, none).

-doc "The text of a form.".
-spec form(term(), options()) -> io_lib:chars().
form(Form, Options) -> chars(gerl_pp_code:form(Form, Options), 0, Options).

-doc "The text of an attribute.".
-spec attribute(term()) -> io_lib:chars().
attribute(Attribute) -> attribute(Attribute, none).

-doc "The text of an attribute.".
-spec attribute(term(), options()) -> io_lib:chars().
attribute({attribute, _, _, _} = Attribute, Options) -> form(Attribute, Options).

-doc "The text of a function.".
-spec function(term()) -> io_lib:chars().
function(Function) -> function(Function, none).

-doc "The text of a function.".
-spec function(term(), options()) -> io_lib:chars().
function({function, _, _, _, _} = Function, Options) -> form(Function, Options).

-doc "The text of a guard.".
-spec guard([[term()]]) -> io_lib:chars().
guard(Guard) -> guard(Guard, none).

-doc "The text of a guard.".
-spec guard([[term()]], options()) -> io_lib:chars().
guard(Guard, Options) -> chars(gerl_pp_code:guard(Guard, Options), 0, Options).

-doc "The text of expressions.".
-spec exprs([term()]) -> io_lib:chars().
exprs(Exprs) -> exprs(Exprs, 0, none).

-doc "The text of expressions.".
-spec exprs([term()], options()) -> io_lib:chars().
exprs(Exprs, Options) -> exprs(Exprs, 0, Options).

-doc "The text of expressions whose lines begin at a column; below zero, it has one line.".
-spec exprs([term()], integer(), options()) -> io_lib:chars().
exprs(Exprs, Indent, Options) -> chars(gerl_pp_code:sequence(Exprs, Options), Indent, Options).

-doc "The text of an expression.".
-spec expr(term()) -> io_lib:chars().
expr(Expr) -> expr(Expr, 0, none).

-doc "The text of an expression.".
-spec expr(term(), options()) -> io_lib:chars().
expr(Expr, Options) -> expr(Expr, 0, Options).

-doc "The text of an expression whose lines begin at a column; below zero, it has one line.".
-spec expr(term(), integer(), options()) -> io_lib:chars().
expr(Expr, Indent, Options) -> expr(Expr, Indent, 0, Options).

-doc "The text of an expression in a context that binds with a precedence.".
-spec expr(term(), integer(), non_neg_integer(), options()) -> io_lib:chars().
expr(Expr, Indent, Precedence, Options) -> chars(gerl_pp_code:expr(Expr, Precedence, Options), Indent, Options).

chars(Doc, Column, Options) -> [gerl_pp_layout:chars(Doc, Column, style(Options))].

style(Options) when is_list(Options) ->
    Encoding = case proplists:get_value(encoding, Options, epp:default_encoding()) of
                   latin1 -> latin1;
                   _ -> unicode
               end,
    Style = #{value := Value} = style(Encoding),
    Style#{width := proplists:get_value(linewidth, Options, 72), indent := proplists:get_value(indent, Options, 4),
           type_atom := case proplists:get_bool(quote_singleton_atom_types, Options) of
                            true -> fun(A) -> quoted(Encoding, atom_to_list(A)) end;
                            false -> Value
                        end};
style(unicode) ->
    Write = fun(T) -> written("~tp", T) end,
    #{width => 72, indent => 4, value => Write, type_atom => Write, string => fun io_lib:write_string/1,
      char => fun io_lib:write_char/1};
style(_) ->
    Write = fun(T) -> written("~p", T) end,
    #{width => 72, indent => 4, value => Write, type_atom => Write, string => fun io_lib:write_string_as_latin1/1,
      char => fun io_lib:write_char_as_latin1/1}.

written("~tp", A) when is_atom(A) -> io_lib:write_atom(A);
written("~p", A) when is_atom(A) -> io_lib:write_atom_as_latin1(A);
written(Format, T) -> io_lib:format(Format, [T]).

quoted(unicode, Text) -> io_lib:write_string(Text, $');
quoted(latin1, Text) -> io_lib:write_string_as_latin1(Text, $').

-doc "A function whose variables all have names that can be written.".
-spec legalize_vars(term()) -> term().
legalize_vars(Function) when not is_tuple(Function); tuple_size(Function) < 5 -> error(badarg);
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
