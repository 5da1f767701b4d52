-module(gerl_crypto_keys).
-moduledoc "Keys, signatures and key agreement of crypto. Internal.".

-export([generate/3, compute/4, sign/5, verify/6, crypt/5, encapsulate/2, decapsulate/3, public/2, number/1, no_engine/2]).

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
generate(Type, Curve, Private) when Type =:= ecdh; Type =:= eddh; Type =:= ecdsa ->
    Mont = Curve =:= x25519 orelse Curve =:= x448,
    Mont orelse Private =:= undefined orelse is_binary(Private) orelse is_integer(Private) orelse ?bad("ec.c", 293, "Bad private key", 1),
    Private =:= undefined andalso is_atom(Curve) andalso not Mont andalso not lists:member(Curve, gerl_crypto_curves:names()) andalso
        ?bad("ec.c", 391, "Couldn't get Curve definition", 1),
    case plane(Curve) of
        {numbers, Numbers} ->
            Binary = is_atom(Curve) andalso element(1, element(1, gerl_crypto_curves:curve(Curve))) =:= characteristic_two_field,
            case gerl_crypto:generate(ec, Numbers, optional(Private)) of
                {error, private} when Binary -> ?bad("ec.c", 489, "Couldn't get peer priv key bytes", 2);
                Answer -> pair(Answer)
            end;
        Name -> pair(gerl_crypto:generate(ecdh, Name, optional(Private)))
    end;
generate(eddsa, Curve, Private) when Curve =:= ed25519; Curve =:= ed448 ->
    pair(gerl_crypto:generate(eddsa, Curve, optional(Private)));
generate(dh, [Prime, Generator | More], Private) when More =:= []; tl(More) =:= [] ->
    is_integer(Prime) orelse is_binary(Prime) orelse ?bad("dh.c", 72, "Bad value of 'p'", 1),
    Private =:= undefined orelse is_binary(Private) orelse is_integer(Private) orelse ?bad("dh.c", 63, "PrivKeyIn", 3),
    case gerl_crypto:generate(dh, [number(Prime), number(Generator)], optional(Private)) of
        [Public, Mine] -> {Public, Mine};
        _ -> ?failed("dh.c", 134, "Can't generate DH key pair")
    end;
generate(dh, Params, _) -> erlang:error({case_clause, Params});
generate(rsa, {Bits, Exponent}, undefined) ->
    is_integer(Bits) orelse ?bad("rsa.c", 463, "Can't get unsigned int", 2),
    Bits >= 256 orelse ?bad("rsa.c", 467, "Can't be < 256", 2),
    Bits >= 512 orelse ?failed("rsa.c", 489, "Can't set params"),
    case gerl_crypto:generate(rsa, [number(Bits), number(Exponent)], undefined) of
        [E, N | _] = Private -> {[E, N], Private};
        _ -> ?failed("rsa.c", 494, "Can't generate RSA key-pair")
    end;
generate(srp, {Role, Params}, Private) -> gerl_crypto_srp:generate(Role, Params, Private);
generate(Type, [], Private) when is_atom(Type), is_binary(Private) orelse Private =:= undefined ->
    case gerl_crypto:generate(pq, Type, Private) of
        [Public, Mine] -> {Public, Mine};
        {error, type} -> erlang:error(function_clause);
        _ -> ?failed("evp.c", 273, "Can't EVP_PKEY_new_raw_private_key")
    end;
generate(Type, [], _) when is_atom(Type) ->
    case lists:member(Type, crypto:supports(kems)) orelse gerl_crypto:verify(pq, none, <<>>, <<>>, [<<>>, Type], []) =/= {error, type} of
        true -> ?failed("evp.c", 271, "Can't get max size");
        false -> erlang:error(function_clause)
    end;
generate(_, _, _) -> erlang:error(function_clause).

pair([Public, Private]) -> {Public, Private};
pair({error, curve}) -> ?bad("ec.c", 391, "Couldn't get Curve definition", 1);
pair({error, raw}) -> ?failed("evp.c", 273, "Can't EVP_PKEY_new_raw_private_key");
pair({error, _}) -> ?bad("evp.c", 160, "Not a valid raw private key", undefined).

%% A curve by its name, if Go's library has it, or by its numbers.
plane(Curve) when Curve =:= secp256r1; Curve =:= prime256v1; Curve =:= secp384r1; Curve =:= secp521r1; Curve =:= x25519;
                  Curve =:= x448 -> Curve;
plane(Curve) when is_atom(Curve) ->
    case lists:member(Curve, gerl_crypto_curves:names()) of
        true -> {numbers, gerl_crypto_curves:numbers_of(gerl_crypto_curves:curve(Curve))};
        false -> ?failed("ec.c", 84, "Bad curve def. Expect 5-tuple.")
    end;
plane(Curve) ->
    case gerl_crypto_curves:numbers_of(Curve) of
        error -> erlang:error(function_clause);
        Numbers -> {numbers, Numbers}
    end.

-doc "The common secret.".
-spec compute(atom(), term(), term(), term()) -> binary() | error.
compute(Type, Others, Mine, Curve) when Type =:= ecdh orelse Type =:= eddh, Curve =:= x25519 orelse Curve =:= x448 ->
    Size = if Curve =:= x25519 -> 32; true -> 56 end,
    M = raw(Mine, 157, 160, "Not a valid raw private key", Size),
    O = raw(Others, 170, 173, "Not a raw public peer key", Size),
    case gerl_crypto:compute(ecdh, O, M, Curve) of
        {error, _} -> ?failed("ecdh.c", 80, "Can't do fromdata");
        Secret -> Secret
    end;
compute(Type, Others, Mine, Curve) when Type =:= ecdh; Type =:= eddh ->
    is_binary(Others) orelse is_integer(Others) orelse ?bad("ecdh.c", 57, "Bad peer public key; binary expected", 2),
    plane(Curve),
    is_binary(Mine) orelse is_integer(Mine) andalso Mine >= 0 orelse ?failed("ecdh.c", 80, "Can't do fromdata"),
    Answer = case plane(Curve) of
        {numbers, Numbers} -> gerl_crypto:compute(ec, number(Others), number(Mine), Numbers);
        Name -> gerl_crypto:compute(ecdh, number(Others), number(Mine), Name)
    end,
    case Answer of
        {error, curve} -> pair(Answer);
        {error, _} -> ?failed("ecdh.c", 80, "Can't do fromdata");
        Secret -> Secret
    end;
compute(dh, Others, _, _) when not is_binary(Others), not is_integer(Others) -> ?bad("dh.c", 198, "Bad peer public key; binary expected", 2);
compute(dh, Others, Mine, [Prime, Generator | More]) when is_integer(Prime) orelse is_binary(Prime) ->
    More =:= [] orelse ?bad("dh.c", 212, "Not a two-element list", 4),
    is_binary(Mine) orelse is_integer(Mine) orelse ?bad("dh.c", 226, "Bad peer public key; binary expected", 3),
    case gerl_crypto:compute(dh, number(Others), number(Mine), [number(Prime), number(Generator)]) of
        {error, _} ->
            case binary:decode_unsigned(number(Others)) >= binary:decode_unsigned(number(Prime)) - 1 of
                true -> ?failed("dh.c", 247, "Can't get result size");
                false -> ?failed("dh.c", 254, "Can't get result")
            end;
        Secret -> Secret
    end;
compute(dh, _, _, _) -> ?bad("dh.c", 205, "Bad value of 'p'", 4);
compute(srp, Others, {Public, Private}, {Role, Params}) -> gerl_crypto_srp:compute(Role, Others, {Public, Private}, Params);
compute(_, _, _, _) -> erlang:error(function_clause).

raw(Key, NoBinary, Bad, Text, Size) ->
    is_binary(Key) orelse is_integer(Key) andalso Key >= 0 orelse ?bad("evp.c", NoBinary, "Binary expected", undefined),
    Bytes = number(Key),
    byte_size(Bytes) =:= Size orelse ?bad("evp.c", Bad, Text, undefined),
    Bytes.

%% The key as gerl_crypto takes it: numbers become bytes; a curve has a name that Go's library knows, or is given by its numbers.
key(Type, Key) when Type =:= rsa, is_list(Key); Type =:= dss, is_list(Key) -> [number(N) || N <- Key];
key(eddsa, [Key, Curve]) when is_atom(Curve) -> [number(Key), Curve];
key(ecdsa, [Key, Curve]) ->
    case plane(Curve) of
        {numbers, Numbers} -> [number(Key), Numbers];
        Name -> [number(Key), Name]
    end;
key({pq, Name}, Key) when is_binary(Key) -> [Key, Name];
key(_, _) -> error.

%% The key, or error for what cannot be one.
usable(Algorithm, Key) ->
    try key(Algorithm, Key)
    catch
        error:badarg -> error;
        throw:{complaint, _, _, _, _} -> error
    end.

%% The algorithm under the name that gerl_crypto has for it.
kind({pq, _}) -> pq;
kind(Algorithm) -> Algorithm.

-doc "Signs.".
-spec sign(atom(), atom(), term(), term(), list()) -> binary().
sign(Named, Digest, Message, Key, Options) ->
    signing(Named, Digest, Message, Key, Options),
    is_map(Key) andalso ?bad("pkey.c", 494, "Couldn't get engine and/or key id", 4),
    Algorithm = known(Named),
    case gerl_crypto:sign(kind(Algorithm), Digest, Message, usable(Algorithm, Key), Options) of
        {error, digest} -> ?bad("pkey.c", 278, "Bad digest type", 2);
        {error, message} -> ?bad("pkey.c", 353, "Expected a binary or a list", 3);
        {error, digest_size} -> ?bad("pkey.c", 338, "Bad binary size for the algorithm", 3);
        {error, options} -> ?bad("pkey.c", 600, "Bad key options", 5);
        {error, key} when element(1, Algorithm) =:= pq -> no_key(Key);
        {error, key} -> ?bad("pkey.c", private_line(Algorithm), "Couldn't get " ++ name(Algorithm) ++ " private key", 4);
        {error, rsa_digest} -> ?failed("pkey.c", 849, "Can't EVP_PKEY_CTX_set_signature_md");
        {error, _} -> ?failed("pkey.c", 830, "Can't create the signature");
        Signature -> Signature
    end.

-doc "Checks a signature.".
-spec verify(atom(), atom(), term(), term(), term(), list()) -> boolean().
verify(Named, Digest, Message, Signature, Key, Options) ->
    signing(Named, Digest, Message, Key, Options),
    is_binary(Signature) orelse ?bad("pkey.c", 1041, "Expected a binary", 4),
    is_map(Key) andalso ?bad("pkey.c", 494, "Couldn't get engine and/or key id", 5),
    Algorithm = known(Named),
    case gerl_crypto:verify(kind(Algorithm), Digest, Message, Signature,
                            usable(Algorithm, Key), Options) of
        {error, digest} -> ?bad("pkey.c", 278, "Bad digest type", 2);
        {error, message} -> ?bad("pkey.c", 353, "Expected a binary or a list", 3);
        {error, digest_size} -> ?bad("pkey.c", 338, "Bad binary size for the algorithm", 3);
        {error, options} -> ?bad("pkey.c", 600, "Bad key options", 6);
        {error, rsa_digest} -> ?failed("pkey.c", 849, "Can't EVP_PKEY_CTX_set_signature_md");
        {error, _} when element(1, Algorithm) =:= pq -> no_key(Key);
        {error, _} -> ?bad("pkey.c", public_line(Algorithm), "Couldn't get " ++ name(Algorithm) ++ " public key", 5);
        Result -> Result
    end.

%% What is looked at before the key: its map if it is in an engine, the digest, the message, the options.
signing(Algorithm, Digest, Message, Key, Options) ->
    is_map(Key) andalso no_engine(Key, fun() -> ok end),
    Own = Algorithm =:= eddsa,
    Bare = Digest =:= none andalso (Algorithm =:= rsa orelse is_newer(Algorithm)),
    Own orelse Bare orelse is_atom(Digest) andalso gerl_crypto:hash_info(Digest) =/= undefined orelse ?bad("pkey.c", 278, "Bad digest type", 2),
    message(Message, Own orelse Bare),
    Own orelse Bare orelse is_tuple(Message) orelse Digest =/= shake128 andalso Digest =/= shake256 orelse
        ?failed("pkey.c", 367, "Can't create EVP_DigestFinal_ex"),
    is_list(Options) orelse ?bad("pkey.c", 400, "Expected a list", 5),
    Options =:= [] orelse Algorithm =:= rsa orelse ?bad("pkey.c", 417, "Only RSA supports Options", 5),
    lists:all(fun(O) -> is_tuple(O) andalso tuple_size(O) =:= 2 end, Options) orelse ?bad("pkey.c", 423, "Expects only two-tuples in the list", 5).

is_newer(Algorithm) ->
    is_atom(Algorithm) andalso lists:member(Algorithm, crypto:supports(public_keys)) andalso
        not lists:member(Algorithm, [rsa, dss, ecdsa, eddsa, dh, ecdh, eddh, srp]).

message({digest, Data}, _) -> try iolist_size(Data) catch error:badarg -> ?bad("pkey.c", 333, "Bad 2nd element in list", 3) end;
message({_, _}, _) -> ?bad("pkey.c", 331, "Expected 'digest' as head", 3);
message(Tuple, _) when is_tuple(Tuple) -> ?bad("pkey.c", 329, "Bad list", 3);
message(Data, Whole) -> try iolist_size(Data) catch error:badarg -> ?bad("pkey.c", if Whole -> 346; true -> 353 end, "Expected a binary or a list", 3) end.

-doc "Complains about a key that is in an engine, or calls Otherwise if the map that says so has the right form.".
-spec no_engine(map(), fun(() -> Result)) -> Result.
no_engine(#{engine := _} = Map, Otherwise) ->
    case Map of
        #{key_id := Id} when is_binary(Id); is_list(Id) ->
            [iolist_to_binary(Text) || Text <- [Id, maps:get(password, Map, <<>>)], is_list(Text)],
            Otherwise();
        _ -> erlang:error({bad_key_id, Map})
    end;
no_engine(Map, _) -> erlang:error({bad_engine_map, Map}).

%% The newer algorithms have one complaint about bytes that make no key and one about what cannot be a key.
-spec no_key(term()) -> no_return().
no_key(Key) when is_binary(Key); is_tuple(Key) -> ?failed("pkey.c", 649, "Can't create PKEY fromdata");
no_key(_) -> ?failed("pkey.c", 621, "Invalid public key").

known(Algorithm) when Algorithm =:= rsa; Algorithm =:= dss; Algorithm =:= ecdsa; Algorithm =:= eddsa -> Algorithm;
known(Algorithm) ->
    case lists:member(Algorithm, crypto:supports(public_keys)) of
        true when Algorithm =/= dh, Algorithm =/= ecdh, Algorithm =/= eddh, Algorithm =/= srp -> {pq, Algorithm};
        _ when is_atom(Algorithm) -> ?failed("pkey.c", 616, "Can't create PKEY_CTX from name");
        _ -> ?failed("pkey.c", 612, "Invalid key type")
    end.

name({pq, Name}) -> atom_to_list(Name);
name(Algorithm) -> string:uppercase(atom_to_list(Algorithm)).

private_line(rsa) -> 506;
private_line(ecdsa) -> 511;
private_line(eddsa) -> 520;
private_line(_) -> 526.

public_line(rsa) -> 698;
public_line(ecdsa) -> 703;
public_line(eddsa) -> 712;
public_line(_) -> 718.

-doc "Makes a secret and what tells it to the owner of a public key.".
-spec encapsulate(atom(), binary()) -> {binary(), binary()}.
encapsulate(Type, Public) ->
    case gerl_crypto:encapsulate(Type, Public) of
        [Secret, Sent] -> {Secret, Sent};
        Error -> no_secret(Error)
    end.

-doc "The secret that somebody sent.".
-spec decapsulate(atom(), binary(), binary()) -> binary().
decapsulate(Type, Private, Sent) ->
    case gerl_crypto:decapsulate(Type, Private, Sent) of
        Secret when is_binary(Secret) -> Secret;
        Error -> no_secret(Error)
    end.

-spec no_secret({error, atom()}) -> no_return().
no_secret({error, type}) -> ?failed("pkey.c", 616, "Can't create PKEY_CTX from name");
no_secret({error, key}) -> ?failed("pkey.c", 649, "Can't create PKEY fromdata");
no_secret({error, _}) -> ?failed("kem.c", 178, "Couldn't get the result").

-doc "The public key of a private one.".
-spec public(atom(), list()) -> list().
public(rsa, [N, E | _]) -> [number(N), number(E)];
public(dss, [P, Q, G, X]) -> [number(P), number(Q), number(G), gerl_crypto:mod_pow(number(G), number(X), number(P))].

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
