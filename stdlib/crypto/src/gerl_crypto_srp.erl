-module(gerl_crypto_srp).
-moduledoc """
Agreement on a secret over a password (SRP), in the versions 3, 6 and 6a. Internal.

Names are those of RFC 5054: N and g are the group, k the multiplier, u the scrambler, v the verifier, x the key made from the password.
""".

-export([generate/3, compute/4]).

-doc "Makes the pair of keys of a user or a host.".
-spec generate(user | host, [term()], term()) -> {binary(), binary()}.
generate(user, [G, N, _Version], Private) ->
    A = secret(Private),
    {power(G, A, int(N)), A};
generate(host, [V, G, N, Version], Private) ->
    B = secret(Private),
    Sum = multiplier(Version, G, N) * int(V) + int(power(G, B, int(N))),
    {binary:encode_unsigned(Sum rem int(N)), B}.

secret(undefined) -> crypto:strong_rand_bytes(32);
secret(Private) -> gerl_crypto_keys:number(Private).

-doc "The common secret.".
-spec compute(user | host, term(), {term(), term()}, [term()]) -> binary() | error.
compute(user, HostPublic, {Public, Private}, [X, N, G, Version | MaybeU]) ->
    Modulus = int(N),
    U = scrambler(MaybeU, Version, Public, HostPublic, N),
    Exponent = int(Private) + U * int(X),
    % what the host added to its key is taken away again
    Base = int(HostPublic) - multiplier(Version, G, N) * int(power(G, X, Modulus)),
    case int(HostPublic) rem Modulus of
        0 -> error;
        _ -> power(((Base rem Modulus) + Modulus) rem Modulus, Exponent, Modulus)
    end;
compute(host, UserPublic, {Public, Private}, [V, N, Version | MaybeU]) ->
    Modulus = int(N),
    U = scrambler(MaybeU, Version, UserPublic, Public, N),
    Base = int(UserPublic) * int(power(V, U, Modulus)) rem Modulus,
    case Base of
        0 -> error;
        _ -> power(Base, Private, Modulus)
    end.

multiplier('3', _, _) -> 1;
multiplier('6', _, _) -> 3;
multiplier('6a', G, N) -> int(crypto:hash(sha, [bytes(N), widened(G, N)])).

scrambler([U], _, _, _, _) -> int(U);
scrambler([], '3', _, HostPublic, _) ->
    <<U:32, _/binary>> = crypto:hash(sha, bytes(HostPublic)),
    U;
scrambler([], _, UserPublic, HostPublic, N) -> int(crypto:hash(sha, [widened(UserPublic, N), widened(HostPublic, N)])).

%% As many bytes as the modulus has.
widened(Number, N) ->
    Bytes = bytes(Number),
    [binary:copy(<<0>>, max(0, byte_size(bytes(N)) - byte_size(Bytes))), Bytes].

power(Base, Exponent, Modulus) -> gerl_crypto:mod_pow(bytes(Base), bytes(Exponent), bytes(Modulus)).

bytes(Number) -> gerl_crypto_keys:number(Number).

int(Number) -> binary:decode_unsigned(bytes(Number)).
