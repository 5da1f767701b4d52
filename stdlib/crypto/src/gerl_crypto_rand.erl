-module(gerl_crypto_rand).
-moduledoc """
The generators of crypto with a seed. Internal.

`crypto_aes` encrypts counters, which the generator exro928 gives, in batches; its state is a list of numbers that ends with a tuple.
`crypto_prng1` is the key stream of AES-256 in counter mode; once it runs its state is a list of what is left of the last piece and the stream.
""".

-export([cache_bytes/1, aes_seed/1, aes_next/1, aes_jump/2, stream_seed/1, stream_next/1, stream_bytes/2, stream_jump/1]).

-doc "How many bytes the application's environment lets a generator make at once, in whole words of some bytes and a word more.".
-spec cache_bytes(pos_integer()) -> pos_integer().
cache_bytes(Word) -> (cache_size() + 2 * Word - 1) div Word * Word.

cache_size() ->
    case application:get_env(crypto, rand_cache_size, 896) of
        Bytes when is_integer(Bytes), Bytes >= 0 -> Bytes;
        _ -> 1024
    end.

%% How many numbers a batch of crypto_aes has.
batch_size() -> (cache_size() + 31) div 16.

-doc "The state of crypto_aes for a seed.".
-spec aes_seed(iodata()) -> term().
aes_seed(Seed) ->
    <<Start:64, _:6, Fixed:12, Third:58, Second:58, First:58>> = crypto:hash(sha256, [Seed, "Xoroshiro928"]),
    {crypto:hash(sha256, Seed), batch_size(), Fixed, rand:exro928_seed([First, Second, Third | rand:seed58(13, Start)])}.

-doc "The next number of crypto_aes.".
-spec aes_next(term()) -> {non_neg_integer(), term()}.
aes_next([N | Rest]) -> {N, Rest};
aes_next({Key, Batch, Fixed, _, Count}) -> aes_next({Key, Batch, Fixed, Count});
aes_next({Key, Batch, Fixed, Count}) ->
    {Counters, After} = lists:mapfoldl(
        fun(_, C) ->
            {{Low, High}, Next} = rand:exro928_next(C),
            {<<Fixed:12, High:58, Low:58>>, Next}
        end, Count, lists:seq(1, Batch)),
    Encrypted = crypto:crypto_one_time(aes_256_ecb, Key, Counters, true),
    [N | Rest] = lists:foldr(fun(Number, Tail) -> [Number | Tail] end, {Key, Batch, Fixed, Count, After},
                             [Number || <<_:70, Number:58>> <= Encrypted]),
    {N, Rest}.

-doc "Jumps with crypto_aes: as many numbers as were taken from the batch are skipped behind the jump.".
-spec aes_jump(fun((rand:exro928_state()) -> rand:exro928_state()), term()) -> term().
aes_jump(Jump, State) ->
    case left(State, 0) of
        {_, {Key, Batch, Fixed, Count}} -> {Key, Batch, Fixed, Jump(Count)};
        {Left, {Key, Batch, Fixed, Begin, _}} ->
            {Key, Batch, Fixed, lists:foldl(fun(_, C) -> rand:exro928_next_state(C) end, Jump(Begin), lists:seq(1, Batch - Left))}
    end.

left([_ | Rest], Count) -> left(Rest, Count + 1);
left(End, Count) -> {Count, End}.

-doc "The state of crypto_prng1 for a seed.".
-spec stream_seed(iodata()) -> term().
stream_seed(Seed) ->
    <<Key:32/binary, IV:16/binary>> = crypto:hash(sha384, Seed),
    {aes_256_ctr, <<0:(max(1, (cache_size() + 127) div 128) * 1024)>>, Key, IV}.

running({Cipher, Zeros, Key, IV}) -> [<<>> | {crypto:crypto_init(Cipher, Key, IV, true), Zeros}];
running(State) -> State.

-doc "The next number of crypto_prng1.".
-spec stream_next(term()) -> {non_neg_integer(), term()}.
stream_next(State) ->
    {<<_:6, N:58>>, Next} = take(8, running(State)),
    {N, Next}.

-doc "Bytes of crypto_prng1.".
-spec stream_bytes(non_neg_integer(), {map(), term()}) -> {binary(), {map(), term()}}.
stream_bytes(Count, {Handler, State}) when is_integer(Count), Count >= 0 ->
    {Bytes, Next} = take(Count, running(State)),
    {Bytes, {Handler, Next}}.

take(Count, [Cache | {Stream, Zeros} = End]) ->
    case Cache of
        <<Bytes:Count/binary, Rest/binary>> -> {Bytes, [Rest | End]};
        _ -> take(Count, [<<Cache/binary, (crypto:crypto_update(Stream, Zeros))/binary>> | End])
    end.

-doc "Jumps with crypto_prng1, which is possible before the first number.".
-spec stream_jump({map(), term()}) -> {map(), term()}.
stream_jump({Handler, {Cipher, Zeros, Key, IV}}) ->
    %% The first byte counts up and carries over to the bytes behind it.
    Number = binary:decode_unsigned(IV, little) + 1,
    {Handler, {Cipher, Zeros, Key, <<Number:128/little>>}};
stream_jump(_) -> erlang:error(not_implemented).
