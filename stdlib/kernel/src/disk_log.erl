-module(disk_log).
-moduledoc """
Logs of terms or bytes on disk: one file that grows (halt), or a ring of files (wrap).

A process keeps each open log. It ends when its last owner closes the log or ends.
""".

-export([start/0, open/1, close/1, log/2, blog/2, log_terms/2, blog_terms/2, alog/2, balog/2, alog_terms/2, balog_terms/2, sync/1,
         chunk/2, chunk/3, bchunk/2, bchunk/3, chunk_step/3, chunk_info/1, info/1, all/0, accessible_logs/0, truncate/1,
         truncate/2, btruncate/2, reopen/2, reopen/3, breopen/3, block/1, block/2, unblock/1, change_size/2, change_header/2,
         change_notify/3, inc_wrap_file/1, next_file/1, pid2name/1, format_error/1]).

-export_type([continuation/0]).

-type log() :: term().
-opaque continuation() :: {continuation, pid(), {non_neg_integer(), non_neg_integer()}, list()}.

-doc false.
-spec start() -> ok.
start() -> ok. % there is no server: each log has a process of its own

-doc "Opens a log, or becomes one more owner of it.".
-spec open([tuple()]) -> term().
open(Options) ->
    case options(Options, #{}) of
        #{repair := truncate, mode := read_only} -> {error, {badarg, repair_read_only}};
        #{type := halt, size := {_, _}} -> {error, {badarg, size}};
        #{name := Name, file := _} = O -> gerl_disk_log:start(Name, defaults(O));
        #{name := Name} = O when is_atom(Name); is_list(Name) -> gerl_disk_log:start(Name, defaults(O));
        #{name := _} -> {error, {badarg, file}};
        #{} -> {error, {badarg, name}};
        Error -> Error
    end.

options([{Key, Value} | Rest], O) ->
    case fits(Key, Value) of
        true -> options(Rest, O#{Key => Value});
        false -> {error, {badarg, [{Key, Value} | Rest]}}
    end;
options([], O) -> O;
options(Bad, _) -> {error, {badarg, Bad}}.

fits(name, _) -> true;
fits(file, F) -> is_list(F) orelse is_atom(F) orelse is_binary(F);
fits(linkto, P) -> is_pid(P) orelse P =:= none;
fits(repair, R) -> lists:member(R, [true, false, truncate]);
fits(type, T) -> T =:= halt orelse T =:= wrap orelse T =:= rotate;
fits(format, F) -> F =:= internal orelse F =:= external;
fits(size, infinity) -> true;
fits(size, N) when is_integer(N) -> N > 0;
fits(size, {Bytes, Files}) -> is_integer(Bytes) andalso Bytes > 0 andalso is_integer(Files) andalso Files > 0 andalso Files < 65000;
fits(distributed, _) -> false;
fits(notify, B) -> is_boolean(B);
fits(head, _) -> true;
fits(head_func, {M, F, A}) -> is_atom(M) andalso is_atom(F) andalso is_list(A);
fits(quiet, B) -> is_boolean(B);
fits(mode, M) -> M =:= read_write orelse M =:= read_only;
fits(_, _) -> false.

defaults(#{name := Name} = O) ->
    Type = maps:get(type, O, halt),
    maps:merge(#{given => maps:keys(O), file => lists:flatten(io_lib:format("~tp.LOG", [Name])), linkto => self(), repair => true, type => Type,
                 format => internal, notify => false, head => none, mode => read_write, quiet => false,
                 size => case Type of halt -> infinity; _ -> undefined end}, O).

-doc "Closes a log for its owner.".
-spec close(log()) -> ok | {error, term()}.
close(Log) -> gerl_disk_log:ask(Log, close).

-doc "Logs a term.".
-spec log(log(), term()) -> ok | {error, term()}.
log(Log, Term) -> gerl_disk_log:ask(Log, {log, internal, [term_to_binary(Term)]}).

-doc "Logs terms.".
-spec log_terms(log(), [term()]) -> ok | {error, term()}.
log_terms(Log, Terms) when is_list(Terms) -> gerl_disk_log:ask(Log, {log, internal, [term_to_binary(T) || T <- Terms]}).

-doc "Logs bytes.".
-spec blog(log(), iodata()) -> ok | {error, term()}.
blog(Log, Bytes) -> gerl_disk_log:ask(Log, {log, any, [iolist_to_binary(Bytes)]}).

-doc "Logs several pieces of bytes.".
-spec blog_terms(log(), [iodata()]) -> ok | {error, term()}.
blog_terms(Log, Pieces) when is_list(Pieces) -> gerl_disk_log:ask(Log, {log, any, [iolist_to_binary(B) || B <- Pieces]}).

-doc "Logs a term without waiting.".
-spec alog(log(), term()) -> ok | {error, no_such_log}.
alog(Log, Term) -> gerl_disk_log:tell(Log, {log, internal, [term_to_binary(Term)]}).

-doc "Logs terms without waiting.".
-spec alog_terms(log(), [term()]) -> ok | {error, no_such_log}.
alog_terms(Log, Terms) -> gerl_disk_log:tell(Log, {log, internal, [term_to_binary(T) || T <- Terms]}).

-doc "Logs bytes without waiting.".
-spec balog(log(), iodata()) -> ok | {error, no_such_log}.
balog(Log, Bytes) -> gerl_disk_log:tell(Log, {log, any, [iolist_to_binary(Bytes)]}).

-doc "Logs several pieces of bytes without waiting.".
-spec balog_terms(log(), [iodata()]) -> ok | {error, no_such_log}.
balog_terms(Log, Pieces) -> gerl_disk_log:tell(Log, {log, any, [iolist_to_binary(B) || B <- Pieces]}).

-doc "Waits until all is on the disk.".
-spec sync(log()) -> ok | {error, term()}.
sync(Log) -> gerl_disk_log:ask(Log, sync).

-doc "Reads terms from a place on: start or what the last chunk gave.".
-spec chunk(log(), start | continuation()) -> term().
chunk(Log, Place) -> chunk(Log, Place, infinity).

-doc "Reads at most N terms.".
-spec chunk(log(), start | continuation(), pos_integer() | infinity) -> term().
chunk(Log, Place, N) -> read(Log, Place, N, fun erlang:binary_to_term/1).

-doc "Reads the bytes of terms.".
-spec bchunk(log(), start | continuation()) -> term().
bchunk(Log, Place) -> bchunk(Log, Place, infinity).

-doc "Reads the bytes of at most N terms.".
-spec bchunk(log(), start | continuation(), pos_integer() | infinity) -> term().
bchunk(Log, Place, N) -> read(Log, Place, N, fun(B) -> B end).

read(Log, Place, N, F) ->
    case gerl_disk_log:ask(Log, {chunk, Place, N}) of
        {Next, Items} when is_list(Items) -> decoded(Next, Items, 0, F, Log);
        {Next, Items, Bad} when is_list(Items) -> decoded(Next, Items, Bad, F, Log);
        Other -> Other
    end.

%% Bytes that are no term count as bad in a log that is only read, else the log is corrupt.
decoded(Next, Items, Bad0, F, Log) ->
    {Terms, Bad} = lists:foldr(fun(B, {Good, Bytes}) ->
        try {[F(B) | Good], Bytes}
        catch error:badarg -> {Good, Bytes + byte_size(B)}
        end
    end, {[], Bad0}, Items),
    case Bad of
        0 -> {Next, Terms};
        Bad0 -> {Next, Terms, Bad};
        _ ->
            Info = info(Log),
            case lists:keyfind(mode, 1, Info) of
                {_, read_only} -> {Next, Terms, Bad};
                _ -> {error, {corrupt_log_file, element(2, lists:keyfind(file, 1, Info))}}
            end
    end.

-doc "Goes to another file of a ring.".
-spec chunk_step(log(), start | continuation(), integer()) -> {ok, continuation()} | {error, term()}.
chunk_step(Log, Place, Step) -> gerl_disk_log:ask(Log, {step, Place, Step}).

-doc "Which node a place belongs to.".
-spec chunk_info(continuation()) -> [{node, node()}] | {error, term()}.
chunk_info({continuation, Pid, _, _}) -> [{node, node(Pid)}];
chunk_info(Other) -> {error, {no_continuation, Other}}.

-doc "What is known of a log.".
-spec info(log()) -> [{atom(), term()}] | {error, no_such_log}.
info(Log) -> gerl_disk_log:ask(Log, info).

-doc "The open logs.".
-spec all() -> [log()].
all() -> gerl_disk_log:all().

-doc "The open logs; none are distributed.".
-spec accessible_logs() -> {[log()], []}.
accessible_logs() -> {all(), []}.

-doc "Throws everything away.".
-spec truncate(log()) -> ok | {error, term()}.
truncate(Log) -> gerl_disk_log:ask(Log, {truncate, none}).

-doc "Throws everything away and writes another head.".
-spec truncate(log(), term()) -> ok | {error, term()}.
truncate(Log, Head) -> gerl_disk_log:ask(Log, {truncate, {head, term_to_binary(Head)}}).

-doc "Throws everything away and writes another head of bytes.".
-spec btruncate(log(), iodata()) -> ok | {error, term()}.
btruncate(Log, Head) -> gerl_disk_log:ask(Log, {truncate, {head, iolist_to_binary(Head)}}).

-doc "Gives the file another name and begins a new one.".
-spec reopen(log(), file:filename()) -> ok | {error, term()}.
reopen(Log, File) -> gerl_disk_log:ask(Log, {reopen, File, none}).

-doc "Gives the file another name and begins a new one with a head.".
-spec reopen(log(), file:filename(), term()) -> ok | {error, term()}.
reopen(Log, File, Head) -> gerl_disk_log:ask(Log, {reopen, File, {head, term_to_binary(Head)}}).

-doc "Gives the file another name and begins a new one with a head of bytes.".
-spec breopen(log(), file:filename(), iodata()) -> ok | {error, term()}.
breopen(Log, File, Head) -> gerl_disk_log:ask(Log, {reopen, File, {head, iolist_to_binary(Head)}}).

-doc "Lets others wait who log.".
-spec block(log()) -> ok | {error, term()}.
block(Log) -> block(Log, true).

-doc "Lets others wait who log, or (false) gives them an error.".
-spec block(log(), boolean()) -> ok | {error, term()}.
block(Log, Queue) when is_boolean(Queue) -> gerl_disk_log:ask(Log, {block, Queue}).

-doc "Lets everybody log again.".
-spec unblock(log()) -> ok | {error, term()}.
unblock(Log) -> gerl_disk_log:ask(Log, unblock).

-doc "Changes the size.".
-spec change_size(log(), term()) -> ok | {error, term()}.
change_size(Log, Size) ->
    case fits(size, Size) of
        true -> gerl_disk_log:ask(Log, {change_size, Size});
        false -> {error, {badarg, size}}
    end.

-doc "Changes the head of new files.".
-spec change_header(log(), {head, term()} | {head_func, tuple()}) -> ok | {error, term()}.
change_header(Log, Head) -> gerl_disk_log:ask(Log, {change_header, Head}).

-doc "Changes whether an owner gets messages.".
-spec change_notify(log(), pid(), boolean()) -> ok | {error, term()}.
change_notify(Log, Owner, Notify) -> gerl_disk_log:ask(Log, {change_notify, Owner, Notify}).

-doc "Goes on with the next file of a ring.".
-spec inc_wrap_file(log()) -> ok | {error, term()}.
inc_wrap_file(Log) -> gerl_disk_log:ask(Log, next_file).

-doc "Goes on with the next file.".
-spec next_file(log()) -> ok | {error, term()}.
next_file(Log) -> gerl_disk_log:ask(Log, next_file).

-doc "The name of the log that a process keeps.".
-spec pid2name(pid()) -> {ok, log()} | undefined.
pid2name(Pid) -> gerl_disk_log:name_of(Pid).

-doc "The text for an error.".
-spec format_error(term()) -> io_lib:chars().
%% What may be said of a log.
-define(ABOUT_LOGS,
        #{full => "The halt log ~tp is full", not_blocked => "The disk log ~tp is not blocked",
          halt_log => "The halt log ~tp cannot be wrapped",
          read_only_mode => "The disk log ~tp has been opened read-only, but the requested operation needs read-write access",
          format_external =>
              "The requested operation can only be applied on internally formatted disk logs, but ~tp is externally formatted",
          blocked_log =>
              "The blocked disk log ~tp does not queue requests, or the log has been blocked by the calling process",
          not_blocked_by_pid => "The disk log ~tp is blocked, but only the blocking pid can unblock a disk log",
          same_file_name => "Current and new file name of the disk log ~tp are the same",
          name_already_open => "The disk log ~tp has already opened another file",
          open_read_write => "The disk log ~tp has already been opened read-write",
          open_read_only => "The disk log ~tp has already been opened read-only",
          not_internal_wrap => "The requested operation cannot be applied since ~tp is not an internally formatted disk log"}).
format_error({error, Reason}) -> format_error(Reason);
format_error({Node, {error, Reason}}) -> io_lib:format("~p: ~ts", [Node, format_error(Reason)]);
format_error(Reason) ->
    {Text, Arguments} = described(Reason),
    io_lib:format(Text ++ "~n", Arguments).

described({file_error, File, Posix}) -> {"\"~ts\": ~tp", [File, file:format_error(Posix)]};
described({not_a_log_file, File}) -> {"The file \"~ts\" is not a wrap log file", [File]};
described({corrupt_log_file, File}) -> {"The disk log file \"~ts\" contains corrupt data", [File]};
described({need_repair, File}) -> {"The disk log file \"~ts\" has not been closed properly and needs repair", [File]};
described({invalid_index_file, File}) -> {"The wrap log index file \"~ts\" cannot be used", [File]};
described({invalid_header, Header}) -> {"The disk log header is not wellformed: ~p", [Header]};
described({badarg, Option}) -> {"The argument ~p is missing, not recognized or not wellformed", [Option]};
described({no_continuation, Term}) -> {"The term ~p is not a chunk continuation", [Term]};
described({not_owner, Pid}) -> {"The pid ~tp is not an owner of the disk log", [Pid]};
described({size_mismatch, Was, Given}) -> {"The given size ~p does not match the size ~p found on the disk log size file", [Given, Was]};
described({new_size_too_small, Log, Size}) ->
    {"The current size ~p of the halt log ~tp is greater than the requested new size", [Size, Log]};
described({arg_mismatch, Option, First, Value}) ->
    {"The value ~tp of the disk log option ~p does not match the current value ~tp", [Value, Option, First]};
described(no_such_log) -> {"There is no disk log with the given name", []};
described(Down) when Down =:= nonode; Down =:= nodedown -> {"There seems to be no node up that can handle the request", []};
described(end_of_log) -> {"An attempt was made to step outside a not yet full wrap log", []};
described({What, Log}) when is_map_key(What, ?ABOUT_LOGS) -> {map_get(What, ?ABOUT_LOGS), [Log]};
described(Other) -> {"~tp", [Other]}.
