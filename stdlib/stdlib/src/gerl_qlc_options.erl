-module(gerl_qlc_options).
-moduledoc "The options of the functions of qlc. A function's answer is badarg if one is unknown or has no sensible value.".

-export([query/1, evaluation/1, cursor/1, info/1, sorting/2, table/2]).

-include("gerl_qlc.hrl").

-doc "The options of q/2.".
-spec query(term()) -> #qlc_opt{} | badarg.
query(Options) ->
    case taken(Options, [unique, cache, max_lookup, join, lookup]) of
        badarg -> badarg;
        #{unique := Unique, cache := Cache, max_lookup := Max, join := Join, lookup := Lookup} ->
            #qlc_opt{unique = Unique, cache = Cache, max_lookup = Max, join = Join, lookup = Lookup}
    end.

-doc "The options of an evaluation.".
-spec evaluation(term()) -> #qlc_opt{} | badarg.
evaluation(Options) -> of_evaluation(taken(Options, evaluated())).

evaluated() -> [unique_all, cache_all, tmpdir, max_list_size, tmpdir_usage].

of_evaluation(badarg) -> badarg;
of_evaluation(#{unique_all := Unique, cache_all := Cache, tmpdir := Dir, max_list_size := Max, tmpdir_usage := Usage}) ->
    #qlc_opt{unique = Unique, cache = Cache, tmpdir = Dir, max_list = Max, tmpdir_usage = Usage}.

-doc "The options of a cursor: those of its process and of the evaluation.".
-spec cursor(term()) -> {[term()], #qlc_opt{}} | badarg.
cursor(Options) ->
    case taken(Options, [spawn_options | evaluated()]) of
        badarg -> badarg;
        #{spawn_options := default} = Taken -> {[link], of_evaluation(Taken)};
        #{spawn_options := Spawn} = Taken -> {[link | Spawn -- [link, monitor]], of_evaluation(Taken)}
    end.

-doc "The options of info/2: those about its form and of the evaluation.".
-spec info(term()) -> {map(), #qlc_opt{}} | badarg.
info(Options) ->
    case taken(Options, [flat, format, n_elements, depth | evaluated()]) of
        badarg -> badarg;
        Taken -> {maps:with([flat, format, n_elements, depth], Taken), of_evaluation(Taken)}
    end.

-doc "The options of sort and, with keys, keysort.".
-spec sorting(none | pos_integer() | [pos_integer()], term()) -> #sorting{} | badarg.
sorting(Keys, Options) ->
    case taken(Options, [tmpdir, order, unique, compressed, size, no_files]) of
        badarg -> badarg;
        #{order := Order, unique := Unique, tmpdir := Dir, size := Size} ->
            #sorting{keys = Keys, order = Order, unique = Unique, options = listed(Options), tmpdir = Dir, limit = Size}
    end.

-doc "The options of table/2.".
-spec table(fun(), term()) -> #table{} | badarg.
table(Traverse, Options) ->
    case taken(Options, [pre_fun, post_fun, info_fun, format_fun, lookup_fun, parent_fun, key_equality]) of
        badarg -> badarg;
        #{pre_fun := Pre, post_fun := Post, info_fun := Info, format_fun := Format, lookup_fun := Lookup,
          parent_fun := Parent, key_equality := Equality} ->
            #table{traverse = Traverse, pre_fun = Pre, post_fun = Post, info_fun = Info, format_fun = Format,
                   lookup_fun = Lookup, parent_fun = Parent, key_equality = Equality}
    end.

listed(Options) when is_list(Options) -> Options;
listed(Option) -> [Option].

%% The first of several options of a name counts, the others must have a sensible value all the same.
taken(Options, Names) ->
    Pairs = [paired(O) || O <- listed(Options)],
    Sound = fun({Name, Value}) -> lists:member(Name, Names) andalso value(Name, Value) =/= badarg;
               (_) -> false
            end,
    case lists:all(Sound, Pairs) andalso length(lists:usort([N || {N, _} <- Pairs])) =:= length(Pairs) of
        true -> #{Name => value(Name, proplists:get_value(Name, Pairs, default(Name))) || Name <- Names};
        false -> badarg
    end.

paired(Name) when Name =:= cache; Name =:= unique; Name =:= cache_all; Name =:= unique_all; Name =:= lookup; Name =:= flat -> {Name, true};
paired(Option) -> Option.

default(max_lookup) -> infinity;
default(Name) when Name =:= join; Name =:= lookup -> any;
default(key_equality) -> '=:=';
default(spawn_options) -> default;
default(flat) -> true;
default(format) -> string;
default(Name) when Name =:= n_elements; Name =:= depth -> infinity;
default(Name) when Name =:= max_list_size; Name =:= size -> 524288;
default(tmpdir_usage) -> allowed;
default(Name) when Name =:= cache; Name =:= cache_all; Name =:= unique; Name =:= unique_all; Name =:= compressed -> false;
default(order) -> ascending;
default(tmpdir) -> "";
default(no_files) -> 16;
default(_) -> undefined.

value(Name, Value) ->
    case {kind(Name), Value} of
        {{function, _}, undefined} -> undefined;
        {{function, Arity}, _} when is_function(Value, Arity) -> Value;
        {{one_of, Values}, _} -> case lists:member(Value, Values) of true -> Value; false -> badarg end;
        {{from, Least}, _} when is_integer(Value), Value >= Least -> Value;
        {{limit, Least}, _} when is_integer(Value), Value >= Least; Value =:= infinity -> Value;
        {max_lookup, infinity} -> -1;
        {max_lookup, _} when is_integer(Value), Value >= 0 -> Value;
        {cache, ets} -> true;
        {cache, no} -> false;
        {cache, _} when is_boolean(Value); Value =:= list -> Value;
        {spawn, default} -> default;
        {spawn, _} -> try length(Value) of _ -> Value catch error:badarg -> badarg end;
        {order, _} when Value =:= ascending; Value =:= descending; is_function(Value, 2) -> Value;
        {any, _} -> Value;
        _ -> badarg
    end.

kind(Name) when Name =:= pre_fun; Name =:= info_fun; Name =:= format_fun -> {function, 1};
kind(Name) when Name =:= post_fun; Name =:= parent_fun -> {function, 0};
kind(lookup_fun) -> {function, 2};
kind(key_equality) -> {one_of, ['=:=', '==']};
kind(join) -> {one_of, [any, nested_loop, merge, lookup]};
kind(lookup) -> {one_of, [true, false, any]};
kind(tmpdir_usage) -> {one_of, [allowed, not_allowed, info_msg, warning_msg, error_msg]};
kind(format) -> {one_of, [string, abstract_code, debug]};
kind(Name) when Name =:= cache; Name =:= cache_all -> cache;
kind(spawn_options) -> spawn;
kind(n_elements) -> {limit, 1};
kind(depth) -> {limit, 0};
kind(max_list_size) -> {from, 0};
kind(size) -> {from, 1};
kind(no_files) -> {from, 2};
kind(max_lookup) -> max_lookup;
kind(order) -> order;
kind(tmpdir) -> any;
kind(_) -> {one_of, [true, false]}.
