-module(zlib).
-moduledoc "Compression in the formats of zlib and gzip, of whole data and of streams.".

-export([open/0, close/1, set_controlling_process/2, deflateInit/1, deflateInit/2, deflateInit/6, deflateSetDictionary/2,
         deflateReset/1, deflateParams/3, deflate/2, deflate/3, deflateEnd/1, inflateInit/1, inflateInit/2, inflateInit/3,
         inflateSetDictionary/2, inflateGetDictionary/1, inflateReset/1, inflate/2, inflate/3, inflateEnd/1, safeInflate/2,
         compress/1, uncompress/1, zip/1, unzip/1, gzip/1, gunzip/1]).

-export_type([zstream/0, zflush/0, zlevel/0, zmemlevel/0, zmethod/0, zstrategy/0, zwindowbits/0]).

-type zstream() :: reference().
-type zflush() :: none | sync | full | finish.
-type zlevel() :: none | default | best_compression | best_speed | 0..9.
-type zmethod() :: deflated.
-type zmemlevel() :: 1..9.
-type zstrategy() :: default | filtered | huffman_only | rle.
-type zwindowbits() :: -15..-8 | 8..47.

%% Wrappings, as gerl_zlib numbers them.
-define(RAW, 0).
-define(ZLIB, 1).
-define(GZIP, 2).
-define(EITHER, 3).

%% How much one step of inflate/2 and of safeInflate/2 gives.
-define(STEP, 262144).
-define(SAFE_STEP, 16384).

-doc "Opens a stream.".
-spec open() -> zstream().
open() -> gerl_zlib:open().

-doc "Closes a stream.".
-spec close(zstream()) -> ok.
close(Z) -> gerl_zlib:close(Z).

-doc "Lets another process use the stream instead of this one.".
-spec set_controlling_process(zstream(), pid()) -> ok.
set_controlling_process(Z, Pid) -> gerl_zlib:owner(Z, Pid).

%%% ---- compressing ---------------------------------------------------------------------------

-doc "Starts to compress with the usual parameters.".
-spec deflateInit(zstream()) -> ok.
deflateInit(Z) -> deflateInit(Z, default).

-doc "Starts to compress with a level.".
-spec deflateInit(zstream(), zlevel()) -> ok.
deflateInit(Z, Level) -> deflateInit(Z, Level, deflated, 15, 8, default).

-doc "Starts to compress. Negative window bits make a raw stream, those from 24 on one of gzip.".
-spec deflateInit(zstream(), zlevel(), zmethod(), zwindowbits(), zmemlevel(), zstrategy()) -> ok.
deflateInit(Z, Level, Method, WindowBits, MemLevel, Strategy) ->
    L = level(Level),
    Method =:= deflated orelse error(bad_compression_method),
    {Bits, Wrap} = case WindowBits of
        B when is_integer(B), B >= 8, B =< 15 -> {B, ?ZLIB};
        B when is_integer(B), B >= -15, B =< -8 -> {-B, ?RAW};
        B when is_integer(B), B >= 24, B =< 31 -> {B - 16, ?GZIP};
        _ -> error(bad_windowbits)
    end,
    is_integer(MemLevel) andalso MemLevel >= 1 andalso MemLevel =< 9 orelse error(bad_memlevel),
    gerl_zlib:deflate_init(Z, L, Bits, MemLevel, strategy(Strategy), Wrap).

level(none) -> 0;
level(best_speed) -> 1;
level(best_compression) -> 9;
level(default) -> 6;
level(N) when is_integer(N), N >= 0, N =< 9 -> N;
level(_) -> error(bad_compression_level).

strategy(default) -> 0;
strategy(filtered) -> 1;
strategy(huffman_only) -> 2;
strategy(rle) -> 3;
strategy(_) -> error(bad_compression_strategy).

flush(none) -> 0;
flush(sync) -> 1;
flush(full) -> 2;
flush(finish) -> 3;
flush(_) -> error(bad_flush_mode).

-doc "Sets a dictionary that the reader must have as well, and gives its checksum.".
-spec deflateSetDictionary(zstream(), iodata()) -> non_neg_integer().
deflateSetDictionary(Z, Dictionary) -> gerl_zlib:deflate_dictionary(Z, Dictionary).

-doc "Starts another stream with the same parameters.".
-spec deflateReset(zstream()) -> ok.
deflateReset(Z) -> gerl_zlib:reset(Z, deflate).

-doc "Changes level and strategy for what follows.".
-spec deflateParams(zstream(), zlevel(), zstrategy()) -> ok.
deflateParams(Z, Level, Strategy) -> gerl_zlib:deflate_params(Z, level(Level), strategy(Strategy)).

-doc "Compresses data; not all of the output need come at once.".
-spec deflate(zstream(), iodata()) -> iolist().
deflate(Z, Data) -> deflate(Z, Data, none).

-doc "Compresses data. Flush says how much of the output has to come at once.".
-spec deflate(zstream(), iodata(), zflush()) -> iolist().
deflate(Z, Data, Flush) -> pieces(gerl_zlib:deflate(Z, Data, flush(Flush))).

pieces(<<>>) -> [];
pieces(Bytes) -> [Bytes].

-doc "Ends compressing.".
-spec deflateEnd(zstream()) -> ok.
deflateEnd(Z) -> gerl_zlib:finish(Z, deflate).

%%% ---- decompressing -------------------------------------------------------------------------

-doc "Starts to decompress a stream of zlib.".
-spec inflateInit(zstream()) -> ok.
inflateInit(Z) -> inflateInit(Z, 15).

-doc "Starts to decompress. Window bits say what is to come, as for deflateInit/6; 40 to 47 take zlib or gzip.".
-spec inflateInit(zstream(), zwindowbits()) -> ok.
inflateInit(Z, WindowBits) -> inflateInit(Z, WindowBits, cut).

-doc "Starts to decompress; AtEnd says what becomes of data behind the end of the stream.".
-spec inflateInit(zstream(), zwindowbits(), cut | reset | error) -> ok.
inflateInit(Z, WindowBits, AtEnd) ->
    Form = if
        not is_integer(WindowBits) -> error(bad_windowbits);
        WindowBits >= 8, WindowBits =< 15 -> {WindowBits, ?ZLIB};
        WindowBits >= -15, WindowBits =< -8 -> {-WindowBits, ?RAW};
        WindowBits >= 24, WindowBits =< 31 -> {WindowBits - 16, ?GZIP};
        WindowBits >= 40, WindowBits =< 47 -> {WindowBits - 32, ?EITHER};
        true -> error(bad_windowbits)
    end,
    lists:member(AtEnd, [cut, reset, error]) orelse error(bad_eos_behavior),
    gerl_zlib:inflate_init(Z, Form, AtEnd).

-doc "Sets the dictionary that the stream asked for.".
-spec inflateSetDictionary(zstream(), iodata()) -> ok.
inflateSetDictionary(Z, Dictionary) -> gerl_zlib:inflate_dictionary(Z, Dictionary).

-doc "The data that the stream may refer to.".
-spec inflateGetDictionary(zstream()) -> binary().
inflateGetDictionary(Z) -> gerl_zlib:dictionary(Z).

-doc "Starts with another stream.".
-spec inflateReset(zstream()) -> ok.
inflateReset(Z) -> gerl_zlib:reset(Z, inflate).

-doc "Decompresses data.".
-spec inflate(zstream(), iodata()) -> iolist().
inflate(Z, Data) -> inflate(Z, Data, []).

-doc "Decompresses data. With {exception_on_need_dict, false} a stream that needs a dictionary gives a tuple.".
-spec inflate(zstream(), iodata(), [{exception_on_need_dict, boolean()}]) ->
          iolist() | {need_dictionary, non_neg_integer(), iolist()}.
inflate(Z, Data, Options) ->
    Raise = lists:foldl(fun({exception_on_need_dict, B}, _) when is_boolean(B) -> B;
                           (_, _) -> error(bad_option)
                        end, true, Options),
    case inflate_on(Z, Data, []) of
        {need_dictionary, Checksum, Output} when not Raise -> {need_dictionary, Checksum, Output};
        {need_dictionary, Checksum, _} -> error({need_dictionary, Checksum});
        Output -> Output
    end.

inflate_on(Z, Data, Done) ->
    case gerl_zlib:inflate(Z, Data, ?STEP) of
        {continue, Bytes} -> inflate_on(Z, [], [pieces(Bytes) | Done]);
        {finished, Bytes} -> lists:append(lists:reverse([pieces(Bytes) | Done]));
        {need_dictionary, Checksum, Bytes} ->
            {need_dictionary, Checksum, lists:append(lists:reverse([pieces(Bytes) | Done]))}
    end.

-doc "Decompresses a piece at a time, so that little data cannot become too much at once.".
-spec safeInflate(zstream(), iodata()) ->
          {continue | finished, iolist()} | {need_dictionary, non_neg_integer(), iolist()}.
safeInflate(Z, Data) ->
    case gerl_zlib:inflate(Z, Data, ?SAFE_STEP) of
        {need_dictionary, Checksum, Bytes} -> {need_dictionary, Checksum, pieces(Bytes)};
        {Tag, Bytes} -> {Tag, pieces(Bytes)}
    end.

-doc "Ends decompressing; an error if the stream is not at its end.".
-spec inflateEnd(zstream()) -> ok.
inflateEnd(Z) -> gerl_zlib:finish(Z, inflate).

%%% ---- all at once ---------------------------------------------------------------------------

-doc "Compresses data in the format of zlib.".
-spec compress(iodata()) -> binary().
compress(Data) -> pack(Data, 15).

-doc "Decompresses data in the format of zlib.".
-spec uncompress(iodata()) -> binary().
uncompress(Data) ->
    try iolist_size(Data) >= 8 orelse error(data_error) of
        true -> unpack(Data, 15, cut)
    catch error:badarg -> error(badarg)
    end.

-doc "Compresses data without anything around it.".
-spec zip(iodata()) -> binary().
zip(Data) -> pack(Data, -15).

-doc "Decompresses data without anything around it.".
-spec unzip(iodata()) -> binary().
unzip(Data) -> unpack(Data, -15, cut).

-doc "Compresses data in the format of gzip.".
-spec gzip(iodata()) -> binary().
gzip(Data) -> pack(Data, 31).

-doc "Decompresses data in the format of gzip; several such in a row are one.".
-spec gunzip(iodata()) -> binary().
gunzip(Data) -> unpack(Data, 31, reset).

pack(Data, WindowBits) ->
    with_stream(fun(Z) ->
        deflateInit(Z, default, deflated, WindowBits, 8, default),
        Packed = deflate(Z, Data, finish),
        deflateEnd(Z),
        iolist_to_binary(Packed)
    end).

unpack(Data, WindowBits, AtEnd) ->
    with_stream(fun(Z) ->
        inflateInit(Z, WindowBits, AtEnd),
        Unpacked = inflate(Z, Data),
        inflateEnd(Z),
        iolist_to_binary(Unpacked)
    end).

with_stream(F) ->
    Z = open(),
    try F(Z)
    after close(Z)
    end.
