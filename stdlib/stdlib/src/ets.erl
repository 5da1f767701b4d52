-module(ets).
-moduledoc "The term storage: tables of tuples outside of the heaps of processes.".

%% The tables live in Go (package ets); what calls funs is written here.

%% Tables
-export([table/1, table/2]).
-export([new/2, delete/1, all/0, info/1, info/2, rename/2, whereis/1, give_away/3, setopts/2,
         safe_fixtable/2]).

%% Objects
-export([insert/2, insert_new/2, lookup/2, lookup_element/3, lookup_element/4, member/2, take/2,
         delete/2, delete_object/2, delete_all_objects/1, update_counter/3, update_counter/4,
         update_element/3, update_element/4, tab2list/1, slot/2]).

%% Key by key
-export([first/1, last/1, next/2, prev/2, first_lookup/1, last_lookup/1, next_lookup/2,
         prev_lookup/2]).

%% Matching
-export([match/2, match/3, match/1, match_object/2, match_object/3, match_object/1, select/2,
         select/3, select/1, select_reverse/2, select_reverse/3, select_reverse/1,
         match_delete/2, select_count/2, select_delete/2, select_replace/2, match_spec_compile/1,
         match_spec_run/2, is_compiled_ms/1, test_ms/2]).

%% Funs over tables
-export([foldl/3, foldr/3, init_table/2, repair_continuation/2, fun2ms/1, from_dets/2, to_dets/2]).

%% Files and overviews
-export([tab2file/2, tab2file/3, file2tab/1, file2tab/2, tabfile_info/1, i/0, i/1]).

-export_type([table/0, tid/0, match_spec/0, match_pattern/0, compiled_match_spec/0,
              continuation/0]).

-type tid() :: reference().
-type table() :: atom() | tid().
-type option() :: set | ordered_set | bag | duplicate_bag | public | protected | private
                | named_table | compressed | {keypos, pos_integer()}
                | {heir, none} | {heir, pid()} | {heir, pid(), term()}
                | {write_concurrency, boolean() | auto} | {read_concurrency, boolean()}
                | {decentralized_counters, boolean()}.
-type match_pattern() :: atom() | tuple().
-type match_spec() :: [{match_pattern(), [term()], [term()]}].
-opaque compiled_match_spec() :: reference().
-opaque continuation() :: '$end_of_table' | tuple().
-type counter_op() :: integer() | {pos_integer(), integer()}
                    | {pos_integer(), integer(), Threshold :: integer(), SetValue :: integer()}.
-type element_spec() :: {pos_integer(), term()}.

%%% ---- tables ------------------------------------------------------------------------------------

-doc "Makes a table that the calling process owns.".
-spec new(Name :: atom(), Options :: [option()]) -> table().
new(_Name, _Options) -> erlang:nif_error(undef).

-doc "Deletes a table.".
-spec delete(table()) -> true.
delete(_Table) -> erlang:nif_error(undef).

-doc "All tables of the node.".
-spec all() -> [table()].
all() -> erlang:nif_error(undef).

-doc "What there is to know about a table; `undefined` without one.".
-spec info(table()) -> [{atom(), term()}] | undefined.
info(_Table) -> erlang:nif_error(undef).

-doc "One item of info/1, or `fixed`, `safe_fixed`, `stats`, `binary`.".
-spec info(table(), Item :: atom()) -> term() | undefined.
info(_Table, _Item) -> erlang:nif_error(undef).

-doc "Gives a table another name.".
-spec rename(table(), Name :: atom()) -> atom().
rename(_Table, _Name) -> erlang:nif_error(undef).

-doc "The reference of a named table.".
-spec whereis(Name :: atom()) -> tid() | undefined.
whereis(_Name) -> erlang:nif_error(undef).

-doc "Makes another process the owner; it gets `{'ETS-TRANSFER', Table, From, Data}`.".
-spec give_away(table(), pid(), Data :: term()) -> true.
give_away(_Table, _Pid, _Data) -> erlang:nif_error(undef).

-doc "Changes the heir of a table.".
-spec setopts(table(), Option | [Option]) ->
          true when Option :: {heir, none} | {heir, pid()} | {heir, pid(), term()}.
setopts(_Table, _Options) -> erlang:nif_error(undef).

-doc "Begins or ends a traversal during which no key that stays is missed or met twice.".
-spec safe_fixtable(table(), boolean()) -> true.
safe_fixtable(_Table, _Fix) -> erlang:nif_error(undef).

%%% ---- objects -----------------------------------------------------------------------------------

-doc "Stores objects; several of them in one step.".
-spec insert(table(), tuple() | [tuple()]) -> true.
insert(_Table, _Objects) -> erlang:nif_error(undef).

-doc "Stores objects if the table has none of their keys.".
-spec insert_new(table(), tuple() | [tuple()]) -> boolean().
insert_new(_Table, _Objects) -> erlang:nif_error(undef).

-doc "The objects with a key.".
-spec lookup(table(), Key :: term()) -> [tuple()].
lookup(_Table, _Key) -> erlang:nif_error(undef).

-doc "Element Pos of the object with a key, or of all of them in a bag.".
-spec lookup_element(table(), Key :: term(), Pos :: pos_integer()) -> term() | [term()].
lookup_element(_Table, _Key, _Pos) -> erlang:nif_error(undef).

-doc "Like lookup_element/3, with a value for a key that is not there.".
-spec lookup_element(table(), Key :: term(), Pos :: pos_integer(), Default :: term()) ->
          term() | [term()].
lookup_element(_Table, _Key, _Pos, _Default) -> erlang:nif_error(undef).

-doc "Whether the table has a key.".
-spec member(table(), Key :: term()) -> boolean().
member(_Table, _Key) -> erlang:nif_error(undef).

-doc "Removes and gives the objects with a key.".
-spec take(table(), Key :: term()) -> [tuple()].
take(_Table, _Key) -> erlang:nif_error(undef).

-doc "Removes the objects with a key.".
-spec delete(table(), Key :: term()) -> true.
delete(_Table, _Key) -> erlang:nif_error(undef).

-doc "Removes all copies of an object.".
-spec delete_object(table(), tuple()) -> true.
delete_object(_Table, _Object) -> erlang:nif_error(undef).

-doc "Empties a table.".
-spec delete_all_objects(table()) -> true.
delete_all_objects(_Table) -> erlang:nif_error(undef).

-doc "Adds to integers of the object with a key and gives the new values.".
-spec update_counter(table(), Key :: term(), counter_op() | [counter_op()]) ->
          integer() | [integer()].
update_counter(_Table, _Key, _Ops) -> erlang:nif_error(undef).

-doc "Like update_counter/3, with an object for a key that is not there.".
-spec update_counter(table(), Key :: term(), counter_op() | [counter_op()], Default :: tuple()) ->
          integer() | [integer()].
update_counter(_Table, _Key, _Ops, _Default) -> erlang:nif_error(undef).

-doc "Changes elements of the object with a key; `false` without one.".
-spec update_element(table(), Key :: term(), element_spec() | [element_spec()]) -> boolean().
update_element(_Table, _Key, _Elements) -> erlang:nif_error(undef).

-doc "Like update_element/3, with an object for a key that is not there.".
-spec update_element(table(), Key :: term(), element_spec() | [element_spec()],
                     Default :: tuple()) ->
          true.
update_element(_Table, _Key, _Elements, _Default) -> erlang:nif_error(undef).

-doc "All objects.".
-spec tab2list(table()) -> [tuple()].
tab2list(Table) -> ets:match_object(Table, '_').

-doc "The objects at place I of a table.".
-spec slot(table(), non_neg_integer()) -> [tuple()] | '$end_of_table'.
slot(_Table, _I) -> erlang:nif_error(undef).

%%% ---- key by key --------------------------------------------------------------------------------

-doc "The first key.".
-spec first(table()) -> Key :: term() | '$end_of_table'.
first(_Table) -> erlang:nif_error(undef).

-doc "The last key.".
-spec last(table()) -> Key :: term() | '$end_of_table'.
last(_Table) -> erlang:nif_error(undef).

-doc "The key behind a key.".
-spec next(table(), Key :: term()) -> Key2 :: term() | '$end_of_table'.
next(_Table, _Key) -> erlang:nif_error(undef).

-doc "The key in front of a key.".
-spec prev(table(), Key :: term()) -> Key2 :: term() | '$end_of_table'.
prev(_Table, _Key) -> erlang:nif_error(undef).

-doc "The first key and its objects.".
-spec first_lookup(table()) -> {Key :: term(), [tuple()]} | '$end_of_table'.
first_lookup(_Table) -> erlang:nif_error(undef).

-doc "The last key and its objects.".
-spec last_lookup(table()) -> {Key :: term(), [tuple()]} | '$end_of_table'.
last_lookup(_Table) -> erlang:nif_error(undef).

-doc "The key behind a key, and its objects.".
-spec next_lookup(table(), Key :: term()) -> {Key2 :: term(), [tuple()]} | '$end_of_table'.
next_lookup(_Table, _Key) -> erlang:nif_error(undef).

-doc "The key in front of a key, and its objects.".
-spec prev_lookup(table(), Key :: term()) -> {Key2 :: term(), [tuple()]} | '$end_of_table'.
prev_lookup(_Table, _Key) -> erlang:nif_error(undef).

%%% ---- matching ----------------------------------------------------------------------------------

-doc "The values of the pattern's variables for each object that matches.".
-spec match(table(), match_pattern()) -> [[term()]].
match(_Table, _Pattern) -> erlang:nif_error(undef).

-doc "Like match/2, up to Limit results at a time.".
-spec match(table(), match_pattern(), Limit :: pos_integer()) ->
          {[[term()]], continuation()} | '$end_of_table'.
match(_Table, _Pattern, _Limit) -> erlang:nif_error(undef).

-doc "Goes on where match/3 or match/1 stopped.".
-spec match(continuation()) -> {[[term()]], continuation()} | '$end_of_table'.
match(_Continuation) -> erlang:nif_error(undef).

-doc "The objects that match.".
-spec match_object(table(), match_pattern()) -> [tuple()].
match_object(_Table, _Pattern) -> erlang:nif_error(undef).

-doc "Like match_object/2, up to Limit results at a time.".
-spec match_object(table(), match_pattern(), Limit :: pos_integer()) ->
          {[tuple()], continuation()} | '$end_of_table'.
match_object(_Table, _Pattern, _Limit) -> erlang:nif_error(undef).

-doc "Goes on where match_object/3 or match_object/1 stopped.".
-spec match_object(continuation()) -> {[tuple()], continuation()} | '$end_of_table'.
match_object(_Continuation) -> erlang:nif_error(undef).

-doc "The values of a match specification for the objects that it accepts.".
-spec select(table(), match_spec()) -> [term()].
select(_Table, _Spec) -> erlang:nif_error(undef).

-doc "Like select/2, up to Limit results at a time.".
-spec select(table(), match_spec(), Limit :: pos_integer()) ->
          {[term()], continuation()} | '$end_of_table'.
select(_Table, _Spec, _Limit) -> erlang:nif_error(undef).

-doc "Goes on where select/3 or select/1 stopped.".
-spec select(continuation()) -> {[term()], continuation()} | '$end_of_table'.
select(_Continuation) -> erlang:nif_error(undef).

-doc "Like select/2; an `ordered_set` from its end.".
-spec select_reverse(table(), match_spec()) -> [term()].
select_reverse(_Table, _Spec) -> erlang:nif_error(undef).

-doc "Like select_reverse/2, up to Limit results at a time.".
-spec select_reverse(table(), match_spec(), Limit :: pos_integer()) ->
          {[term()], continuation()} | '$end_of_table'.
select_reverse(_Table, _Spec, _Limit) -> erlang:nif_error(undef).

-doc "Goes on where select_reverse/3 or select_reverse/1 stopped.".
-spec select_reverse(continuation()) -> {[term()], continuation()} | '$end_of_table'.
select_reverse(_Continuation) -> erlang:nif_error(undef).

-doc "Removes the objects that match.".
-spec match_delete(table(), match_pattern()) -> true.
match_delete(_Table, _Pattern) -> erlang:nif_error(undef).

-doc "The number of objects for which a match specification gives `true`.".
-spec select_count(table(), match_spec()) -> non_neg_integer().
select_count(_Table, _Spec) -> erlang:nif_error(undef).

-doc "Removes the objects for which a match specification gives `true`; their number.".
-spec select_delete(table(), match_spec()) -> non_neg_integer().
select_delete(_Table, _Spec) -> erlang:nif_error(undef).

-doc "Puts the values of a match specification in the places of the objects; their keys must stay.".
-spec select_replace(table(), match_spec()) -> non_neg_integer().
select_replace(_Table, _Spec) -> erlang:nif_error(undef).

-doc "Compiles a match specification for match_spec_run/2.".
-spec match_spec_compile(match_spec()) -> compiled_match_spec().
match_spec_compile(_Spec) -> erlang:nif_error(undef).

-doc "The values of a match specification for the elements of a list that it accepts.".
-spec match_spec_run([term()], compiled_match_spec()) -> [term()].
match_spec_run(_List, _Compiled) -> erlang:nif_error(undef).

-doc "Whether a term is a compiled match specification.".
-spec is_compiled_ms(term()) -> boolean().
is_compiled_ms(_Term) -> erlang:nif_error(undef).

-doc "Runs a match specification on a tuple; `{ok, false}` when it is not accepted.".
-spec test_ms(tuple(), match_spec()) -> {ok, term()} | {error, [{warning | error, string()}]}.
test_ms(_Tuple, _Spec) -> erlang:nif_error(undef).

%%% ---- funs over tables --------------------------------------------------------------------------

-doc "Folds over all objects, from the first key on.".
-spec foldl(fun((tuple(), Acc) -> Acc), Acc, table()) -> Acc.
foldl(Fun, Acc, Table) ->
    fixed(Table, fun() -> fold(Fun, Acc, Table, first_lookup(Table), fun next_lookup/2) end).

-doc "Folds over all objects, from the last key on.".
-spec foldr(fun((tuple(), Acc) -> Acc), Acc, table()) -> Acc.
foldr(Fun, Acc, Table) ->
    fixed(Table, fun() -> fold(Fun, Acc, Table, last_lookup(Table), fun prev_lookup/2) end).

fold(_Fun, Acc, _Table, '$end_of_table', _Step) ->
    Acc;
fold(Fun, Acc, Table, {Key, Objects}, Step) ->
    fold(Fun, lists:foldl(Fun, Acc, Objects), Table, Step(Table, Key), Step).

fixed(Table, Traverse) ->
    safe_fixtable(Table, true),
    try
        Traverse()
    after
        safe_fixtable(Table, false)
    end.

%% InitFun(read) gives {Objects, NextFun} as long as there are any, then end_of_input.
%% InitFun(close) is called when reading fails.
-doc "Fills a table with what InitFun gives.".
-spec init_table(table(), fun((read | close) -> end_of_input | {[tuple()], fun()} | term())) ->
          true.
init_table(Table, InitFun) ->
    delete_all_objects(Table),
    fill(Table, InitFun).

fill(Table, InitFun) ->
    try InitFun(read) of
        end_of_input ->
            true;
        {Objects, Next} when is_list(Objects), is_function(Next) ->
            insert(Table, Objects),
            fill(Table, Next);
        Other ->
            close(InitFun),
            error({init_fun, Other})
    catch
        throw:Thrown ->
            close(InitFun),
            throw(Thrown);
        Class:Reason:Stack ->
            close(InitFun),
            erlang:raise(Class, Reason, Stack)
    end.

close(InitFun) ->
    try
        InitFun(close)
    catch
        _:_ -> ok
    end.

-doc "A continuation whose compiled specification got lost on its way, compiled again.".
-spec repair_continuation(continuation(), match_spec()) -> continuation().
repair_continuation('$end_of_table', _Spec) ->
    '$end_of_table';
repair_continuation({Table, Slot, Limit, Compiled, Rest, Got}, Spec) ->
    {Table, Slot, Limit, compiled(Compiled, Spec), Rest, Got};
repair_continuation({Table, Key, End, Limit, Compiled, Rest, Back, Got}, Spec) ->
    {Table, Key, End, Limit, compiled(Compiled, Spec), Rest, Back, Got}.

compiled(Compiled, Spec) ->
    case is_compiled_ms(Compiled) of
        true -> Compiled;
        false -> match_spec_compile(Spec)
    end.

-doc """
The match specification for a fun. In compiled code the parse transform ms_transform replaces the
calls; in the shell the fun's clauses are at hand.
""".
-spec fun2ms(fun()) -> [tuple()].
fun2ms(Fun) when is_function(Fun) ->
    case erl_eval:fun_data(Fun) of
        {fun_data, Bindings, Clauses} ->
            case ms_transform:transform_from_shell(?MODULE, Clauses, Bindings) of
                {error, [_ | _], _} -> {error, transform_error};
                Specification -> Specification
            end;
        _ -> no_clauses()
    end.

no_clauses() ->
    exit({badarg, {?MODULE, fun2ms, [function, called, with, real, 'fun', should, be, transformed,
                                     with, parse_transform, 'or', called, with, a, 'fun', generated,
                                     in, the, shell]}}).

%%% ---- files and overviews ----------------------------------------------------------------------

-doc "Writes a table to a file.".
-spec tab2file(table(), file:name()) -> ok | {error, term()}.
tab2file(Table, File) -> tab2file(Table, File, []).

-doc "Writes a table to a file; options are {sync, Bool} and {extended_info, [object_count | md5sum]}.".
-spec tab2file(table(), file:name(), [{sync, boolean()} | {extended_info, [object_count | md5sum]}]) ->
          ok | {error, term()}.
tab2file(Table, File, Options) -> gerl_tabfile:write(Table, File, Options).

-doc "Makes a table of a file that tab2file/2 wrote.".
-spec file2tab(file:name()) -> {ok, table()} | {error, term()}.
file2tab(File) -> file2tab(File, []).

-doc "file2tab/1; with {verify, true} the number of objects and their sum must be right.".
-spec file2tab(file:name(), [{verify, boolean()}]) -> {ok, table()} | {error, term()}.
file2tab(File, Options) -> gerl_tabfile:read(File, Options).

-doc "What the table in a file is like.".
-spec tabfile_info(file:name()) -> {ok, [{atom(), term()}]} | {error, term()}.
tabfile_info(File) -> gerl_tabfile:info(File).

-doc "Prints a line about each table.".
-spec i() -> ok.
i() ->
    Line = " ~-15ts ~-17ts ~-6ts ~-6ts ~-8ts ~ts~n",
    io:format(Line, [id, name, type, size, mem, owner]),
    io:format(" ~ts~n", [lists:duplicate(76, $-)]),
    lists:foreach(
        fun(Table) ->
            case info(Table) of
                undefined -> ok;
                Info ->
                    Shown = [io_lib:format("~tp", [Value]) || Value <- [Table, proplists:get_value(name, Info)]],
                    Rest = [proplists:get_value(Item, Info) || Item <- [type, size, memory]],
                    Owner = case proplists:get_value(owner, Info) of
                                Pid when is_pid(Pid) ->
                                    case erlang:process_info(Pid, registered_name) of
                                        {registered_name, Name} -> Name;
                                        _ -> Pid
                                    end
                            end,
                    io:format(Line, Shown ++ [io_lib:format("~tp", [V]) || V <- Rest] ++ [io_lib:format("~tp", [Owner])])
            end
        end, all()).

-doc "Prints the objects of a table.".
-spec i(table()) -> ok.
i(Table) -> lists:foreach(fun(Object) -> io:format("~tp~n", [Object]) end, tab2list(Table)).

%%% ---- tables in queries -------------------------------------------------------------------------

-doc "A handle of a table's objects for queries.".
-spec table(table()) -> qlc:query_handle().
table(Table) -> table(Table, []).

-doc """
A handle of a table's objects for queries. The option `traverse` tells how they are read (`select`, `{select,
MatchSpec}`, `first_next`, `last_prev`), `n_objects` how many at a time.
""".
-spec table(table(), term()) -> qlc:query_handle().
table(Table, Options) ->
    Handle = gerl_table_query:handle(#{
        module => ets, table => Table, traverse => [select, first_next, last_prev], count => 100,
        sorted => fun() -> info(Table, type) =:= ordered_set end, objects => size
    }, Options),
    Handle =/= badarg orelse error(badarg, [Table, Options]),
    Handle.

-doc "Fills a table with the objects of a Dets table.".
-spec from_dets(table(), dets:tab_name()) -> true.
from_dets(Table, Dets) ->
    Result =
        try
            dets:to_ets(Dets, Table)
        catch
            error:badarg -> error(badarg, [Table, Dets])
        end,
    case Result of
        {error, Reason} -> error(Reason, [Table, Dets]);
        _ -> true
    end.

-doc "Replaces the contents of an open Dets table by the objects of a table.".
-spec to_dets(table(), dets:tab_name()) -> dets:tab_name().
to_dets(Table, Dets) ->
    Result =
        try
            dets:from_ets(Dets, Table)
        catch
            error:badarg -> error(badarg, [Table, Dets])
        end,
    case Result of
        {error, Reason} -> error(Reason, [Table, Dets]);
        ok -> Dets
    end.
