-module(gerl_dets_repair).
-moduledoc """
Repairs Dets files: all collections in use are found, and copied to a new file that takes the old one's name.

Where the table of slots can be read it decides: of a slot whose address is zero or that of a collection in use, nothing else
counts. So what was deleted stays deleted, whenever the system ended. Collections of other slots count all.
""".

-export([repair/4, fill/2]).

-include("gerl_dets.hrl").

-define(WINDOW, 1048576).
-define(SEGMENT, 2048).
-define(BATCH, 1000).

-doc """
Repairs a file that is open, from its header, with other numbers of slots if they are given. Its slots get a hash function. The file is
closed.
""".
-spec repair(#file{}, default | pos_integer(), default | pos_integer(), phash | phash2) -> ok | {error, term()}.
repair(#file{name = Name, type = Type, keypos = Pos} = Old, Min, Max, Hash) ->
    Temporary = Name ++ ".TMP",
    Blocks = ets:new(dets_repair, [ordered_set, private]),
    try
        _ = file:delete(Temporary),
        scan(Old, gerl_dets_format:first_part(), gerl_dets_file:file_size(Old), Blocks),
        {Counting, Doubtful} = counting(Old, Blocks),
        case file:open(Temporary, [raw, binary, read, write]) of
            {ok, Fd} ->
                Numbers = {length(Counting), number(Min, Old#file.min), number(Max, Old#file.max)},
                New = (gerl_dets_file:create(Fd, Temporary, {Type, Pos}, Numbers))#file{hash = Hash},
                Saved = gerl_dets_file:save(copied(Counting, Doubtful, Old, New)),
                ok = gerl_dets_file:close(Saved),
                _ = gerl_dets_file:close(Old),
                renamed(file:rename(Temporary, Name), Name);
            {error, Reason} ->
                _ = gerl_dets_file:close(Old),
                {error, {file_error, Temporary, Reason}}
        end
    catch
        throw:?FAILED(Why) ->
            _ = gerl_dets_file:close(Old),
            {error, Why}
    after
        ets:delete(Blocks)
    end.

number(default, Of) -> Of;
number(N, _) -> N.

renamed(ok, _) -> ok;
renamed({error, Reason}, Name) -> {error, {file_error, Name, Reason}}.

%%% ---- finding collections --------------------------------------------------------------------------

%% {Address, Size, slot of the first key} of every collection in use. Blocks begin at every 16th byte behind the header.
scan(File, At, End, Blocks) when At < End ->
    case file:pread(File#file.fd, At, ?WINDOW) of
        {ok, Data} ->
            case looked(Data, At, File, Blocks) of
                At -> scan(File, looked_alone(File, At, Data, Blocks), End, Blocks);
                Next -> scan(File, Next, End, Blocks)
            end;
        _ -> ok
    end;
scan(_, _, _, _) -> ok.

%% The address at which the next window begins.
looked(<<_:64, _/binary>> = Data, At, File, Blocks) ->
    case gerl_dets_format:is_active(Data) of
        {true, Size} when Size > byte_size(Data) -> At;
        {true, Size} -> looked_at(Size, Data, At, File, Blocks);
        false ->
            case Data of
                <<_:16/binary, Rest/binary>> -> looked(Rest, At + 16, File, Blocks);
                _ -> At + 16
            end
    end;
looked(_, At, _, _) -> At + 16.

looked_at(Size, Data, At, File, Blocks) ->
    Step = case gerl_dets_format:objects(File, binary:part(Data, 0, Size)) of
        [{Key, _} | _] ->
            ets:insert(Blocks, {At, Size, gerl_dets_file:slot(Key, File)}),
            1 bsl gerl_dets_format:exponent(Size);
        _ -> 16
    end,
    case Data of
        <<_:Step/binary, Rest/binary>> -> looked(Rest, At + Step, File, Blocks);
        _ -> At + Step
    end.

%% Something at the very beginning of a window that claims to be larger than it.
looked_alone(File, At, Data, Blocks) ->
    {true, Size} = gerl_dets_format:is_active(Data),
    case file:pread(File#file.fd, At, Size) of
        {ok, More} when byte_size(More) =:= Size -> max(looked_at(Size, More, At, File, Blocks), At + 16);
        _ -> At + 16
    end.

%%% ---- which of them count --------------------------------------------------------------------------

%% {[{Address, Size}], whether a key may be in two of them}
counting(File, Blocks) ->
    Pointers = pointers(File),
    Referred = maps:from_keys([At || _ := At <- Pointers], []),
    Counts = fun({At, _, Slot}) ->
        is_map_key(At, Referred) orelse
            case Pointers of
                #{Slot := 0} -> false;
                #{Slot := Other} -> not ets:member(Blocks, Other);
                _ -> true
            end
    end,
    Doubtful = lists:any(fun({Slot, At}) -> At =/= 0 andalso Slot >= File#file.next end, maps:to_list(Pointers)),
    {[{At, Size} || {At, Size, _} = Block <- ets:tab2list(Blocks), Counts(Block)], Doubtful}.

%% The addresses in all slots that can be read.
pointers(File) ->
    Parts = numbers(File, 312, 1024),
    Segments = [{Part * 512 + I, At} || {Part, PartAt} <- lists:enumerate(0, Parts), PartAt =/= 0,
                                        {I, At} <- lists:enumerate(0, numbers(File, PartAt, ?SEGMENT)), At =/= 0],
    maps:from_list([Entry || {Number, At} <- Segments, Entry <- slots(Number * 256, numbers(File, At, ?SEGMENT))]).

numbers(File, At, Size) ->
    case file:pread(File#file.fd, At, Size) of
        {ok, Data} when byte_size(Data) =:= Size -> [N || <<N:32>> <= Data];
        _ -> []
    end.

slots(Slot, [_, At | Rest]) -> [{Slot, At} | slots(Slot + 1, Rest)];
slots(_, []) -> [].

%%% ---- copying --------------------------------------------------------------------------------------

copied(Counting, Doubtful, Old, New) ->
    Seen = case Doubtful of true -> ets:new(dets_repair, [set, private]); false -> none end,
    try
        copy(Counting, Seen, Old, New)
    after
        Seen =:= none orelse ets:delete(Seen)
    end.

copy([], _, _, New) -> New;
copy(Blocks, Seen, Old, New) ->
    {Some, Rest} = lists:split(min(?BATCH, length(Blocks)), Blocks),
    Keys = [K || {At, Size} <- Some, {ok, Data} <- [file:pread(Old#file.fd, At, Size)],
                 Found <- [gerl_dets_format:objects(Old, Data)], is_list(Found), K <- Found],
    Changes = [{Key, {insert, binary_to_term(Object)}} || {Key, Objects} <- Keys, Seen =:= none orelse ets:insert_new(Seen, {Key}),
                                                          Object <- Objects],
    copy(Rest, Seen, Old, fill(Changes, New)).

-doc "Applies changes and lets the file grow as far as it should.".
-spec fill([{term(), term()}], #file{}) -> #file{}.
fill(Changes, File) -> grown(gerl_dets_file:update(Changes, File)).

grown(File) ->
    case gerl_dets_file:wants_to_grow(File) of
        true -> grown(gerl_dets_file:grow(File));
        false -> File
    end.
