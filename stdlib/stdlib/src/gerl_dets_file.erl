-module(gerl_dets_file).
-moduledoc """
Dets files: slots, their collections, linear hashing and how all that gets to the disk (gerl_dets_format has the bytes).

A collection that changes is written to a new block; then its slot is changed, then the old block is marked as free. So a
system that is killed at any moment leaves every collection in the file, the old one or the new one, and repair finds
which one a slot means. A file says that it is not closed properly from its first change until it is saved.

Failures are thrown as ?FAILED(Reason), Reason being the error term's.
""".

-export([create/4, check/4, existing/1, save/1, dirty/1, close/1, file_size/1]).
-export([slot/2, address/2, read/2, lookup/2, update/2, wants_to_grow/1, grow/1, collections/3, raw/3, parameters/1, hold/2, all_pointers/1, blocks/2]).
-export([slots_for/1, read_all/3]).

-include("gerl_dets.hrl").

-define(HEADER_END, 312).
-define(SEGMENT, 2048).
-define(SLOTS, 256).
-define(PART_SEGMENTS, 512).
-define(MOST_PARTS, 256).
%% So many segments are kept in memory.
-define(CACHED, 4096).
%% Collections with so many bytes between them at most are read together, up to so many bytes.
-define(GAP, 512).
-define(STRETCH, 65536).
%% So many slots are changed at once.
-define(STEP, 2000).

-type change() :: {insert, tuple()} | delete | {delete_object, tuple()}.

%%% ---- opening and closing --------------------------------------------------------------------------

-doc """
An empty table in a file that is open: for so many slots at first (a power of two, or exactly so many segments as are needed), and
the least and most that it says.
""".
-spec create(term(), file:name(), {atom(), pos_integer()}, {pos_integer() | {exact, pos_integer()}, pos_integer(), pos_integer()}) -> #file{}.
create(Fd, Name, {Type, Pos}, {First, Min0, Max0}) ->
    Most = ?MOST_PARTS * ?PART_SEGMENTS * ?SLOTS,
    Max = slots_for(min(Max0, Most)),
    Min = min(slots_for(Min0), Max),
    Next = case First of
        {exact, Slots} -> max(Min, min((Slots + ?SLOTS - 1) div ?SLOTS * ?SLOTS, Max));
        _ -> max(Min, min(slots_for(First), Max))
    end,
    M = case slots_for(Next) of Next -> Next; Power -> Power div 2 end,
    Parts = (Next - 1) div (?SLOTS * ?PART_SEGMENTS) + 1,
    Segments = Next div ?SLOTS,
    Start = gerl_dets_format:first_part(),
    PartAt = [Start + I * ?SEGMENT || I <- lists:seq(0, Parts - 1)],
    SegmentAt = [Start + (Parts + I) * ?SEGMENT || I <- lists:seq(0, Segments - 1)],
    Base = Start + (Parts + Segments) * ?SEGMENT,
    F = #file{fd = Fd, name = Name, type = Type, keypos = Pos, m = M, n = Next - M, next = Next, min = Min, max = Max, base = Base,
              space = gerl_dets_space:new(Base), parts = maps:from_list(lists:enumerate(0, PartAt))},
    Table = << <<A:32>> || A <- SegmentAt>>,
    write(F, [{0, [gerl_dets_format:header(F, 0), padded(<< <<A:32>> || A <- PartAt>>, 4 * ?MOST_PARTS),
                   padded(Table, Parts * ?SEGMENT)]}, {Base - 4, <<0:32>>}]),
    F.

padded(Data, Size) -> [Data, <<0:((Size - byte_size(Data)) * 8)>>].

-doc "A power of two, 256 at least.".
-spec slots_for(non_neg_integer()) -> pos_integer().
slots_for(N) -> max(?SLOTS, 1 bsl gerl_dets_format:exponent(max(N, 1))).

-doc """
The header of a file. {ok, File} if it was closed properly (its lists are not read yet), {not_closed, File, _} if it needs
repair, otherwise {error, Reason}.
""".
-spec check(term(), file:name(), non_neg_integer(), map()) -> {ok, #file{}} | {not_closed, #file{}} | {error, atom()}.
check(Fd, Name, End, Header) ->
    #{cookie := Cookie, version := Version, type := Type, md5 := Md5, hash := Hash, closed := Closed, file := File0} = Header,
    File = File0#file{fd = Fd, name = Name},
    if
        Version =< 8 -> {error, format_8_no_longer_supported};
        Version =/= 9; not Cookie -> {error, not_a_dets_file};
        Type =:= bad -> {error, invalid_type_code};
        not Md5 -> {error, not_a_dets_file};
        Hash =:= bad -> {error, bad_hash_bif};
        Closed =:= 0 -> {not_closed, File};
        Closed =/= 1 -> {error, not_a_dets_file};
        true ->
            case read_bytes(File, End - 4, 4) of
                <<Size:32>> ->
                    case Size + stored_base(File) =:= End andalso gerl_dets_format:sound(File) of
                        true -> {ok, File};
                        false -> {not_closed, File}
                    end;
                _ -> {not_closed, File}
            end
    end.

stored_base(#file{base = Base}) ->
    case gerl_dets_format:first_part() of Base -> 0; _ -> Base end.

-doc "A file that was closed properly with its lists and parts; bad if they are damaged.".
-spec existing(#file{}) -> #file{} | bad.
existing(#file{lists_at = At, next = Next} = File) ->
    Lists = gerl_dets_format:parse_lists(read_bytes(File, At, file_size(File) - At)),
    Parts = (Next - 1) div (?SLOTS * ?PART_SEGMENTS) + 1,
    Addresses = [A || <<A:32>> <= read_bytes(File, ?HEADER_END, 4 * Parts)],
    Sound = length(Addresses) =:= Parts andalso lists:all(fun(A) -> A >= ?HEADER_END + 4 * ?MOST_PARTS andalso A + ?SEGMENT =< At end, Addresses),
    case Lists of
        _ when Lists =:= bad; not Sound -> bad;
        _ ->
            File#file{space = gerl_dets_space:from_list(Lists), parts = maps:from_list(lists:enumerate(0, Addresses))}
    end.

-doc "Marks a file as changed; the lists at its end are cut off.".
-spec dirty(#file{}) -> #file{}.
dirty(#file{fd = Fd, lists_at = At} = File) ->
    write(File, [{8, <<0:32>>}]),
    case At of
        0 -> File;
        _ ->
            done(File, file:position(Fd, At)),
            done(File, file:truncate(Fd)),
            File#file{lists_at = 0}
    end.

-doc "Writes lists and header: the file is closed properly until the next change.".
-spec save(#file{}) -> #file{}.
save(File) -> save_all(hold(false, File), File).

save_all(#file{space = Space} = File0, #file{held = Held}) ->
    At = file_size(File0),
    File = File0#file{lists_at = At},
    Lists = iolist_to_binary(gerl_dets_format:lists(gerl_dets_space:list(Space))),
    End = At + byte_size(Lists) + 4,
    write(File, [{At, [Lists, <<(End - stored_base(File)):32>>]}]),
    write(File, [{0, gerl_dets_format:header(File, 1)}]),
    File#file{held = case Held of none -> none; _ -> [] end}.

-doc "Closes the file.".
-spec close(#file{}) -> ok | {error, term()}.
close(#file{fd = Fd}) -> file:close(Fd).

-doc "The size of the file.".
-spec file_size(#file{}) -> non_neg_integer().
file_size(#file{fd = Fd} = File) -> done(File, file:position(Fd, eof)).

%%% ---- bytes ----------------------------------------------------------------------------------------

read_bytes(File, At, Size) ->
    case file:pread(File#file.fd, At, Size) of
        {ok, Data} -> Data;
        eof -> <<>>;
        {error, Reason} -> failed(File, Reason)
    end.

write(File, Writes) ->
    case file:pwrite(File#file.fd, Writes) of
        ok -> ok;
        {error, {_, Reason}} -> failed(File, Reason);
        {error, Reason} -> failed(File, Reason)
    end.

done(_, ok) -> ok;
done(_, {ok, Value}) -> Value;
done(File, {error, Reason}) -> failed(File, Reason).

-spec failed(#file{}, term()) -> no_return().
failed(#file{name = Name}, Reason) -> throw(?FAILED({file_error, Name, Reason})).

-spec bad_object(#file{}, term()) -> no_return().
bad_object(#file{name = Name}, What) -> throw(?FAILED({{bad_object, What}, Name})).

%%% ---- slots ----------------------------------------------------------------------------------------

-doc "The slot of a key.".
-spec slot(term(), #file{}) -> non_neg_integer().
slot(Key, #file{hash = Hash, m = M, n = N}) ->
    H = case Hash of
        phash2 -> erlang:phash2(Key);
        phash -> apply(erlang, phash, [Key, 16#3ffffff]) - 1
    end,
    case H rem M of
        Low when Low < N -> H rem (2 * M);
        Slot -> Slot
    end.

%% The bytes of a segment.
segment(Number, #file{cached = Cached} = File) ->
    case Cached of
        #{Number := Data} -> {Data, File};
        _ ->
            {At, File1} = segment_at(Number, File),
            Read = read_bytes(File1, At, ?SEGMENT),
            Data = iolist_to_binary(padded(Read, ?SEGMENT)),
            {Data, cached(Number, Data, File1)}
    end.

cached(Number, Data, #file{cached = Cached} = File) when map_size(Cached) < ?CACHED; is_map_key(Number, Cached) ->
    File#file{cached = Cached#{Number => Data}};
cached(Number, Data, File) -> File#file{cached = #{Number => Data}}.

%% A part's addresses of segments are read when the first of them is needed.
segment_at(Number, #file{segments = Segments, parts = Parts} = File) ->
    case Segments of
        #{Number := At} -> {At, File};
        _ ->
            Part = Number div ?PART_SEGMENTS,
            Data = read_bytes(File, map_get(Part, Parts), ?SEGMENT),
            Found = maps:from_list([{Part * ?PART_SEGMENTS + I, A} || {I, A} <- lists:enumerate(0, [A || <<A:32>> <= Data]), A =/= 0]),
            All = maps:merge(Segments, Found),
            case All of
                #{Number := At} -> {At, File#file{segments = All}};
                _ -> bad_object(File, {segment, Number})
            end
    end.

%% {Size, Address} of the collections of slots.
pointers(Slots, File) ->
    lists:mapfoldl(fun(Slot, F) ->
        {Data, F1} = segment(Slot div ?SLOTS, F),
        Skip = 8 * (Slot rem ?SLOTS),
        <<_:Skip/binary, Size:32, At:32, _/binary>> = Data,
        {{Size, At}, F1}
    end, File, Slots).

%% The bytes of the collections of slots, in their order; empty without one.
collection_bytes([Slot], #file{last = {Slot, _, _, _} = Last} = File) ->
    {[Last], File};
collection_bytes([Slot], File) ->
    {[Read], File1} = collections_read([Slot], File),
    {[Read], File1#file{last = Read}};
collection_bytes(Slots, File) -> collections_read(Slots, File).

collections_read(Slots, File) ->
    {Pointers, File1} = pointers(Slots, File),
    Entries = [{At, Size, Slot} || {Slot, {Size, At}} <- lists:zip(Slots, Pointers), At =/= 0],
    Stretches = stretches(lists:sort(Entries)),
    Read = case [{At, End - At} || {At, End, _} <- Stretches] of
        [] -> [];
        [{At, Size}] -> [read_bytes(File1, At, Size)];
        Wanted ->
            case file:pread(File1#file.fd, Wanted) of
                {ok, Many} -> Many;
                {error, Reason} -> failed(File1, Reason)
            end
    end,
    Found = lists:append([cut(Members, At, Data, File1) || {{At, _, Members}, Data} <- lists:zip(Stretches, Read)]),
    {lists:keymerge(1, lists:keysort(1, Found), [{Slot, 0, 0, <<>>} || {Slot, {_, 0}} <- lists:zip(Slots, Pointers)]), File1}.

%% {Begin, End, Members} of what is read at once: collections near each other.
stretches([{At, Size, _} = Entry | Entries]) -> stretches(Entries, At, At + Size, [Entry]);
stretches([]) -> [].

stretches([{At, Size, _} = Entry | Entries], Begin, End, Members) when At =< End + ?GAP, At + Size - Begin =< ?STRETCH ->
    stretches(Entries, Begin, max(End, At + Size), [Entry | Members]);
stretches(Entries, Begin, End, Members) -> [{Begin, End, lists:reverse(Members)} | stretches(Entries)].

cut([{At, Size, Slot} | Members], Begin, Data, File) ->
    case Data of
        <<_:(At - Begin)/binary, Collection:Size/binary, _/binary>> -> [{Slot, Size, At, Collection} | cut(Members, Begin, Data, File)];
        _ -> bad_object(File, {slot, Slot})
    end;
cut([], _, _, _) -> [].

%% {Slot, Size, Address, [{Key, [Object in external format]}]}
slots_read(Slots, File) ->
    {Bytes, File1} = collection_bytes(Slots, File),
    {[{Slot, Size, At, case Data of <<>> -> []; _ -> parsed(Slot, Data, File1) end} || {Slot, Size, At, Data} <- Bytes], File1}.

parsed(Slot, Data, File) ->
    case gerl_dets_format:objects(File, Data) of
        bad -> bad_object(File, {slot, Slot});
        Keys -> Keys
    end.

-doc "Where the collection of a slot is.".
-spec address(non_neg_integer(), #file{}) -> {non_neg_integer(), #file{}}.
address(Slot, File) ->
    {[{_, At}], File1} = pointers([Slot], File),
    {At, File1}.

-doc "The objects of a slot by key, in external format.".
-spec read(non_neg_integer(), #file{}) -> {[{term(), [binary()]}], #file{}}.
read(Slot, File) ->
    {[{_, _, _, Keys}], File1} = slots_read([Slot], File),
    {Keys, File1}.

-doc "The objects of keys, in their order.".
-spec lookup([term()], #file{}) -> {[{term(), [tuple()]}], #file{}}.
lookup(Keys, File) ->
    Slots = [slot(Key, File) || Key <- Keys],
    {Read, File1} = slots_read(lists:usort(Slots), File),
    BySlot = #{Slot => Objects || {Slot, _, _, Objects} <- Read},
    {[{Key, [binary_to_term(O) || O <- of_key(Key, map_get(Slot, BySlot))]} || {Key, Slot} <- lists:zip(Keys, Slots)], File1}.

of_key(Key, [{Key1, Objects} | _]) when Key1 =:= Key -> Objects;
of_key(Key, [_ | Keys]) -> of_key(Key, Keys);
of_key(_, []) -> [].

-doc "The objects of so many collections from a slot on, in external format; the next slot, or none at the end.".
-spec collections(non_neg_integer(), pos_integer(), #file{}) -> {[[binary()]], non_neg_integer() | none, #file{}}.
collections(Slot, Count, #file{next = Next} = File) when Slot < Next ->
    {Slots, After, File1} = used_slots(Slot, Count, File, []),
    {Bytes, File2} = collection_bytes(Slots, File1),
    {[case gerl_dets_format:binaries(File2#file.type, Data) of
          bad -> bad_object(File2, {slot, S});
          Objects -> Objects
      end || {S, _, _, Data} <- Bytes], After, File2};
collections(_, _, File) -> {[], none, File}.

-doc "As collections/3, as the bytes of the collections.".
-spec raw(non_neg_integer(), pos_integer(), #file{}) -> {[binary()], non_neg_integer() | none, #file{}}.
raw(Slot, Count, #file{next = Next} = File) when Slot < Next ->
    {Slots, After, File1} = used_slots(Slot, Count, File, []),
    {Bytes, File2} = collections_read(Slots, File1),
    {[case Data of
          <<Size:32, _/binary>> when Size =:= byte_size(Data) -> Data;
          _ -> bad_object(File2, {slot, S})
      end || {S, _, _, Data} <- Bytes], After, File2};
raw(_, _, File) -> {[], none, File}.

used_slots(Slot, _, #file{next = Next} = File, Acc) when Slot >= Next -> {lists:reverse(Acc), none, File};
used_slots(Slot, 0, File, Acc) -> {lists:reverse(Acc), Slot, File};
used_slots(Slot, Count, File, Acc) ->
    {[{_, At}], File1} = pointers([Slot], File),
    case At of
        0 -> used_slots(Slot + 1, Count, File1, Acc);
        _ -> used_slots(Slot + 1, Count - 1, File1, [Slot | Acc])
    end.

-doc "{Slot, Size, Address} of all collections.".
-spec all_pointers(#file{}) -> {[{non_neg_integer(), pos_integer(), pos_integer()}], #file{}}.
all_pointers(#file{next = Next} = File) ->
    Slots = lists:seq(0, Next - 1),
    {Pointers, File1} = pointers(Slots, File),
    {[{Slot, Size, At} || {Slot, {Size, At}} <- lists:zip(Slots, Pointers), At =/= 0], File1}.

-doc "Collections as dets:bchunk/2 gives them: {K + 1, Slot, block of 2^K bytes}.".
-spec blocks([{non_neg_integer(), pos_integer(), pos_integer()}], #file{}) -> [{pos_integer(), non_neg_integer(), binary()}].
blocks(Entries, File) ->
    [begin
         K = gerl_dets_format:exponent(Size),
         Data = read_bytes(File, At, Size),
         byte_size(Data) =:= Size orelse bad_object(File, {slot, Slot}),
         {K + 1, Slot, <<Data/binary, 0:(((1 bsl K) - Size) * 8)>>}
     end || {Slot, Size, At} <- Entries].

-doc "Calls a fun with the objects of all slots in external format.".
-spec read_all(fun(([binary()], Acc) -> Acc), Acc, #file{}) -> Acc.
read_all(Fun, Acc, File) -> read_all(Fun, Acc, 0, File).

read_all(Fun, Acc, Slot, File) ->
    {Collections, After, File1} = collections(Slot, 500, File),
    Acc1 = Fun(lists:append(Collections), Acc),
    case After of
        none -> Acc1;
        _ -> read_all(Fun, Acc1, After, File1)
    end.

%%% ---- changes --------------------------------------------------------------------------------------

-doc "Applies changes of keys, in their order.".
-spec update([{term(), change()}], #file{}) -> #file{}.
update(Changes, File) ->
    BySlot = by_slot(lists:keysort(1, [{slot(Key, File), Change} || {Key, _} = Change <- Changes])),
    in_steps(BySlot, length(BySlot), File).

%% Many slots are changed some at a time: what is made on the way stays small.
in_steps(BySlot, Count, File) when Count > ?STEP ->
    {Some, Rest} = lists:split(?STEP, BySlot),
    in_steps(Rest, Count - ?STEP, step(Some, File));
in_steps(BySlot, _, File) -> step(BySlot, File).

step(BySlot, File) ->
    {Read, File1} = slots_read([Slot || {Slot, _} <- BySlot], File),
    {Changed, {Objects, Keys}} = lists:mapfoldl(fun({{Slot, Size, At, Old}, {Slot, Wanted}}, {O, K}) ->
        {New, MoreObjects, MoreKeys} = changed(Wanted, Old, File),
        {{Slot, Size, At, Old, New}, {O + MoreObjects, K + MoreKeys}}
    end, {File1#file.objects, File1#file.keys}, lists:zip(Read, BySlot)),
    File2 = File1#file{objects = Objects, keys = Keys},
    replaced([{Slot, Size, At, New} || {Slot, Size, At, Old, New} <- Changed, Old =/= New], [], File2).

%% The changes of each slot, in their order.
by_slot([{Slot, Change} | Changes]) -> by_slot(Changes, Slot, [Change]);
by_slot([]) -> [].

by_slot([{Slot, Change} | Changes], Slot, Acc) -> by_slot(Changes, Slot, [Change | Acc]);
by_slot(Changes, Slot, Acc) -> [{Slot, lists:reverse(Acc)} | by_slot(Changes)].

%% The keys of a slot after changes, how many objects and how many keys there are more.
changed([{Key, {insert, Object}}], [], _) -> {[{Key, [term_to_binary(Object)]}], 1, 1};
changed(Changes, Keys, #file{type = Type}) ->
    Before = #{Key => Objects || {Key, Objects} <- Keys},
    After = lists:foldl(fun({Key, Change}, Acc) ->
        case change(Change, maps:get(Key, Acc, []), Type) of
            [] -> maps:remove(Key, Acc);
            Objects -> Acc#{Key => Objects}
        end
    end, Before, Changes),
    Count = fun(Map) -> maps:fold(fun(_, Objects, N) -> N + length(Objects) end, 0, Map) end,
    {in_order(After), Count(After) - Count(Before), map_size(After) - map_size(Before)}.

in_order(Map) when map_size(Map) < 2 -> maps:to_list(Map);
in_order(Map) ->
    lists:sort(fun({A, _}, {B, _}) -> not gerl_dets_format:precedes(B, A) end, maps:to_list(Map)).

change(delete, _, _) -> [];
change({insert, Object}, _, set) -> [term_to_binary(Object)];
change({insert, Object}, Objects, bag) -> without(Object, Objects) ++ [term_to_binary(Object)];
change({insert, Object}, Objects, duplicate_bag) -> Objects ++ [term_to_binary(Object)];
change({delete_object, Object}, Objects, _) -> without(Object, Objects).

without(Object, Objects) -> [O || O <- Objects, binary_to_term(O) =/= Object].

%% Gives slots new contents: {Slot, old size, old address, keys}. First, and between, come bytes of the caller's.
replaced([], [], File) -> File;
replaced(Slots, Between, File) ->
    {Places, File1} = lists:mapfoldl(fun place/2, File, Slots),
    Collections = joined(lists:keysort(1, [{At, Size, Data} || {_, Size, At, Data} <- Places, At =/= 0])),
    {Pointers, File2} = pointed(Places, File1),
    Frees = [{At + 4, gerl_dets_format:free_status()} || {_, _, At, _} <- Slots, At =/= 0],
    write(File2, Collections ++ Pointers ++ Between ++ Frees),
    lists:foldl(fun freed/2, File2#file{last = none}, Slots).

place({Slot, _, _, []}, File) -> {{Slot, 0, 0, <<>>}, File};
place({Slot, _, _, Keys}, #file{type = Type, collections = Counts} = File) ->
    {Size, Data} = gerl_dets_format:collection(Type, Keys),
    K = gerl_dets_format:exponent(Size),
    {At, File1} = block(K, File),
    {{Slot, Size, At, Data}, File1#file{collections = counted(K, 1, Counts)}}.

%% Files of the oldest form do not count their collections.
counted(_, _, unknown) -> unknown;
counted(K, By, Counts) -> Counts#{K => maps:get(K, Counts, 0) + By}.

block(K, #file{space = Space, name = Name} = File) ->
    case gerl_dets_space:take(K, Space) of
        full -> throw(?FAILED({no_more_space_on_file, Name}));
        {At, Space1} -> {At, File#file{space = Space1}}
    end.

%% Blocks that follow each other are written at once.
joined([{At, Size, Data} | Blocks]) -> joined(Blocks, At, Size, block_size(Size), [Data]);
joined([]) -> [].

%% Begin, the bytes that count, and those that the blocks have.
joined([{At, Size, Data} | Blocks], Begin, Used, Whole, Acc) when At =:= Begin + Whole, Whole < ?STRETCH ->
    joined(Blocks, Begin, Whole + Size, Whole + block_size(Size), [Data, <<0:((Whole - Used) * 8)>> | Acc]);
joined(Blocks, Begin, _, _, Acc) -> [{Begin, lists:reverse(Acc)} | joined(Blocks)].

block_size(Size) -> 1 bsl gerl_dets_format:exponent(Size).

%% The segments with new pointers, in the order in which they first come; a segment with many of them is written as a whole.
pointed(Places, File) ->
    BySegment = maps:groups_from_list(fun({Slot, _, _, _}) -> Slot div ?SLOTS end,
                                      fun({Slot, Size, At, _}) -> {8 * (Slot rem ?SLOTS), <<Size:32, At:32>>} end, Places),
    {Writes, File1} = lists:mapfoldl(fun(Number, F) ->
        {Data, F1} = segment(Number, F),
        {SegmentAt, F2} = segment_at(Number, F1),
        Pointers = lists:keysort(1, map_get(Number, BySegment)),
        New = iolist_to_binary(patched(Data, 0, Pointers)),
        {case Pointers of
             [_, _, _, _, _, _, _, _ | _] -> [{SegmentAt, New}];
             _ -> [{SegmentAt + Skip, Pointer} || {Skip, Pointer} <- Pointers]
         end, cached(Number, New, F2)}
    end, File, lists:uniq([Slot div ?SLOTS || {Slot, _, _, _} <- Places])),
    {lists:append(Writes), File1}.

patched(Data, Pos, [{Skip, Pointer} | Pointers]) ->
    <<Before:(Skip - Pos)/binary, _:8/binary, Rest/binary>> = Data,
    [Before, Pointer | patched(Rest, Skip + 8, Pointers)];
patched(Data, _, []) -> [Data].

freed({_, _, 0, _}, File) -> File;
freed({_, Size, At, _}, #file{held = Held, collections = Counts} = File) ->
    K = gerl_dets_format:exponent(Size),
    Less = File#file{collections = counted(K, -1, Counts)},
    case Held of
        none -> given({K, At}, Less);
        _ -> Less#file{held = [{K, At} | Held]}
    end.

given({K, At}, #file{space = Space, base = Base} = File) -> File#file{space = gerl_dets_space:give(K, At, Base, Space)}.

-doc "Whether blocks that are freed may be used again. While they may not, collections can be read as they were.".
-spec hold(boolean(), #file{}) -> #file{}.
hold(true, #file{held = none} = File) -> File#file{held = []};
hold(false, #file{held = [_ | _] = Held} = File) -> lists:foldl(fun given/2, File#file{held = none}, Held);
hold(false, File) -> File#file{held = none};
hold(true, File) -> File.

%%% ---- growing --------------------------------------------------------------------------------------

-doc "Whether there are more keys than slots, and there may be more slots.".
-spec wants_to_grow(#file{}) -> boolean().
wants_to_grow(#file{keys = Keys, next = Next, max = Max}) -> Keys > Next andalso Next < Max.

-doc "Adds a segment: its slots get half of the keys of the slots that are split.".
-spec grow(#file{}) -> #file{}.
grow(#file{n = N, m = M, next = Next} = File0) ->
    File1 = new_segment(Next div ?SLOTS, File0),
    Slots = lists:seq(N, N + ?SLOTS - 1),
    {Read, File2} = slots_read(Slots, File1),
    Grown = case N + ?SLOTS of
        M -> File2#file{n = 0, m = 2 * M, next = Next + ?SLOTS};
        N1 -> File2#file{n = N1, next = Next + ?SLOTS}
    end,
    Split = [S || {Slot, Size, At, [_ | _] = Keys} <- Read, S <- split(Slot, Size, At, Keys, Grown)],
    %% New slots before old ones, and the numbers of the hash before blocks are freed.
    {Old, New} = lists:partition(fun({_, _, At, _}) -> At =/= 0 end, Split),
    replaced(New ++ Old, [{0, gerl_dets_format:header(Grown, 0)}], Grown).

split(Slot, Size, At, Keys, File) ->
    case lists:partition(fun({Key, _}) -> slot(Key, File) =:= Slot end, Keys) of
        {_, []} -> [];
        {Stay, [{Key, _} | _] = Move} -> [{Slot, Size, At, Stay}, {slot(Key, File), 0, 0, Move}]
    end.

new_segment(Number, #file{parts = Parts} = File) ->
    Part = Number div ?PART_SEGMENTS,
    Empty = <<0:(?SEGMENT * 8)>>,
    {File1, Writes} =
        case is_map_key(Part, Parts) of
            true -> {File, []};
            false ->
                {PartAt, F} = block(11, File),
                {F#file{parts = Parts#{Part => PartAt}}, [{PartAt, Empty}, {?HEADER_END + 4 * Part, <<PartAt:32>>}]}
        end,
    {At, File2} = block(11, File1),
    Entry = map_get(Part, File2#file.parts) + 4 * (Number rem ?PART_SEGMENTS),
    write(File2, Writes ++ [{At, Empty}, {Entry, <<At:32>>}]),
    cached(Number, Empty, File2#file{segments = (File2#file.segments)#{Number => At}}).

-doc "What describes the form of a table's chunks (dets:bchunk/2): a tuple, whose form OTP knows.".
-spec parameters(#file{}) -> tuple() | undefined.
parameters(#file{collections = unknown}) -> undefined;
parameters(#file{name = Name, type = Type, keypos = Pos, hash = Hash, n = N, m = M, next = Next, min = Min, max = Max,
                 objects = Objects, keys = Keys, collections = Counts}) ->
    Method = case Hash of phash2 -> 1; phash -> 0 end,
    {'$hash2', 9, 1, filename:basename(Name), Type, Pos, Method, N, M, Next, Min, Max, Objects, Keys,
     [{K, C} || K := C <- maps:iterator(Counts, ordered), C > 0]}.
