-module(gerl_crypto_keys).
-moduledoc "Keys, signatures and key agreement of crypto. Internal.".

-export([generate/3, compute/4, sign/5, verify/6, crypt/5, number/1]).

-include("crypto_errors.hrl").

-doc "A number as its bytes.".
-spec number(binary() | non_neg_integer()) -> binary().
number(N) when is_integer(N), N >= 0 -> binary:encode_unsigned(N);
number(B) when is_binary(B) -> B;
number(N) -> erlang:error(badarg, [N]).

optional(undefined) -> undefined;
optional(Private) -> number(Private).

-doc "Makes a pair of keys.".
-spec generate(atom(), term(), term()) -> {term(), term()}.
generate(ecdh, Curve, Private) -> pair(Curve, gerl_crypto:generate(ecdh, Curve, optional(Private)));
generate(eddh, Curve, Private) -> pair(Curve, gerl_crypto:generate(ecdh, Curve, optional(Private)));
generate(ecdsa, Curve, Private) -> pair(Curve, gerl_crypto:generate(ecdh, Curve, optional(Private)));
generate(eddsa, Curve, Private) when Curve =:= ed25519; Curve =:= ed448 ->
    pair(Curve, gerl_crypto:generate(eddsa, Curve, optional(Private)));
generate(dh, [Prime, Generator | _], Private) ->
    case gerl_crypto:generate(dh, [number(Prime), number(Generator)], optional(Private)) of
        [Public, Mine] -> {Public, Mine};
        _ -> ?failed("dh.c", 134, "Can't generate DH key pair")
    end;
generate(rsa, {Bits, Exponent}, undefined) ->
    is_integer(Bits) orelse ?bad("rsa.c", 463, "Can't get unsigned int", 2),
    case gerl_crypto:generate(rsa, [number(Bits), number(Exponent)], undefined) of
        [E, N | _] = Private -> {[E, N], Private};
        {error, exponent} -> erlang:error(notsup);
        _ -> ?failed("rsa.c", 478, "Can't generate RSA keypair")
    end;
generate(srp, _, _) -> erlang:error(notsup).

pair(_, [Public, Private]) -> {Public, Private};
pair(Curve, {error, curve}) when is_atom(Curve) ->
    case lists:member(Curve, other_curves()) of
        true -> erlang:error(notsup);
        false -> ?bad("ec.c", 391, "Couldn't get Curve definition", 1)
    end;
pair(_, {error, curve}) -> erlang:error(notsup);
pair(_, {error, _}) -> ?bad("evp.c", 160, "Not a valid raw private key", undefined).

%% Curves of OTP that Go's library does not have.
other_curves() -> [secp256k1, secp192r1, secp224k1, secp192k1, secp160k1, secp160r1, secp160r2, ed448, x448, brainpoolP256r1,
                   brainpoolP384r1, brainpoolP512r1, secp224r1].

-doc "The common secret.".
-spec compute(atom(), term(), term(), term()) -> binary().
compute(Type, Others, Mine, Curve) when Type =:= ecdh; Type =:= eddh ->
    case gerl_crypto:compute(ecdh, number(Others), number(Mine), Curve) of
        {error, curve} -> pair(Curve, {error, curve});
        {error, private} -> ?bad("evp.c", 160, "Not a valid raw private key", undefined);
        {error, _} -> ?failed("ecdh.c", 80, "Can't do fromdata");
        Secret -> Secret
    end;
compute(dh, Others, Mine, [Prime, Generator | _]) ->
    case gerl_crypto:compute(dh, number(Others), number(Mine), [number(Prime), number(Generator)]) of
        {error, _} -> ?failed("dh.c", 254, "Can't get result");
        Secret -> Secret
    end;
compute(srp, _, _, _) -> erlang:error(notsup).

%% The key as gerl_crypto takes it: numbers become bytes, a curve given in full cannot be used.
key(rsa, Key) when is_list(Key) -> [number(N) || N <- Key];
key(_, [Key, Curve]) when is_atom(Curve) -> [number(Key), Curve];
key(_, [_, {_, _, _, _, _}]) -> erlang:error(notsup);
key(_, _) -> error.

-doc "Signs.".
-spec sign(atom(), atom(), term(), term(), list()) -> binary().
sign(Algorithm, Digest, Message, Key, Options) ->
    known(Algorithm),
    case gerl_crypto:sign(Algorithm, Digest, Message, try key(Algorithm, Key) catch error:badarg -> error end, Options) of
        {error, digest} -> ?bad("pkey.c", 278, "Bad digest type", 2);
        {error, message} -> ?bad("pkey.c", 353, "Expected a binary or a list", 3);
        {error, digest_size} -> ?bad("pkey.c", 338, "Bad binary size for the algorithm", 3);
        {error, options} -> ?bad("pkey.c", 600, "Bad key options", 5);
        {error, key} -> ?bad("pkey.c", private_line(Algorithm), "Couldn't get " ++ name(Algorithm) ++ " private key", 4);
        {error, _} -> ?failed("pkey.c", 830, "Can't create the signature");
        Signature -> Signature
    end.

-doc "Checks a signature.".
-spec verify(atom(), atom(), term(), term(), term(), list()) -> boolean().
verify(Algorithm, Digest, Message, Signature, Key, Options) ->
    is_binary(Signature) orelse ?bad("pkey.c", 1041, "Expected a binary", 4),
    known(Algorithm),
    case gerl_crypto:verify(Algorithm, Digest, Message, Signature,
                            try key(Algorithm, Key) catch error:badarg -> error end, Options) of
        {error, digest} -> ?bad("pkey.c", 278, "Bad digest type", 2);
        {error, message} -> ?bad("pkey.c", 353, "Expected a binary or a list", 3);
        {error, digest_size} -> ?bad("pkey.c", 338, "Bad binary size for the algorithm", 3);
        {error, options} -> ?bad("pkey.c", 600, "Bad key options", 6);
        {error, _} -> ?bad("pkey.c", public_line(Algorithm), "Couldn't get " ++ name(Algorithm) ++ " public key", 5);
        Result -> Result
    end.

known(Algorithm) when Algorithm =:= rsa; Algorithm =:= ecdsa; Algorithm =:= eddsa -> ok;
known(dss) -> erlang:error(notsup);
known(_) -> ?failed("pkey.c", 616, "Can't create PKEY_CTX from name").

name(rsa) -> "RSA";
name(ecdsa) -> "ECDSA";
name(eddsa) -> "EDDSA".

private_line(rsa) -> 506;
private_line(ecdsa) -> 511;
private_line(eddsa) -> 520.

public_line(rsa) -> 698;
public_line(ecdsa) -> 703;
public_line(eddsa) -> 712.

-doc "Encrypts and decrypts with RSA.".
-spec crypt(atom(), atom(), iodata(), list(), atom() | list()) -> binary().
crypt(Operation, rsa, Text, Key, Options) ->
    {Padding, Digest} = padding(Options),
    case gerl_crypto:rsa(Operation, iolist_to_binary(Text), key(rsa, Key), Padding, Digest) of
        {error, padding} -> erlang:error(notsup);
        {error, key} -> ?bad("pkey.c", 506, "Couldn't get RSA key", 3);
        {error, _} -> ?failed("pkey.c", 1474, "Couldn't get the result");
        Result -> Result
    end;
crypt(_, _, _, _, _) -> ?bad("pkey.c", 244, "Bad algorithm", 1).

padding(Padding) when is_atom(Padding) -> {Padding, sha};
padding(Options) ->
    {proplists:get_value(rsa_padding, Options, proplists:get_value(rsa_pad, Options, rsa_pkcs1_padding)),
     proplists:get_value(rsa_oaep_md, Options, sha)}.
