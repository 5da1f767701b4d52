-module(dets).
-moduledoc """
Tables of tuples on disk, in the format of OTP's Dets files (version 9).

An open table is a process that all its users share. It closes the file properly when the last of them has closed the table or
has ended; a file that was not closed properly is repaired when it is opened the next time. There are the types set, bag and
duplicate_bag. Functions return {error, Reason} when something is wrong with the file.
""".

-export([all/0, bchunk/2, close/1, delete/2, delete_all_objects/1, delete_object/2, first/1, foldl/3, foldr/3, from_ets/2, info/1, info/2,
         init_table/2, init_table/3, insert/2, insert_new/2, is_compatible_bchunk_format/2, is_dets_file/1, lookup/2, match/1, match/2, match/3,
         match_delete/2, match_object/1, match_object/2, match_object/3, member/2, next/2, open_file/1, open_file/2, pid2name/1,
         repair_continuation/2, safe_fixtable/2, select/1, select/2, select/3, select_delete/2, slot/2, sync/1, table/1, table/2, to_ets/2,
         traverse/2, update_counter/3]).
-export([start/0, stop/0, lookup_keys/2, verbose/0, verbose/1, where/2]).
-export_type([bindings_cont/0, cont/0, object_cont/0, select_cont/0, tab_name/0]).

%% How far a traversal is: the next slot or none (of bchunk: what is left of the collections' places), so many collections at a time. What is bindings, object, select or bchunk.
-record(dets_cont, {what, count, slot, table, pid, spec}).

-type tab_name() :: term().
-type object() :: tuple().
-type pattern() :: atom() | tuple().
-type spec() :: ets:match_spec().
-type failure() :: {error, term()}.
-opaque bindings_cont() :: #dets_cont{}.
-opaque object_cont() :: #dets_cont{}.
-opaque select_cont() :: #dets_cont{}.
-opaque cont() :: #dets_cont{}.

%% badarg is an error of the function that was called, with its arguments.
-define(CHECKED(Expr, Args), case Expr of badarg -> error(badarg, Args); Reply -> Reply end).

%% Collections that are read at a time unless the caller says how many.
-define(COUNT, 500).

%%% ---- tables ---------------------------------------------------------------------------------------

-doc "Starts the server of all tables; opening a table does that, too.".
-spec start() -> term().
start() -> dets_server:start().

-doc "Stops the server. Tables are closed.".
-spec stop() -> stopped.
stop() -> dets_server:stop().

-doc "The names of all open tables.".
-spec all() -> [tab_name()].
all() -> dets_server:all().

-doc "Opens an existing file as it is; the reference is the table's name.".
-spec open_file(file:name()) -> {ok, reference()} | failure().
open_file(Name) ->
    File = if is_atom(Name) -> atom_to_list(Name); true -> Name end,
    is_list(File) orelse error(badarg, [Name]),
    opened(dets_server:open(File), [Name]).

-doc """
Opens a table, whose file is made if it does not exist. Options: `access`, `auto_save` (milliseconds), `estimated_no_objects`,
`file` (the table's name without it), `keypos`, `max_no_slots`, `min_no_slots`, `ram_file`, `repair` and `type`.
""".
-spec open_file(tab_name(), term()) -> {ok, tab_name()} | failure().
open_file(Table, Options) when is_list(Options) ->
    case gerl_dets_open:options(Table, Options) of
        badarg -> error(badarg, [Table, Options]);
        How -> opened(dets_server:open(Table, How), [Table, Options])
    end;
open_file(Table, Option) -> open_file(Table, [Option]).

opened({error, {file_error, _, Reason}}, Args) when Reason =:= einval; Reason =:= badarg -> error(badarg, Args);
opened(Result, _) -> Result.

-doc "Closes a table for the calling process.".
-spec close(tab_name()) -> ok | failure().
close(Table) -> dets_server:close(Table).

-doc "The table that a process is.".
-spec pid2name(pid()) -> {ok, tab_name()} | undefined.
pid2name(Pid) -> dets_server:name(Pid).

-doc "Whether a file is a Dets table.".
-spec is_dets_file(file:name()) -> boolean() | failure().
is_dets_file(File) -> gerl_dets_open:is_dets_file(File).

-doc "Writes to the disk what has changed.".
-spec sync(tab_name()) -> ok | failure().
sync(Table) -> ?CHECKED(request(Table, sync), [Table]).

-doc "Fixes a table for safe traversal, or lets it go.".
-spec safe_fixtable(tab_name(), boolean()) -> ok.
safe_fixtable(Table, Fix) when is_boolean(Fix) -> ?CHECKED(request(Table, {safe_fixtable, Fix}), [Table, Fix]);
safe_fixtable(Table, Fix) -> error(badarg, [Table, Fix]).

-doc "What there is to know about a table; `undefined` if it is not open.".
-spec info(tab_name()) -> [{atom(), term()}] | undefined | failure().
info(Table) -> information(Table, all).

-doc "One item of what there is to know about a table.".
-spec info(tab_name(), atom()) -> term() | undefined | failure().
info(Table, owner) ->
    case dets_server:pid(Table) of
        none -> undefined;
        Pid -> Pid
    end;
info(Table, users) ->
    case dets_server:users(Table) of
        [] -> undefined;
        Users -> Users
    end;
info(Table, Item) -> information(Table, Item).

information(Table, Item) ->
    case dets_server:pid(Table) of
        none -> undefined;
        Pid ->
            case gerl_dets_table:call(Pid, {info, Item}) of
                badarg -> undefined;
                Value -> Value
            end
    end.

%% Asks a table; badarg if there is none.
request(Table, Request) ->
    case dets_server:pid(Table) of
        none -> badarg;
        Pid -> gerl_dets_table:call(Pid, Request)
    end.

%%% ---- objects --------------------------------------------------------------------------------------

-doc "Stores one or several objects.".
-spec insert(tab_name(), object() | [object()]) -> ok | failure().
insert(Table, Objects) when is_list(Objects) -> ?CHECKED(request(Table, {insert, Objects}), [Table, Objects]);
insert(Table, Object) -> ?CHECKED(request(Table, {insert, [Object]}), [Table, Object]).

-doc "Stores objects if the table has none of their keys.".
-spec insert_new(tab_name(), object() | [object()]) -> boolean() | failure().
insert_new(Table, Objects) when is_list(Objects) -> ?CHECKED(request(Table, {insert_new, Objects}), [Table, Objects]);
insert_new(Table, Object) -> ?CHECKED(request(Table, {insert_new, [Object]}), [Table, Object]).

-doc "The objects of a key.".
-spec lookup(tab_name(), term()) -> [object()] | failure().
lookup(Table, Key) -> ?CHECKED(request(Table, {lookup_keys, [Key]}), [Table, Key]).

-doc "The objects of several keys.".
-spec lookup_keys(tab_name(), [term()]) -> [object()] | failure().
lookup_keys(Table, Keys) ->
    case is_list(Keys) andalso Keys =/= [] andalso proper(Keys) of
        true -> ?CHECKED(request(Table, {lookup_keys, lists:usort(Keys)}), [Table, Keys]);
        false -> error(badarg, [Table, Keys])
    end.

proper([_ | Tail]) -> proper(Tail);
proper(Tail) -> Tail =:= [].

-doc "Where the collection is in the file that an object belongs to; false if the table has no such object.".
-spec where(tab_name(), object()) -> {ok, non_neg_integer()} | false | failure().
where(Table, Object) -> ?CHECKED(request(Table, {where, Object}), [Table, Object]).

-doc "The open tables; nothing is told of what they do.".
-spec verbose() -> [tab_name()].
verbose() -> all().

-doc "The open tables; nothing is told of what they do.".
-spec verbose(boolean()) -> [tab_name()].
verbose(_) -> all().

-doc "Whether the table has a key.".
-spec member(tab_name(), term()) -> boolean() | failure().
member(Table, Key) -> ?CHECKED(request(Table, {member, Key}), [Table, Key]).

-doc "Deletes the objects of a key.".
-spec delete(tab_name(), term()) -> ok | failure().
delete(Table, Key) -> ?CHECKED(request(Table, {delete_key, [Key]}), [Table, Key]).

-doc "Deletes all objects that equal one.".
-spec delete_object(tab_name(), object()) -> ok | failure().
delete_object(Table, Object) -> ?CHECKED(request(Table, {delete_object, [Object]}), [Table, Object]).

-doc "Empties a table.".
-spec delete_all_objects(tab_name()) -> ok | failure().
delete_all_objects(Table) ->
    case request(Table, delete_all_objects) of
        badarg -> error(badarg, [Table]);
        fixed -> match_delete(Table, '_');
        Result -> Result
    end.

-doc "Adds to an element of the object of a key, by default the one behind the key; the result is its new value.".
-spec update_counter(tab_name(), term(), integer() | {pos_integer(), integer()}) -> integer() | failure().
update_counter(Table, Key, Increment) -> ?CHECKED(request(Table, {update_counter, Key, Increment}), [Table, Key, Increment]).

-doc "The first key.".
-spec first(tab_name()) -> term() | '$end_of_table'.
first(Table) -> key(?CHECKED(request(Table, first), [Table])).

-doc "The key behind another one.".
-spec next(tab_name(), term()) -> term() | '$end_of_table'.
next(Table, Key) -> key(?CHECKED(request(Table, {next, Key}), [Table, Key])).

key({ok, Key}) -> Key;
key(Error) -> exit(Error).

-doc "The objects of a slot; slots are numbered from 0.".
-spec slot(tab_name(), non_neg_integer()) -> [object()] | '$end_of_table' | failure().
slot(Table, Slot) when is_integer(Slot), Slot >= 0 -> ?CHECKED(request(Table, {slot, Slot}), [Table, Slot]);
slot(Table, Slot) -> error(badarg, [Table, Slot]).

%%% ---- matching -------------------------------------------------------------------------------------

-doc "The bindings of a pattern's variables in all objects that match it.".
-spec match(tab_name(), pattern()) -> [[term()]] | failure().
match(Table, Pattern) -> ?CHECKED(whole(Table, bindings, Pattern), [Table, Pattern]).

-doc "Like match/2, some objects at a time.".
-spec match(tab_name(), pattern(), default | non_neg_integer()) -> {[[term()]], bindings_cont()} | '$end_of_table' | failure().
match(Table, Pattern, Count) -> ?CHECKED(chunk(Table, bindings, Pattern, Count), [Table, Pattern, Count]).

-doc "Goes on with match/3.".
-spec match(bindings_cont()) -> {[[term()]], bindings_cont()} | '$end_of_table' | failure().
match(Continuation) -> ?CHECKED(further(Continuation, bindings), [Continuation]).

-doc "All objects that match a pattern.".
-spec match_object(tab_name(), pattern()) -> [object()] | failure().
match_object(Table, Pattern) -> ?CHECKED(whole(Table, object, Pattern), [Table, Pattern]).

-doc "Like match_object/2, some objects at a time.".
-spec match_object(tab_name(), pattern(), default | non_neg_integer()) -> {[object()], object_cont()} | '$end_of_table' | failure().
match_object(Table, Pattern, Count) -> ?CHECKED(chunk(Table, object, Pattern, Count), [Table, Pattern, Count]).

-doc "Goes on with match_object/3.".
-spec match_object(object_cont()) -> {[object()], object_cont()} | '$end_of_table' | failure().
match_object(Continuation) -> ?CHECKED(further(Continuation, object), [Continuation]).

-doc "What a match specification makes of all objects.".
-spec select(tab_name(), spec()) -> [term()] | failure().
select(Table, Spec) -> ?CHECKED(whole(Table, select, Spec), [Table, Spec]).

-doc "Like select/2, some objects at a time.".
-spec select(tab_name(), spec(), default | non_neg_integer()) -> {[term()], select_cont()} | '$end_of_table' | failure().
select(Table, Spec, Count) -> ?CHECKED(chunk(Table, select, Spec, Count), [Table, Spec, Count]).

-doc "Goes on with select/3.".
-spec select(select_cont()) -> {[term()], select_cont()} | '$end_of_table' | failure().
select(Continuation) -> ?CHECKED(further(Continuation, select), [Continuation]).

-doc "Deletes all objects that match a pattern.".
-spec match_delete(tab_name(), pattern()) -> ok | failure().
match_delete(Table, Pattern) ->
    case deleted(Table, [{Pattern, [], [true]}]) of
        badarg -> error(badarg, [Table, Pattern]);
        N when is_integer(N) -> ok;
        Error -> Error
    end.

-doc "Deletes all objects for which a match specification gives true; the result is how many there were.".
-spec select_delete(tab_name(), spec()) -> non_neg_integer() | failure().
select_delete(Table, Spec) -> ?CHECKED(deleted(Table, Spec), [Table, Spec]).

-doc "Makes a continuation that was outside of the system, in a file or a message, usable.".
-spec repair_continuation(select_cont(), spec()) -> select_cont().
repair_continuation(#dets_cont{spec = {Spec, Compiled}} = Continuation, Given) ->
    case ets:is_compiled_ms(Compiled) of
        true -> Continuation;
        false ->
            _ = Spec,
            Continuation#dets_cont{spec = {Given, ets:match_spec_compile(Given)}}
    end;
repair_continuation(#dets_cont{} = Continuation, _) -> Continuation;
repair_continuation(Other, Spec) -> error(badarg, [Other, Spec]).

compiled(bindings, Pattern) -> compiled(select, [{Pattern, [], ['$$']}]);
compiled(object, Pattern) -> compiled(select, [{Pattern, [], ['$_']}]);
compiled(select, Spec) ->
    try
        {Spec, ets:match_spec_compile(Spec)}
    catch
        error:_ -> badarg
    end.

%% The keys of the only objects that a specification can match, or all.
keys(Spec, Pid) ->
    case gerl_dets_table:call(Pid, {info, keypos}) of
        Pos when is_integer(Pos) -> constant_keys(Spec, Pos, []);
        badarg -> badarg
    end.

constant_keys([{Head, _, _} | Spec], Pos, Keys) when is_tuple(Head), tuple_size(Head) >= Pos ->
    Key = element(Pos, Head),
    case has_variable(Key) of
        true -> all;
        false -> constant_keys(Spec, Pos, [Key | Keys])
    end;
constant_keys([{Head, _, _} | Spec], Pos, Keys) when is_tuple(Head) -> constant_keys(Spec, Pos, Keys);
constant_keys([], _, [_ | _] = Keys) -> lists:usort(Keys);
constant_keys(_, _, _) -> all.

has_variable('_') -> true;
has_variable(Atom) when is_atom(Atom) ->
    case atom_to_list(Atom) of
        [$$ | [_ | _] = Digits] -> lists:all(fun(C) -> C >= $0 andalso C =< $9 end, Digits);
        _ -> false
    end;
has_variable([Head | Tail]) -> has_variable(Head) orelse has_variable(Tail);
has_variable(Tuple) when is_tuple(Tuple) -> has_variable(tuple_to_list(Tuple));
has_variable(Map) when is_map(Map) -> has_variable(maps:to_list(Map));
has_variable(_) -> false.

whole(Table, What, Pattern) ->
    case begun(Table, What, Pattern, default) of
        {objects, Objects} -> Objects;
        #dets_cont{} = Continuation -> fixed(Continuation, fun() -> gathered(Continuation, []) end);
        Error -> Error
    end.

%% Whatever is traversed as a whole is fixed meanwhile.
fixed(#dets_cont{pid = Pid}, Fun) ->
    case gerl_dets_table:call(Pid, {safe_fixtable, true}) of
        ok ->
            try
                Fun()
            after
                gerl_dets_table:call(Pid, {safe_fixtable, false})
            end;
        Error -> Error
    end.

gathered(Continuation, Acc) ->
    case step(Continuation) of
        '$end_of_table' -> lists:append(lists:reverse(Acc));
        {Terms, #dets_cont{} = Next} -> gathered(Next, [Terms | Acc]);
        Error -> Error
    end.

chunk(Table, What, Pattern, Count) when is_integer(Count), Count >= 0; Count =:= default ->
    case begun(Table, What, Pattern, Count) of
        {objects, Objects} -> {Objects, #dets_cont{what = What, slot = none, table = Table}};
        #dets_cont{} = Continuation -> step(Continuation);
        Error -> Error
    end;
chunk(_, _, _, _) -> badarg.

further(#dets_cont{what = What} = Continuation, What) -> step(Continuation);
further(_, _) -> badarg.

begun(Table, What, Pattern, Count) ->
    case {compiled(What, Pattern), dets_server:pid(Table)} of
        {badarg, _} -> badarg;
        {_, none} -> badarg;
        {{Spec, Compiled}, Pid} ->
            case keys(Spec, Pid) of
                all ->
                    #dets_cont{what = What, count = case Count of default -> ?COUNT; _ -> max(Count, 1) end, slot = 0, table = Table,
                               pid = Pid, spec = {Spec, Compiled}};
                Keys when is_list(Keys) ->
                    case gerl_dets_table:call(Pid, {lookup_keys, Keys}) of
                        Objects when is_list(Objects) -> {objects, ets:match_spec_run(Objects, Compiled)};
                        Error -> Error
                    end;
                Error -> Error
            end
    end.

%% Goes on until there is an answer.
step(#dets_cont{slot = none}) -> '$end_of_table';
step(#dets_cont{slot = Slot, count = Count, pid = Pid, spec = {_, Compiled}} = Continuation) ->
    case ets:is_compiled_ms(Compiled) andalso gerl_dets_table:call(Pid, {case Count of ?COUNT -> collections; _ -> objects end, Slot, Count}) of
        false -> badarg;
        {Kind, Data, Next} when Kind =:= objects; Kind =:= set; Kind =:= bags ->
            case terms(Kind, Data, Pid) of
                {ok, Terms} ->
                    case ets:match_spec_run(Terms, Compiled) of
                        [] -> step(Continuation#dets_cont{slot = Next});
                        Answers -> {Answers, Continuation#dets_cont{slot = Next}}
                    end;
                Error -> Error
            end;
        Error -> Error
    end.

%% A table with a term that cannot be read is of no use any more.
terms(Kind, Data, Pid) ->
    try
        {ok, case Kind of
                 objects -> [binary_to_term(O) || O <- Data];
                 _ -> gerl_dets_terms:decode(Data, Kind =:= set)
             end}
    catch
        error:badarg ->
            case gerl_dets_table:call(Pid, {info, filename}) of
                badarg -> badarg;
                File -> gerl_dets_table:call(Pid, {corrupt, {{bad_object, terms}, File}})
            end
    end.

deleted(Table, Spec) ->
    case {compiled(select, Spec), dets_server:pid(Table)} of
        {badarg, _} -> badarg;
        {_, none} -> badarg;
        {_, Pid} ->
            case keys(Spec, Pid) of
                all -> fixed(#dets_cont{pid = Pid}, fun() -> deleted_from(Pid, Spec, 0, 0) end);
                Keys when is_list(Keys) ->
                    case gerl_dets_table:call(Pid, {delete_matching, Spec, Keys}) of
                        {deleted, N, none} -> N;
                        Error -> Error
                    end;
                Error -> Error
            end
    end.

deleted_from(Pid, Spec, Slot, Sum) ->
    case gerl_dets_table:call(Pid, {delete_matching, Spec, Slot, ?COUNT}) of
        {deleted, N, none} -> Sum + N;
        {deleted, N, Next} -> deleted_from(Pid, Spec, Next, Sum + N);
        Error -> Error
    end.

%%% ---- traversal ------------------------------------------------------------------------------------

-doc "Folds a fun over all objects.".
-spec foldl(fun((object(), Acc) -> Acc), Acc, tab_name()) -> Acc | failure().
foldl(Fun, Acc, Table) -> ?CHECKED(over(Fun, Acc, Table), [Fun, Acc, Table]).

-doc "Folds a fun over all objects; there is no order, so this is the same as foldl/3.".
-spec foldr(fun((object(), Acc) -> Acc), Acc, tab_name()) -> Acc | failure().
foldr(Fun, Acc, Table) -> foldl(Fun, Acc, Table).

over(Fun, Acc, Table) ->
    case begun(Table, object, '_', default) of
        #dets_cont{} = Continuation -> fixed(Continuation, fun() -> folded(Fun, Acc, Continuation) end);
        Error -> Error
    end.

folded(Fun, Acc, Continuation) ->
    case step(Continuation) of
        '$end_of_table' -> Acc;
        {Objects, #dets_cont{} = Next} -> folded(Fun, lists:foldl(Fun, Acc, Objects), Next);
        Error -> Error
    end.

-doc """
Calls a fun with each object. `continue` goes on, {continue, Value} too and the values are the result, {done, Value} ends with
a last value; anything else is the result.
""".
-spec traverse(tab_name(), fun((object()) -> term())) -> [term()] | term() | failure().
traverse(Table, Fun) ->
    Ref = make_ref(),
    Step = fun(Object, Acc) ->
        case Fun(Object) of
            continue -> Acc;
            {continue, Value} -> [Value | Acc];
            {done, Value} -> throw({Ref, [Value | Acc]});
            Other -> throw({Ref, Other})
        end
    end,
    try
        ?CHECKED(over(Step, [], Table), [Table, Fun])
    catch
        throw:{Ref, Result} -> Result
    end.

-doc "A handle of a table's objects for queries: the option `traverse` tells how they are read, `n_objects` how many at a time.".
-spec table(tab_name()) -> qlc:query_handle().
table(Table) -> table(Table, []).

-doc "A handle of a table's objects for queries, see table/1.".
-spec table(tab_name(), term()) -> qlc:query_handle().
table(Table, Options) ->
    List = if is_list(Options) -> Options; true -> [Options] end,
    Handle = lists:all(fun(O) -> is_tuple(O) andalso lists:member(element(1, O), [traverse, n_objects]) end, List) andalso
        gerl_table_query:handle(#{module => dets, table => Table, traverse => [select, first_next], count => default,
                                  sorted => fun() -> false end, objects => size}, Options),
    is_tuple(Handle) orelse error(badarg, [Table, Options]),
    Handle.

%%% ---- whole tables ---------------------------------------------------------------------------------

-doc "Replaces the contents of a table by the objects of an ETS table.".
-spec from_ets(tab_name(), ets:table()) -> ok | failure().
from_ets(Table, Ets) ->
    ets:safe_fixtable(Ets, true),
    try
        ?CHECKED(initialized(Table, from_ets(ets:select(Ets, [{'_', [], ['$_']}], 100)), term, default), [Table, Ets])
    after
        ets:safe_fixtable(Ets, false)
    end.

from_ets(Selected) ->
    fun(close) -> ok;
       (read) ->
            case Selected of
                '$end_of_table' -> end_of_input;
                {Objects, Continuation} -> {Objects, from_ets(ets:select(Continuation))}
            end
    end.

-doc "Inserts all objects into an ETS table.".
-spec to_ets(tab_name(), ets:table()) -> ets:table() | failure().
to_ets(Table, Ets) ->
    ets:info(Ets, protection) =:= undefined andalso error(badarg, [Table, Ets]),
    ?CHECKED(over(fun(Object, To) -> ets:insert(To, Object), To end, Ets, Table), [Table, Ets]).

-doc "Replaces the contents of a table by what a fun gives, see init_table/3.".
-spec init_table(tab_name(), fun((read | close) -> term())) -> ok | failure().
init_table(Table, Fun) -> init_table(Table, Fun, []).

-doc """
Replaces the contents of a table. Fun(read) gives end_of_input or {Objects, Fun}, Fun(close) is called after an error. With the
option {format, bchunk} it gives what bchunk/2 does; `min_no_slots` is the number of slots to begin with.
""".
-spec init_table(tab_name(), fun((read | close) -> term()), term()) -> ok | failure().
init_table(Table, Fun, Options) when is_function(Fun) ->
    List = if is_list(Options) -> Options; true -> [Options] end,
    Sound = lists:all(fun({format, F}) -> F =:= term orelse F =:= bchunk;
                         ({min_no_slots, N}) -> N =:= default orelse is_integer(N) andalso N >= 0;
                         (_) -> false
                      end, List),
    Sound andalso length(lists:usort([K || {K, _} <- List])) =:= length(List) orelse error(badarg, [Table, Fun, Options]),
    ?CHECKED(initialized(Table, Fun, proplists:get_value(format, List, term), proplists:get_value(min_no_slots, List, default)),
             [Table, Fun, Options]);
init_table(Table, Fun, Options) -> error(badarg, [Table, Fun, Options]).

initialized(Table, Fun, Format, Min) ->
    case request(Table, {initialize, Fun, Format, Min}) of
        {thrown, Thrown} -> throw(Thrown);
        Reply -> Reply
    end.

-doc "The table in pieces, from `start` on, in a form that init_table/3 takes. Of a fixed table they are what it was at the start.".
-spec bchunk(tab_name(), start | cont()) -> {cont(), [term()]} | '$end_of_table' | failure().
bchunk(Table, start) ->
    case request(Table, {info, bchunk_format}) of
        badarg -> error(badarg, [Table, start]);
        undefined -> {error, old_version};
        Parameters when is_binary(Parameters) ->
            case request(Table, pointers) of
                badarg -> error(badarg, [Table, start]);
                Pointers when is_list(Pointers) ->
                    {#dets_cont{what = bchunk, count = ?COUNT, slot = Pointers, table = Table, pid = dets_server:pid(Table)}, [Parameters]};
                Error -> Error
            end;
        Error -> Error
    end;
bchunk(Table, #dets_cont{what = bchunk, table = Table, slot = []}) -> '$end_of_table';
bchunk(Table, #dets_cont{what = bchunk, table = Table, slot = Pointers, count = Count, pid = Pid} = Continuation) ->
    {Some, Rest} = lists:split(min(Count, length(Pointers)), Pointers),
    case gerl_dets_table:call(Pid, {blocks, Some}) of
        {blocks, Blocks} -> {Continuation#dets_cont{slot = Rest}, Blocks};
        badarg -> error(badarg, [Table, Continuation]);
        Error -> Error
    end;
bchunk(Table, Other) -> error(badarg, [Table, Other]).

-doc "Whether a table can be initialised with chunks of a form.".
-spec is_compatible_bchunk_format(tab_name(), binary()) -> boolean().
is_compatible_bchunk_format(Table, Format) -> ?CHECKED(request(Table, {fits, Format}), [Table, Format]).
