-module(gerl_qlc_file).
-moduledoc """
Answers that are kept: in a list while they are few, in a temporary file beyond the option max_list_size.

The objects of a file have their length in four bytes before them, as file_sorter has them.
""".

-export([new/3, add/2, done/1, contents/1, may_use/2, name/1, read/2]).

-include("gerl_qlc.hrl").

-record(store, {why, options, session, size = 0, list = [], file = none}).
-opaque store() :: #store{}.
-export_type([store/0]).

-define(CHUNK, 65536).

-doc "An empty store; Why is told if a file is not allowed.".
-spec new(atom(), #qlc_opt{}, {reference(), pid()}) -> store().
new(Why, Options, Session) -> #store{why = Why, options = Options, session = Session}.

-doc "A store with one more object.".
-spec add(term(), store()) -> store().
add(Object, #store{file = none, size = Size, list = List, options = Options} = Store) ->
    Size1 = Size + erlang:external_size(Object),
    Store1 = Store#store{size = Size1, list = [Object | List]},
    case Size1 > Options#qlc_opt.max_list of
        true -> to_file(Store1);
        false -> Store1
    end;
add(Object, #store{file = {Name, Fd}} = Store) ->
    written(Name, Fd, [Object]),
    Store.

to_file(#store{why = Why, options = #qlc_opt{tmpdir = Dir, tmpdir_usage = Usage}, session = Session, list = List} = Store) ->
    may_use(Usage, Why),
    Name = name(Dir),
    case file:open(Name, [write, raw, binary, delayed_write]) of
        {ok, Fd} ->
            gerl_qlc_run:on_close(Session, fun() ->
                _ = file:close(Fd),
                _ = file:delete(Name)
            end),
            written(Name, Fd, lists:reverse(List)),
            Store#store{file = {Name, Fd}, list = []};
        {error, Reason} -> file_error(Name, Reason)
    end.

written(Name, Fd, Objects) ->
    case file:write(Fd, [[<<(byte_size(B)):32>>, B] || Object <- Objects, B <- [term_to_binary(Object)]]) of
        ok -> ok;
        {error, Reason} -> file_error(Name, Reason)
    end.

-doc "What was stored, for contents/1.".
-spec done(store()) -> {list, list()} | {file, file:name()}.
done(#store{file = none, list = List}) -> {list, lists:reverse(List)};
done(#store{file = {Name, Fd}}) ->
    _ = file:close(Fd),
    {file, Name}.

-doc "What was stored, as a lazy list.".
-spec contents({list, list()} | {file, file:name()}) -> term().
contents({list, List}) -> List;
contents({file, Name}) -> read(Name, 0).

-doc "The objects of a file from an offset, as a lazy list. The file is open only while a part of it is read.".
-spec read(file:name(), non_neg_integer()) -> term().
read(Name, Offset) -> read(Name, Offset, ?CHUNK).

read(Name, Offset, Amount) ->
    case chunk(Name, Offset, Amount) of
        {ok, Data} ->
            case objects(Data, Name, []) of
                {[], _, Needed} when Needed > byte_size(Data), byte_size(Data) < Amount -> bad_object(Name);
                {[], _, Needed} -> read(Name, Offset, Needed);
                {Objects, Used, _} -> lists:reverse(Objects, fun() -> read(Name, Offset + Used) end)
            end;
        eof when Offset > 0 -> [];
        eof -> bad_object(Name);
        {error, Reason} -> file_error(Name, Reason)
    end.

chunk(Name, Offset, Amount) ->
    case file:open(Name, [read, raw, binary]) of
        {ok, Fd} ->
            try
                file:pread(Fd, Offset, Amount)
            after
                file:close(Fd)
            end;
        Error -> Error
    end.

%% {objects, the latest first, how many bytes they are, how many the next one needs}.
objects(Data, Name, Acc) -> objects(Data, 0, Name, Acc).

objects(<<Size:32, Object:Size/binary, Rest/binary>>, Used, Name, Acc) ->
    try binary_to_term(Object) of
        Term -> objects(Rest, Used + Size + 4, Name, [Term | Acc])
    catch
        error:badarg -> bad_object(Name)
    end;
objects(<<Size:32, _/binary>>, Used, _, Acc) -> {Acc, Used, Size + 4};
objects(_, Used, _, Acc) -> {Acc, Used, 4}.

bad_object(Name) -> gerl_qlc_run:failed({error, qlc, {bad_object, Name}}).

file_error(Name, Reason) -> gerl_qlc_run:failed({error, qlc, {file_error, Name, Reason}}).

-doc "Whether a temporary file may be used; that is reported if the user wants to know.".
-spec may_use(atom(), atom()) -> ok.
may_use(allowed, _) -> ok;
may_use(not_allowed, Why) -> gerl_qlc_run:failed({error, qlc, {tmpdir_usage, Why}});
may_use(Report, Why) ->
    Text = "Temporary file is needed for ~w by qlc~n",
    case Report of
        info_msg -> error_logger:info_msg(Text, [Why]);
        warning_msg -> error_logger:warning_msg(Text, [Why]);
        error_msg -> error_logger:error_msg(Text, [Why])
    end.

-doc "A name for a temporary file in a directory; the empty string stands for the working directory.".
-spec name(file:name()) -> file:name().
name(Dir) ->
    Name = lists:concat(["qlc_", node(), "_", os:getpid(), "_", erlang:unique_integer([positive])]),
    filename:join(filename:absname(case Dir of "" -> "."; _ -> Dir end), Name).
