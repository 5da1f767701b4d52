-module(gerl_dets_table).
-moduledoc """
The process of an open Dets table. It owns the file; clients ask with {'$dets_call', {Pid, Ref}, Request} and get {Ref, Reply}.

A table that a process has fixed does not grow, so that slots stay what they are while somebody traverses them. After an
error of its file a table answers every request with that error.
""".

-export([start/4, call/2]).
-export([system_continue/3, system_terminate/4, system_code_change/4]).

-include("gerl_dets.hrl").

%% mode: saved, new (nothing was stored yet), dirty, or {failed, Reply}. `calm`: no change since the timer began.
-record(state, {name, how, file, mode = saved, fixes = #{}, since = none, calm = true, timer = none, server}).

-define(CALL(From, Request), {'$dets_call', From, Request}).

-doc "Starts a table's process; the server gets {Ref, ok | {error, Reason}} from it.".
-spec start(term(), #how{}, pid(), reference()) -> pid().
start(Name, How, Server, Ref) ->
    proc_lib:spawn(fun() ->
        process_flag(trap_exit, true),
        monitor(process, Server),
        Opened = gerl_dets_open:open(How),
        Server ! {Ref, case Opened of {ok, _, _} -> ok; Error -> Error end},
        case Opened of
            {ok, Age, File} -> loop(timed(#state{name = Name, how = How, file = File, server = Server, mode = case Age of new -> new; old -> saved end}));
            _ -> ok
        end
    end).

-doc "Asks a table's process; badarg if there is none.".
-spec call(pid(), term()) -> term().
call(Pid, Request) ->
    Ref = monitor(process, Pid),
    Pid ! ?CALL({self(), Ref}, Request),
    receive
        {Ref, Reply} ->
            demonitor(Ref, [flush]),
            Reply;
        {'DOWN', Ref, process, _, _} -> badarg
    end.

loop(#state{server = Server} = S) ->
    receive
        ?CALL(From, close) ->
            reply(From, closed(S));
        ?CALL(From, Request) ->
            {Reply, S1} = guarded(Request, From, S),
            reply(From, Reply),
            loop(S1);
        auto_save ->
            loop(auto_saved(S#state{timer = none}));
        grow ->
            {_, S1} = guarded(grow, none, S),
            loop(S1);
        {'DOWN', _, process, Server, _} ->
            _ = closed(S);
        {'DOWN', _, process, Pid, _} ->
            loop(unfixed(Pid, all, S));
        {'EXIT', _, _} ->
            loop(S);
        {system, From, Request} ->
            sys:handle_system_msg(Request, From, Server, ?MODULE, [], S);
        Other ->
            error_logger:format("** dets: unexpected message (ignored): ~tw~n", [Other]),
            loop(S)
    end.

reply({Pid, Ref}, Reply) -> Pid ! {Ref, Reply}.

-doc "For module sys.".
-spec system_continue(pid(), list(), term()) -> term().
system_continue(_, _, S) -> loop(S).

-doc "For module sys.".
-spec system_terminate(term(), pid(), list(), term()) -> no_return().
system_terminate(Reason, _, _, S) ->
    _ = closed(S),
    exit(Reason).

-doc "For module sys.".
-spec system_code_change(term(), module(), term(), term()) -> {ok, term()}.
system_code_change(S, _, _, _) -> {ok, S}.

%% A failure of the file makes the table useless until it is closed.
guarded(Request, From, S) ->
    try
        allowed(Request, From, S)
    catch
        throw:?FAILED(Reason) ->
            Reply = failure(Reason),
            {Reply, S#state{mode = {failed, Reply}}};
        throw:{reply, Reply} -> {Reply, S};
        Class:Why:Stack ->
            error_logger:format("** dets: Bug was found when accessing table ~tw~n   ~tp~n", [S#state.name, {Class, Why, Stack}]),
            {{error, {dets_bug, S#state.name, Request, Why}}, S}
    end.

failure({thrown, _} = Thrown) -> Thrown;
failure(Reason) -> {error, Reason}.

allowed({info, What}, _, S) -> {info(What, S), S};
allowed({add_user, How}, _, #state{how = Own} = S) ->
    Same = fun(#how{file = F, type = T, keypos = K, ram = R, access = A}) -> {F, T, K, R, A} end,
    {case Same(How) =:= Same(Own) of true -> ok; false -> {error, incompatible_arguments} end, S};
allowed({left, Pid}, _, S) -> {status(S), unfixed(Pid, all, S)};
allowed({corrupt, Reason}, _, _) -> throw(?FAILED(Reason));
allowed(_, _, #state{mode = {failed, Reply}} = S) -> {Reply, S};
allowed({safe_fixtable, true}, {Pid, _}, S) -> {ok, fixed(Pid, S)};
allowed({safe_fixtable, false}, {Pid, _}, S) -> {ok, unfixed(Pid, one, S)};
allowed(sync, _, S) -> {ok, saved(true, S)};
allowed(Request, _, S) ->
    case gerl_dets_ops:is_change(Request) of
        false ->
            {Reply, File} = gerl_dets_ops:read(Request, S#state.file),
            {Reply, S#state{file = File}};
        true when S#state.how#how.access =:= read ->
            {{error, {access_mode, S#state.how#how.file}}, S};
        true -> change(Request, S)
    end.

status(#state{mode = {failed, Reply}}) -> Reply;
status(_) -> ok.

change({initialize, Fun, _, _}, #state{fixes = Fixes, name = Name} = S) when map_size(Fixes) > 0 ->
    gerl_dets_ops:ended(Fun),
    {{error, {fixed_table, Name}}, S};
change(delete_all_objects, #state{fixes = Fixes} = S) when map_size(Fixes) > 0 ->
    {fixed, S};
change(grow, #state{fixes = Fixes} = S) when map_size(Fixes) > 0 -> {ok, S};
change(Request, S0) ->
    %% What is refused changes nothing.
    gerl_dets_ops:check(Request, S0#state.file),
    S = dirty(S0),
    {Reply, File} = gerl_dets_ops:change(Request, S#state.file, S#state.how),
    {Reply, growing(S#state{file = File, calm = false})}.

%% After a change a table grows by a segment or two; the rest follows when there is nothing else to do.
growing(#state{fixes = Fixes} = S) when map_size(Fixes) > 0 -> S;
growing(#state{file = File} = S) ->
    case gerl_dets_file:wants_to_grow(File) of
        true ->
            Grown = gerl_dets_file:grow(File),
            gerl_dets_file:wants_to_grow(Grown) andalso (self() ! grow),
            S#state{file = Grown};
        false -> S
    end.

dirty(#state{mode = saved, file = File} = S) -> timed(S#state{mode = dirty, file = gerl_dets_file:dirty(File)});
dirty(S) -> S#state{mode = dirty}.

%%% ---- saving ---------------------------------------------------------------------------------------

timed(#state{mode = saved} = S) -> S;
timed(#state{timer = none, how = #how{auto_save = After}} = S) when is_integer(After) ->
    S#state{timer = erlang:send_after(After, self(), auto_save), calm = true};
timed(S) -> S.

auto_saved(#state{mode = Mode, calm = Calm} = S) when Mode =:= dirty; Mode =:= new ->
    case Calm of
        true -> element(2, guarded(sync, none, S));
        false -> timed(S)
    end;
auto_saved(S) -> S.

saved(Sync, #state{mode = Mode, file = File, how = How} = S) when Mode =:= dirty; Mode =:= new ->
    S#state{mode = saved, file = gerl_dets_open:save(File, {How, Sync})};
saved(_, S) -> S.

closed(#state{mode = {failed, Reply}, file = File}) ->
    _ = gerl_dets_file:close(File),
    Reply;
closed(S) ->
    try saved(false, S) of
        #state{file = File} -> gerl_dets_file:close(File)
    catch
        throw:?FAILED(Reason) ->
            _ = gerl_dets_file:close(S#state.file),
            {error, Reason}
    end.

%%% ---- fixing ---------------------------------------------------------------------------------------

fixed(Pid, #state{fixes = Fixes, since = Since} = S) ->
    Start = case Since of none -> {erlang:monotonic_time(), erlang:time_offset()}; _ -> Since end,
    case Fixes of
        #{Pid := {Count, Monitor}} -> S#state{fixes = Fixes#{Pid := {Count + 1, Monitor}}};
        _ -> S#state{fixes = Fixes#{Pid => {1, monitor(process, Pid)}}, since = Start, file = gerl_dets_file:hold(true, S#state.file)}
    end.

unfixed(Pid, HowMany, #state{fixes = Fixes} = S) ->
    case Fixes of
        #{Pid := {Count, Monitor}} when Count > 1, HowMany =:= one -> S#state{fixes = Fixes#{Pid := {Count - 1, Monitor}}};
        #{Pid := {_, Monitor}} ->
            demonitor(Monitor, [flush]),
            case maps:remove(Pid, Fixes) of
                Left when map_size(Left) =:= 0 ->
                    S#state.how#how.access =:= read_write andalso (self() ! grow),
                    S#state{fixes = Left, since = none, file = gerl_dets_file:hold(false, S#state.file)};
                Left -> S#state{fixes = Left}
            end;
        _ -> S
    end.

%%% ---- information ----------------------------------------------------------------------------------

info(all, #state{file = F, how = How} = S) ->
    [{type, F#file.type}, {keypos, F#file.keypos}, {size, F#file.objects}, {file_size, info(file_size, S)}, {filename, How#how.file}];
info(What, #state{file = F, how = How, fixes = Fixes, since = Since}) ->
    case What of
        access -> How#how.access;
        auto_save -> How#how.auto_save;
        bchunk_format ->
            case gerl_dets_file:parameters(F) of
                undefined -> undefined;
                Parameters -> term_to_binary(Parameters)
            end;
        delayed_write -> How#how.delayed_write;
        filename -> How#how.file;
        Size when Size =:= file_size; Size =:= memory -> gerl_dets_file:file_size(F);
        fixed -> map_size(Fixes) > 0;
        hash -> F#file.hash;
        keypos -> F#file.keypos;
        Objects when Objects =:= no_objects; Objects =:= size -> F#file.objects;
        no_keys -> F#file.keys;
        no_slots -> {F#file.min, F#file.next, F#file.max};
        pid -> self();
        ram_file -> How#how.ram;
        safe_fixed when Since =:= none -> false;
        safe_fixed ->
            {Monotonic, Offset} = Since,
            {timestamp(erlang:convert_time_unit(Monotonic + Offset, native, microsecond)), counts(Fixes)};
        safe_fixed_monotonic_time when Since =:= none -> false;
        safe_fixed_monotonic_time -> {element(1, Since), counts(Fixes)};
        type -> F#file.type;
        version -> 9;
        _ -> undefined
    end.

counts(Fixes) -> [{Pid, Count} || Pid := {Count, _} <- Fixes].

timestamp(Micro) -> {Micro div 1000000000000, Micro div 1000000 rem 1000000, Micro rem 1000000}.
