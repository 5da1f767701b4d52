-module(gerl_dets_format).
-moduledoc """
The bytes of Dets files, version 9 of OTP's format.

    0      header: 14 numbers of 4 bytes, 28 counters of collections by size, an MD5 sum of both without the first three
           numbers, the base of the free space; zeros up to byte 312
    312    256 addresses of parts of the segment table
    1336   parts (512 addresses of segments), segments (256 slots), collections of objects, in blocks of powers of two
    end    lists of free blocks while the table is closed, and the size of the file

A slot is the size and the address of the collection of all objects whose keys have its number for a hash value. A
collection is its size, a status (in use or free) and its objects by key in order; those of a key in the order in which they came.
Each object is its size and its external format; for bags the objects of a key have their common size in front.
""".

-export([header/2, parse_header/1, header_size/0, first_part/0, part_size/0, segment_size/0, slots_per_segment/0, collection/2,
         objects/2, binaries/2, is_active/1, free_status/0, lists/1, parse_lists/1, type_code/1, precedes/2, exponent/1, fits/2, of_block/1, sound/1]).

-include("gerl_dets.hrl").

-define(MAGIC, 16#abcdef).
-define(FREE, 16#3abcdef).
-define(ACTIVE, 16#12345678).
-define(FIRST, 1336).
-define(HEADER, 188).
-define(END, 12345).

-doc "How many bytes of the header have a meaning.".
-spec header_size() -> pos_integer().
header_size() -> ?HEADER.

-doc "The base of a file without any part, behind header and addresses of parts.".
-spec first_part() -> pos_integer().
first_part() -> ?FIRST.

-doc "The bytes of a part.".
-spec part_size() -> pos_integer().
part_size() -> 2048.

-doc "The bytes of a segment.".
-spec segment_size() -> pos_integer().
segment_size() -> 2048.

-doc "The slots of a segment.".
-spec slots_per_segment() -> pos_integer().
slots_per_segment() -> 256.

-doc "The header of a file that is closed properly (1) or not (0).".
-spec header(#file{}, 0 | 1) -> iodata().
header(#file{} = F, Closed) ->
    #file{type = Type, m = M, next = Next, keypos = Pos, objects = Objects, keys = Keys, min = Min, max = Max, n = N,
          collections = Collections, hash = Hash, md5 = HasMd5, base = Base, lists_at = At} = F,
    Known0 = case Collections of unknown -> #{}; _ -> Collections end,
    Counters = << <<(maps:get(K, Known0, 0)):32>> || K <- lists:seq(4, 31)>>,
    Method = case Hash of phash2 -> 1; phash -> 0 end,
    Known = <<(type_code(Type)):32, 9:32, M:32, Next:32, Pos:32, Objects:32, Keys:32, Min:32, Max:32, Method:32, N:32, Counters/binary>>,
    Sum = case HasMd5 of true -> erlang:md5(Known); false -> <<0:128>> end,
    [<<At:32, ?MAGIC:32, Closed:32>>, Known, Sum, <<(stored_base(Base)):32, 0:(124 * 8)>>].

%% Files of older releases have no base.
stored_base(?FIRST) -> 0;
stored_base(Base) -> Base.

-doc "The number of a type.".
-spec type_code(atom()) -> 1..3.
type_code(set) -> 1;
type_code(bag) -> 2;
type_code(duplicate_bag) -> 3.

-doc "What a header says: {Cookie is right, Version, Closed, Type, Hash, File}; too_short if it is none.".
-spec parse_header(binary()) ->
    #{cookie := boolean(), version := integer(), closed := integer(), type := atom(), hash := atom(), file := #file{}, md5 := boolean()} | too_short.
parse_header(<<At:32, Cookie:32, Closed:32, Known:156/binary, Sum:16/binary, Base:32, _/binary>>) ->
    <<Type:32, Version:32, M:32, Next:32, Pos:32, Objects:32, Keys:32, Min:32, Max:32, Method:32, N:32, Counters/binary>> = Known,
    Collections = maps:from_list([{K, C} || {K, C} <- lists:zip(lists:seq(4, 31), [C || <<C:32>> <= Counters]), C > 0]),
    Counts = case map_size(Collections) =:= 0 andalso Objects > 0 of true -> unknown; false -> Collections end,
    TypeName = case Type of 1 -> set; 2 -> bag; 3 -> duplicate_bag; _ -> bad end,
    Hash = case Method of 1 -> phash2; 0 -> phash; _ -> bad end,
    #{cookie => Cookie =:= ?MAGIC, version => Version, closed => Closed, type => TypeName, hash => Hash,
      md5 => Sum =:= <<0:128>> orelse Sum =:= erlang:md5(Known),
      file => #file{type = TypeName, keypos = Pos, m = M, n = N, next = Next, min = Min, max = Max, objects = Objects, keys = Keys,
                    collections = Counts, hash = Hash, md5 = Sum =/= <<0:128>>, lists_at = At,
                    base = case Base of 0 -> ?FIRST; _ -> Base end}};
parse_header(_) -> too_short.

-doc "Whether the numbers of linear hashing fit each other.".
-spec sound(#file{}) -> boolean().
sound(#file{m = M, n = N, next = Next, min = Min, max = Max}) ->
    lists:all(fun(X) -> X band 255 =:= 0 end, [M, N, Next, Min, Max])
        andalso N =< M andalso M =< Next andalso Next =< 2 * M andalso Min =< M andalso Next =< Max andalso M > 0.

-doc "The K of the smallest power 2^K in which so many bytes have room; blocks have 16 bytes at least.".
-spec exponent(pos_integer()) -> 4..32.
exponent(Size) -> exponent(Size, 4).

exponent(Size, K) when Size > 1 bsl K -> exponent(Size, K + 1);
exponent(_, K) -> K.

%%% ---- collections ----------------------------------------------------------------------------------

-doc "The bytes of a collection, from the objects of its keys in order: {Key, [Object in external format]}.".
-spec collection(atom(), [{term(), [binary()]}]) -> {pos_integer(), iodata()}.
collection(Type, Keys) ->
    Data = [of_key(Type, Objects) || {_, Objects} <- Keys],
    Size = iolist_size(Data) + 8,
    {Size, [<<Size:32, ?ACTIVE:32>> | Data]}.

of_key(set, [Object]) -> sized(Object);
of_key(_, Objects) ->
    Data = [sized(O) || O <- Objects],
    [<<(iolist_size(Data) + 4):32>> | Data].

sized(Object) -> [<<(byte_size(Object) + 4):32>>, Object].

-doc "The objects of a collection by key, in order; bad if the bytes are none.".
-spec objects(#file{}, binary()) -> [{term(), [binary()]}] | bad.
objects(#file{type = Type, keypos = Pos}, <<Size:32, ?ACTIVE:32, Data/binary>>) when byte_size(Data) =:= Size - 8 ->
    try
        keyed(Type, Pos, Data)
    catch
        error:_ -> bad
    end;
objects(_, _) -> bad.

keyed(set, Pos, <<Size:32, Object:(Size - 4)/binary, Rest/binary>>) ->
    [{element(Pos, binary_to_term(Object)), [Object]} | keyed(set, Pos, Rest)];
keyed(_, _, <<>>) -> [];
keyed(Type, Pos, <<Size:32, Data:(Size - 4)/binary, Rest/binary>>) ->
    [First | _] = Objects = parts(Data),
    [{element(Pos, binary_to_term(First)), Objects} | keyed(Type, Pos, Rest)].

parts(<<Size:32, Object:(Size - 4)/binary, Rest/binary>>) -> [Object | parts(Rest)];
parts(<<>>) -> [].

-doc "The objects of a collection in external format; bad if the bytes are none.".
-spec binaries(atom(), binary()) -> [binary()] | bad.
binaries(Type, <<Size:32, ?ACTIVE:32, Data/binary>>) when byte_size(Data) =:= Size - 8 ->
    try
        case Type of
            set -> parts(Data);
            _ -> lists:append([parts(Key) || Key <- parts(Data)])
        end
    catch
        error:_ -> bad
    end;
binaries(_, _) -> bad.

-doc "Whether bytes can be the beginning of a collection in use; its size.".
-spec is_active(binary()) -> {true, pos_integer()} | false.
is_active(<<Size:32, ?ACTIVE:32, _/binary>>) when Size > 12 -> {true, Size};
is_active(_) -> false.

-doc "The status of a free collection, 4 bytes behind its address.".
-spec free_status() -> binary().
free_status() -> <<?FREE:32>>.

-doc "A collection in use, from its block whatever its status.".
-spec of_block(binary()) -> binary().
of_block(<<Size:32, _:32, Data:(Size - 8)/binary, _/binary>>) -> <<Size:32, ?ACTIVE:32, Data/binary>>.

-doc "Whether chunks with these parameters, in external format, can be put into a table.".
-spec fits(term(), #file{}) -> boolean().
fits(Parameters, #file{type = Type, keypos = Pos, hash = Hash}) ->
    Method = case Hash of phash2 -> 1; phash -> 0 end,
    try binary_to_term(Parameters) of
        {'$hash2', _, 1, _, Type, Pos, Method, _, _, _, _, _, _, _, _} -> true;
        _ -> false
    catch
        error:_ -> false
    end.

-doc "Whether a key comes before another one: in the order of terms, and of equal numbers the integer first.".
-spec precedes(term(), term()) -> boolean().
precedes(A, B) when A < B -> true;
precedes(A, B) when A > B; A =:= B -> false;
precedes(A, B) -> integers_first([{A, B}]).

%% Terms that are == but not =:=.
integers_first([{A, A} | Pairs]) -> integers_first(Pairs);
integers_first([{A, B} | _]) when is_integer(A), is_float(B) -> true;
integers_first([{A, B} | _]) when is_float(A), is_integer(B) -> false;
integers_first([{[A | As], [B | Bs]} | Pairs]) -> integers_first([{A, B}, {As, Bs} | Pairs]);
integers_first([{A, B} | Pairs]) when is_tuple(A), is_tuple(B) -> integers_first([{tuple_to_list(A), tuple_to_list(B)} | Pairs]);
integers_first([{A, B} | Pairs]) when is_map(A), is_map(B) ->
    integers_first([{lists:sort(maps:to_list(A)), lists:sort(maps:to_list(B))} | Pairs]);
integers_first([{A, B} | _]) -> A < B;
integers_first([]) -> false.

%%% ---- the lists of free blocks ---------------------------------------------------------------------

-doc "The bytes of the lists, from the addresses by exponent.".
-spec lists([{0..31, [non_neg_integer()]}]) -> iodata().
lists(Lists) -> [[records(K + 1, Addresses) || {K, Addresses} <- Lists], <<12:32, ?FREE:32, ?END:32>>].

records(_, []) -> [];
records(Position, Addresses) ->
    {Some, Rest} = lists:split(min(1021, length(Addresses)), Addresses),
    Data = << <<A:32>> || A <- Some>>,
    [<<(byte_size(Data) + 12):32, ?FREE:32, Position:32>>, Data | records(Position, Rest)].

-doc "The opposite; bad if the bytes are none.".
-spec parse_lists(binary()) -> [{0..31, [non_neg_integer()]}] | bad.
parse_lists(Data) -> parse_lists(Data, #{}).

parse_lists(<<_:32, ?FREE:32, ?END:32, _/binary>>, Found) ->
    [{K, lists:append(lists:reverse(Lists))} || K := Lists <- Found];
parse_lists(<<Size:32, ?FREE:32, Position:32, Addresses:(Size - 12)/binary, Rest/binary>>, Found) when Position >= 1, Position =< 32 ->
    More = [A || <<A:32>> <= Addresses],
    parse_lists(Rest, Found#{Position - 1 => [More | maps:get(Position - 1, Found, [])]});
parse_lists(_, _) -> bad.
