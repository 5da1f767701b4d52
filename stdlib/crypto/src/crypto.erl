-module(crypto).
-moduledoc """
Hashes, message authentication, ciphers, signatures, keys and generators of random numbers.

`supports/1` lists what there is. Anything else raises notsup or badarg as for an unknown name. There are no engines.
""".

-export([format_error/2]).
-export([start/0, stop/0, info/0, info_lib/0, info_fips/0, enable_fips_mode/1, version/0, supports/0, supports/1]).
-export([hash/2, hash_init/1, hash_update/2, hash_final/1, hash_final_xof/2, hash_xof/3, hash_info/1, hash_equals/2, mac/3, mac/4, macN/4, macN/5,
         mac_init/2, mac_init/3, mac_update/2, mac_final/1, mac_finalN/2, pbkdf2_hmac/5]).
-export([cipher_info/1, crypto_init/3, crypto_init/4, crypto_update/2, crypto_final/1, crypto_get_data/1, crypto_one_time/4,
         crypto_one_time/5, crypto_one_time_aead/6, crypto_one_time_aead/7, crypto_one_time_aead_init/4, crypto_one_time_aead/4]).
-export([engine_get_all_methods/0, engine_load/3, engine_unload/1, engine_by_id/1, engine_list/0, engine_ctrl_cmd_string/3,
         engine_ctrl_cmd_string/4, engine_add/1, engine_remove/1, engine_register/2, engine_unregister/2, engine_get_id/1,
         engine_get_name/1, ensure_engine_loaded/2]).
-export([generate_key/2, generate_key/3, compute_key/4, privkey_to_pubkey/2, sign/4, sign/5, verify/5, verify/6,
         public_encrypt/4, private_decrypt/4, private_encrypt/4, public_decrypt/4, ec_curves/0,
         encapsulate_key/2, decapsulate_key/3]).
-export([strong_rand_bytes/1, strong_rand_range/1, ec_curve/1, rand_seed/0, rand_seed_s/0, rand_seed/1, rand_seed_alg/1, rand_seed_alg/2, rand_seed_alg_s/1,
         rand_seed_alg_s/2, rand_uniform/2, exor/2, mod_pow/3, bytes_to_integer/1]).
%% The generators for rand.
-export([rand_plugin_next/1, rand_plugin_bytes/2, rand_plugin_uniform/1, rand_plugin_uniform/2, rand_cache_plugin_next/1,
         rand_cache_plugin_bytes/2, rand_plugin_aes_next/1, rand_plugin_aes_jump/1, rand_plugin_aes_jump_2pow20/1,
         rand_plugin_prng_next/1, rand_plugin_prng_bytes/2, rand_plugin_prng_jump/1]).

-export_type([crypto_state/0, hash_state/0, mac_state/0, cipher/0, sha1/0, sha2/0, sha3/0]).

-opaque crypto_state() :: reference().
-opaque hash_state() :: reference().
-opaque mac_state() :: reference().
-type sha1() :: sha.
-type sha2() :: sha224 | sha256 | sha384 | sha512.
-type sha3() :: sha3_224 | sha3_256 | sha3_384 | sha3_512.
-type cipher() :: atom().
-type key() :: iodata().

%%% ---- what there is -------------------------------------------------------------------------

-doc "Starts the application, which has no processes.".
-spec start() -> ok.
start() -> ok.

-doc "Stops the application.".
-spec stop() -> ok.
stop() -> ok.

-doc "The library behind this module.".
-spec info_lib() -> [{binary(), integer(), binary()}].
info_lib() -> [{<<"Go">>, 0, <<"Go standard library">>}].

-doc "Facts about the library behind this module.".
-spec info() -> map().
info() ->
    #{compile_type => normal, link_type => static, cryptolib_version_compiled => "Go standard library",
      cryptolib_version_linked => "Go standard library", otp_crypto_version => version(), fips_provider_available => false}.

-doc false.
-spec version() -> string().
version() -> "5.10".

-doc "Whether the mode of FIPS 140 is on: there is none.".
-spec info_fips() -> not_supported.
info_fips() -> not_supported.

-doc "Turns the mode of FIPS 140 on or off: it can only be off.".
-spec enable_fips_mode(boolean()) -> boolean().
enable_fips_mode(On) when is_boolean(On) -> not On.

-doc "All that is supported, in groups.".
-spec supports() -> [{atom(), [atom()]}].
supports() -> [{G, supports(G)} || G <- [hashs, ciphers, kems, public_keys, macs, curves, rsa_opts]].

-doc "What of a group is supported.".
-spec supports(atom()) -> [atom()].
supports(hashs) ->
    [shake256, shake128, sha3_512, sha3_384, sha3_256, sha3_224, sha512_256, sha512_224, sha512, sha384, sha256, sha224, sha, md5,
     blake2b, blake2s, ripemd160, sm3, md4];
supports(ciphers) ->
    [list_to_atom("aes_" ++ Size ++ "_" ++ Mode) || Size <- ["128", "192", "256"],
                                                   Mode <- ["cbc", "ecb", "ctr", "ofb", "cfb8", "cfb128", "gcm", "ccm"]] ++
        [chacha20_poly1305, chacha20, des_ede3_cbc, des_ede3_cfb, des_cbc, des_cfb, des_ecb,
         sm4_cbc, sm4_ecb, sm4_ctr, sm4_ofb, sm4_cfb, sm4_gcm, sm4_ccm, blowfish_cbc, blowfish_cfb64, blowfish_ecb, blowfish_ofb64, rc2_cbc, rc4, aes_cbc, aes_ccm, aes_cfb128,
         aes_cfb8, aes_ctr, aes_ecb, aes_gcm];
supports(kems) -> [mlkem512, mlkem768, mlkem1024];
supports(public_keys) ->
    [list_to_atom("slh_dsa_" ++ Hash ++ "_" ++ Size) || Hash <- ["sha2", "shake"],
                                                       Size <- ["256f", "256s", "192f", "192s", "128f", "128s"]] ++
        [mldsa87, mldsa65, mldsa44, rsa, dss, dh, ec_gf2m, ecdsa, ecdh, eddsa, eddh, srp];
supports(macs) -> [cmac, hmac, poly1305];
supports(curves) -> gerl_crypto_curves:names() ++ [ed25519, ed448, x25519, x448];
supports(rsa_opts) ->
    [rsa_pkcs1_pss_padding, rsa_pss_saltlen, rsa_pkcs1_oaep_padding, rsa_oaep_md, signature_md, rsa_pkcs1_padding, rsa_no_padding].

-doc "The curves that are supported.".
-spec ec_curves() -> [atom()].
ec_curves() -> gerl_crypto_curves:names() ++ [ed25519, ed448].

-include("crypto_errors.hrl").

%% Does the work of a function; complaints about its arguments become its errors.
-define(explained(Arguments, Work),
        try Work
        catch
            throw:{complaint, Kind__, Place__, Complaint__, Number__} -> % names that no function has for its arguments
                erlang:error({Kind__, Place__, Complaint__}, Arguments, [{error_info, #{erl_function_arg_num => Number__}}])
        end).

-doc "What is wrong with an argument, for the shell and crash reports.".
-spec format_error(term(), [term()]) -> map().
format_error({Kind, {File, Line}, Text}, [{_, _, _, Info} | _]) when Kind =:= badarg; Kind =:= notsup ->
    Place = io_lib:format("(Found in the internal file ~s at line ~p)", [File, Line]),
    case proplists:get_value(error_info, Info) of
        #{erl_function_arg_num := undefined} -> #{general => [Text, " ", Place]};
        #{erl_function_arg_num := Number} -> #{Number => Text, general => Place}
    end.

bytes(Data) -> iolist_to_binary(Data).

%%% ---- hashes --------------------------------------------------------------------------------

-doc "The hash of data.".
-spec hash(atom(), iodata()) -> binary().
hash(Type, Data) ->
    ?explained([Type, Data],
               case gerl_crypto:hash(Type, bytes(Data)) of
                   undefined -> ?bad("hash.c", 111, "Bad digest type", 1);
                   Hash -> Hash
               end).

-doc "Begins a hash of data in pieces.".
-spec hash_init(atom()) -> hash_state().
hash_init(Type) ->
    ?explained([Type],
               case gerl_crypto:hash_init(Type) of
                   undefined -> ?bad("hash.c", 175, "Bad digest type", 1);
                   State -> State
               end).

-doc "Goes on with a piece of data.".
-spec hash_update(hash_state(), iodata()) -> hash_state().
hash_update(State, Data) ->
    ?explained([State, Data],
               case gerl_crypto:hash_update(State, bytes(Data)) of
                   undefined -> ?bad("hash.c", 219, "Bad state", 1);
                   New -> New
               end).

-doc "The hash of all the pieces.".
-spec hash_final(hash_state()) -> binary().
hash_final(State) ->
    ?explained([State],
               case gerl_crypto:hash_final(State) of
                   undefined -> ?bad("hash.c", 253, "Bad state", 1);
                   Hash -> Hash
               end).

-doc "The first bits of an extendable hash of all the pieces.".
-spec hash_final_xof(hash_state(), non_neg_integer()) -> binary().
hash_final_xof(State, Bits) -> ?explained([State, Bits], extended(State, Bits, none)).

%% A hash whose length is fixed can be had in that length, SHA-3 in shorter ones, too, and nothing of BLAKE2.
cut("sha3_" ++ _) -> all;
cut("blake2" ++ _) -> nothing;
cut(_) -> none.

extended(State, Bits, Cut) when is_integer(Bits), Bits >= 0 ->
    Length = Bits div 8,
    maybe
        undefined ?= gerl_crypto:hash_final_xof(State, Length),
        case gerl_crypto:hash_final(State) of
            undefined -> ?bad("hash.c", 253, "Bad state", 1);
            Hash when byte_size(Hash) =:= Length -> Hash;
            Hash when Cut =:= all orelse Cut =:= nothing andalso Length =:= 0, Length < byte_size(Hash) -> binary:part(Hash, 0, Length);
            _ -> ?failed("hash.c", 583, "Low-level call EVP_DigestFinalXOF failed")
        end
    end;
extended(_, _, _) -> ?bad("hash.c", 573, "Bad len", 2).

-doc "The first bits of an extendable hash.".
-spec hash_xof(atom(), iodata(), non_neg_integer()) -> binary().
hash_xof(Type, Data, Bits) ->
    Bytes = bytes(Data),
    case gerl_crypto:hash_init(Type) of
        undefined -> ?explained(none, ?bad("hash.c", 175, "Bad digest type", 1));
        State ->
            try extended(gerl_crypto:hash_update(State, Bytes), Bits, cut(atom_to_list(Type)))
            catch
                throw:{complaint, Kind, {File, Line}, Text, Number} -> % counted from 0, -1 for none, and not translated
                    Place = #{c_file_name => File, c_file_line_num => Line, c_function_arg_num => if Number =:= undefined -> -1; true -> Number - 1 end},
                    erlang:error({Kind, Place, Text})
            end
    end.

-doc "Size and block size of a hash.".
-spec hash_info(atom()) -> #{size := integer(), block_size := integer(), type := integer()}.
hash_info(Type) ->
    case gerl_crypto:hash_info(Type) of
        undefined -> erlang:error(badarg, [Type]);
        {Size, BlockSize, Number} -> #{size => Size, block_size => BlockSize, type => Number}
    end.

-doc "Compares two hashes in a time that does not tell where they differ.".
-spec hash_equals(binary(), binary()) -> boolean().
hash_equals(A, B) -> gerl_crypto:hash_equals(A, B).

%%% ---- message authentication ----------------------------------------------------------------

-doc "The authentication code of data: poly1305.".
-spec mac(poly1305, key(), iodata()) -> binary().
mac(poly1305, Key, Data) -> mac(poly1305, undefined, Key, Data).

-doc "The authentication code of data.".
-spec mac(hmac | cmac | poly1305, atom(), key(), iodata()) -> binary().
mac(Type, Sub, Key, Data) -> ?explained([Type, Sub, Key, Data], code(Type, Sub, Key, Data)).

code(Type, Sub, Key, Data) ->
    KeyBytes = bytes(Key),
    Bytes = try bytes(Data) catch error:badarg -> ?bad("mac.c", 193, "Bad text", 4) end,
    is_atom(Type) orelse ?bad("mac.c", 251, "Unknown mac algorithm", 1),
    case began(Type, Sub, KeyBytes) of
        {error, late} -> ?failed("mac.c", 405, "Couldn't get mac");
        {error, digest} -> ?bad("mac.c", 281, "Bad digest algorithm for HMAC", 2);
        {error, mac} -> ?bad("mac.c", 251, "Unknown mac algorithm", 1);
        {error, cipher} -> ?bad("mac.c", 331, "Unknown cipher", 2);
        {error, key_size} -> ?bad("mac.c", 334, "Bad key size", 3);
        {error, key_length} -> ?bad("mac.c", 253, "Bad key length", 3);
        State -> gerl_crypto:mac_final(gerl_crypto:mac_update(State, Bytes))
    end.

-doc "The beginning of the authentication code of data: poly1305.".
-spec macN(poly1305, key(), iodata(), pos_integer()) -> binary().
macN(Type, Key, Data, Length) -> macN(Type, undefined, Key, Data, Length).

-doc "The beginning of the authentication code of data.".
-spec macN(hmac | cmac | poly1305, atom(), key(), iodata(), pos_integer()) -> binary().
macN(Type, Sub, Key, Data, Length) -> first(Length, ?explained(none, code(Type, Sub, Key, Data))).

first(Length, Mac) when Length < byte_size(Mac) -> binary:part(Mac, 0, Length);
first(_, Mac) -> Mac.

-doc "Begins the authentication code of data in pieces: poly1305.".
-spec mac_init(poly1305, key()) -> mac_state().
mac_init(poly1305, Key) -> mac_init(poly1305, undefined, ?explained([poly1305, undefined, Key], mac_key(Key))).

-doc "Begins the authentication code of data in pieces.".
-spec mac_init(hmac | cmac | poly1305, atom(), key()) -> mac_state().
mac_init(Type, Sub, Key) ->
    Bytes = bytes(Key),
    ?explained([Type, Sub, Key],
               case began(mac_type(Type), Sub, Bytes) of
                   {error, late} -> ?failed("mac.c", 750, "Can't initialize EVP_MAC_CTX");
                   {error, digest} -> ?bad("mac.c", 633, "Bad digest algorithm for HMAC", 2);
                   {error, mac} -> ?bad("mac.c", 603, "Unknown mac algorithm", 1);
                   {error, cipher} -> ?bad("mac.c", 673, "Unknown cipher", 2);
                   {error, key_size} -> ?bad("mac.c", 676, "Bad key size", 3);
                   {error, key_length} -> ?bad("mac.c", 605, "Bad key length", 3);
                   State -> State
               end).

%% Ciphers without chaining, keys of the older ciphers and hashes of any length are only found wrong when the work begins.
began(Type, Sub, Key) ->
    case gerl_crypto:mac_init(Type, Sub, Key) of
        {error, digest} when Sub =:= shake128; Sub =:= shake256 -> {error, late};
        {error, key_size} when Sub =:= des_cbc; Sub =:= des_ede3_cbc -> {error, late};
        {error, cipher} ->
            case gerl_crypto_ciphers:info(Sub) of
                #{mode := ecb_mode, key_length := Length} when Length =:= byte_size(Key) -> {error, late};
                _ -> {error, cipher}
            end;
        Result -> Result
    end.

mac_type(Type) when is_atom(Type) -> Type;
mac_type(_) -> ?bad("mac.c", 603, "Unknown mac algorithm", 1).

mac_key(Key) -> try bytes(Key) catch error:badarg -> ?bad("mac.c", 596, "Bad key", 3) end.

-doc "Goes on with a piece of data.".
-spec mac_update(mac_state(), iodata()) -> mac_state().
mac_update(State, Data) ->
    ?explained([State, Data],
               case gerl_crypto:mac_update(State, try bytes(Data) catch error:badarg -> ?bad("mac.c", 807, "Bad text", 2) end) of
                   undefined -> ?bad("mac.c", 830, "Bad ref", 1);
                   New -> New
               end).

-doc "The authentication code of all the pieces.".
-spec mac_final(mac_state()) -> binary().
mac_final(State) ->
    ?explained([State],
               case gerl_crypto:mac_final(State) of
                   undefined -> ?bad("mac.c", 860, "Bad ref", 1);
                   Mac -> Mac
               end).

-doc "The beginning of the authentication code of all the pieces.".
-spec mac_finalN(mac_state(), pos_integer()) -> binary().
mac_finalN(State, Length) ->
    case mac_final(State) of
        Mac when is_integer(Length), Length >= 0, Length =< byte_size(Mac) -> binary:part(Mac, 0, Length);
        _ -> erlang:error(badarg)
    end.

-doc "A key from a password.".
-spec pbkdf2_hmac(atom(), binary(), binary(), pos_integer(), pos_integer()) -> binary().
pbkdf2_hmac(Digest, Password, Salt, Iterations, Length) ->
    ?explained([Digest, Password, Salt, Iterations, Length], begin
        is_integer(Iterations) andalso Iterations >= 0 orelse ?bad("pbkdf2_hmac.c", 77, "Not integer", 4),
        Iterations > 0 orelse ?bad("pbkdf2_hmac.c", 79, "Must be > 0", 4),
        is_integer(Length) andalso Length >= 0 orelse ?bad("pbkdf2_hmac.c", 82, "Not integer", 5),
        Length > 0 orelse ?bad("pbkdf2_hmac.c", 84, "Must be > 0", 5),
        gerl_crypto:hash_info(Digest) =/= undefined orelse ?bad("pbkdf2_hmac.c", 36, "Bad digest type", 1),
        lists:member(Digest, [sha, sha224, sha256, sha384, sha512, sha512_224, sha512_256]) orelse ?bad("pbkdf2_hmac.c", 40, "Not eligible digest type", 1),
        is_binary(Password) orelse ?bad("pbkdf2_hmac.c", 43, "Not binary", 2),
        is_binary(Salt) orelse ?bad("pbkdf2_hmac.c", 46, "Not binary", 3),
        gerl_crypto:pbkdf2(Digest, Password, Salt, Iterations, Length)
    end).

%%% ---- ciphers -------------------------------------------------------------------------------

-doc "Sizes and mode of a cipher.".
-spec cipher_info(cipher()) -> map().
cipher_info(Cipher) ->
    case gerl_crypto_ciphers:info(Cipher) of
        undefined -> erlang:error(badarg, [Cipher]);
        Info -> Info
    end.

-doc "Begins to encrypt or decrypt with a cipher that needs no initial vector.".
-spec crypto_init(cipher(), key(), boolean() | list()) -> crypto_state().
crypto_init(Cipher, Key, Options) ->
    ?explained([Cipher, Key, Options],
               gerl_crypto_ciphers:init(Cipher, Key, <<>>, Options, 3)).

-doc "Begins to encrypt or decrypt.".
-spec crypto_init(cipher(), key(), iodata(), boolean() | list()) -> crypto_state().
crypto_init(Cipher, Key, IV, Options) ->
    ?explained([Cipher, Key, IV, Options],
               gerl_crypto_ciphers:init(Cipher, Key, IV, Options, 4)).

-doc "Goes on with a piece of data; whole blocks come out.".
-spec crypto_update(crypto_state(), iodata()) -> binary().
crypto_update(State, Data) ->
    ?explained([State, Data], updated(State, try bytes(Data) catch error:badarg -> ?bad("api_ng.c", 745, "expected binary", 2) end)).

updated(State, Bytes) ->
    case is_reference(State) andalso gerl_crypto:cipher_update(State, Bytes) of
        Result when is_binary(Result) -> Result;
        _ -> ?bad("api_ng.c", 729, "Bad State", 1)
    end.

-doc "Ends with what is left, padded if the options say so.".
-spec crypto_final(crypto_state()) -> binary().
crypto_final(State) ->
    ?explained([State],
               case is_reference(State) andalso gerl_crypto:cipher_final(State) of
                   Result when is_binary(Result) -> Result;
                   {error, unfilled} -> ?failed("api_ng.c", 608, "Padding 'none' but unfilled last block");
                   {error, _} -> ?failed("api_ng.c", 636, "Can't finalize");
                   _ -> ?bad("api_ng.c", 771, "Bad State", 1)
               end).

-doc "How much went through a cipher and how it was padded.".
-spec crypto_get_data(crypto_state()) -> map().
crypto_get_data(State) ->
    ?explained([State],
               case is_reference(State) andalso gerl_crypto:cipher_data(State) of
                   {Size, PaddingSize, Padding, Encrypt} ->
                       #{size => Size, padding_size => PaddingSize, padding_type => Padding, encrypt => Encrypt};
                   _ -> ?bad("api_ng.c", 882, "Bad State", 1)
               end).

-doc "Encrypts or decrypts data as a whole with a cipher that needs no initial vector.".
-spec crypto_one_time(cipher(), key(), iodata(), boolean() | list()) -> binary().
crypto_one_time(Cipher, Key, Data, Options) ->
    ?explained([Cipher, Key, Data, Options],
               gerl_crypto_ciphers:one_time(Cipher, Key, <<>>, {Data, 3}, {Options, 4})).

-doc "Encrypts or decrypts data as a whole.".
-spec crypto_one_time(cipher(), key(), iodata(), iodata(), boolean() | list()) -> binary().
crypto_one_time(Cipher, Key, IV, Data, Options) ->
    ?explained([Cipher, Key, IV, Data, Options],
               gerl_crypto_ciphers:one_time(Cipher, Key, IV, {Data, 4}, {Options, 5})).

-doc "Encrypts with authentication; the tag has its usual length.".
-spec crypto_one_time_aead(cipher(), key(), iodata(), iodata(), iodata(), true) -> {binary(), binary()}.
crypto_one_time_aead(Cipher, Key, IV, Text, AAD, true) ->
    ?explained([Cipher, Key, IV, Text, AAD, true],
               gerl_crypto_ciphers:aead(Cipher, Key, IV, Text, AAD, gerl_crypto_ciphers:tag_length(Cipher), true)).

-doc "Encrypts with authentication and a tag of a length, or decrypts and checks a tag.".
-spec crypto_one_time_aead(cipher(), key(), iodata(), iodata(), iodata(), non_neg_integer() | iodata(), boolean()) ->
          {binary(), binary()} | binary() | error.
crypto_one_time_aead(Cipher, Key, IV, Text, AAD, Tag, Encrypt) ->
    ?explained([Cipher, Key, IV, Text, AAD, Tag, Encrypt],
               gerl_crypto_ciphers:aead(Cipher, Key, IV, Text, AAD, Tag, Encrypt)).

-doc "Prepares for several messages with the same key.".
-spec crypto_one_time_aead_init(cipher(), key(), non_neg_integer(), boolean()) -> term().
crypto_one_time_aead_init(Cipher, Key, TagLength, Encrypt) when is_integer(TagLength) ->
    Bytes = bytes(Key),
    ?explained([Cipher, Key, TagLength, Encrypt], gerl_crypto_ciphers:aead_state(Cipher, Bytes, TagLength, Encrypt)).

-doc "Encrypts or decrypts a message; a tag stands behind the text.".
-spec crypto_one_time_aead(term(), iodata(), iodata(), iodata()) -> binary() | error.
crypto_one_time_aead(State, IV, Text, AAD) ->
    ?explained([State, IV, Text, AAD], gerl_crypto_ciphers:aead_with(State, IV, Text, AAD)).

%%% ---- keys and signatures -------------------------------------------------------------------

-doc "Makes a pair of keys: {Public, Private}.".
-spec generate_key(atom(), term()) -> {term(), term()}.
generate_key(Type, Params) -> generate_key(Type, Params, undefined).

-doc "Makes the pair of keys that belongs to a private key.".
-spec generate_key(atom(), term(), term()) -> {term(), term()}.
generate_key(Type, Params, Private) ->
    try ?explained(none, gerl_crypto_keys:generate(Type, Params, Private))
    catch
        error:{badarg, {"ec.c", Line}, _} = Reason ->
            erlang:error(Reason, [Type, Params, Private], [{error_info, #{erl_function_arg_num => if Line =:= 489 -> 2; true -> 1 end}}])
    end.

%%% ---- engines ---------------------------------------------------------------------------------------

%% Engines are libraries in C that OpenSSL loads; there is no OpenSSL here, so there are none.

-type engine_ref() :: term().

-doc "The kinds of methods that engines can have: none, since there are no engines.".
-spec engine_get_all_methods() -> [].
engine_get_all_methods() -> [].

-doc "Loads an engine, which is not supported.".
-spec engine_load(unicode:chardata(), [term()], [term()]) -> {error, bad_engine_id}.
engine_load(Id, Before, After) when is_list(Before), is_list(After) ->
    _ = unicode:characters_to_binary(Id),
    {error, bad_engine_id}.

-doc "The engines that are loaded: none.".
-spec engine_list() -> [].
engine_list() -> [].

-doc "An engine by its name: there is none.".
-spec engine_by_id(unicode:chardata()) -> {error, bad_engine_id}.
engine_by_id(_) -> {error, bad_engine_id}.

-doc "Loads an engine unless it is there, which is not supported.".
-spec ensure_engine_loaded(unicode:chardata(), unicode:chardata()) -> {error, ctrl_cmd_failed}.
ensure_engine_loaded(_, _) -> {error, ctrl_cmd_failed}.

-doc "Unloads an engine: nothing is one.".
-spec engine_unload(engine_ref()) -> no_return().
engine_unload(_) -> erlang:error(badarg).

-doc "Sends a command to an engine: nothing is one.".
-spec engine_ctrl_cmd_string(engine_ref(), unicode:chardata(), unicode:chardata()) -> no_return().
engine_ctrl_cmd_string(_, _, _) -> erlang:error(badarg).

-doc "Sends a command to an engine: nothing is one.".
-spec engine_ctrl_cmd_string(engine_ref(), unicode:chardata(), unicode:chardata(), boolean()) -> no_return().
engine_ctrl_cmd_string(_, _, _, _) -> erlang:error(badarg).

-doc "Adds an engine to the list: nothing is one.".
-spec engine_add(engine_ref()) -> no_return().
engine_add(_) -> erlang:error(badarg).

-doc "Takes an engine from the list: nothing is one.".
-spec engine_remove(engine_ref()) -> no_return().
engine_remove(_) -> erlang:error(badarg).

-doc "Makes an engine serve methods: nothing is one.".
-spec engine_register(engine_ref(), [atom()]) -> no_return().
engine_register(_, _) -> erlang:error(badarg).

-doc "Ends that: nothing is an engine.".
-spec engine_unregister(engine_ref(), [atom()]) -> no_return().
engine_unregister(_, _) -> erlang:error(badarg).

-doc "The id of an engine: nothing is one.".
-spec engine_get_id(engine_ref()) -> no_return().
engine_get_id(_) -> erlang:error(badarg).

-doc "The name of an engine: nothing is one.".
-spec engine_get_name(engine_ref()) -> no_return().
engine_get_name(_) -> erlang:error(badarg).

%%% ---- secrets -----------------------------------------------------------------------------------------

-doc "The secret that two key pairs have in common.".
-spec compute_key(atom(), term(), term(), term()) -> binary().
compute_key(Type, OthersPublic, MyPrivate, Params) ->
    ?explained(none,
               gerl_crypto_keys:compute(Type, OthersPublic, MyPrivate, Params)).

-doc "The public key of a private one.".
-spec privkey_to_pubkey(rsa | dss, list()) -> [non_neg_integer()] | {error, not_found | notsup}.
privkey_to_pubkey(Type, Key) when is_map(Key), Type =:= rsa orelse Type =:= dss orelse Type =:= ecdsa ->
    gerl_crypto_keys:no_engine(Key, fun() -> {error, not_found} end);
privkey_to_pubkey(Type, Key) when Type =:= rsa; Type =:= dss ->
    try
        true = lists:member(length(Key), case Type of rsa -> [3, 8]; dss -> [4] end),
        [binary:decode_unsigned(Bytes) || Bytes <- gerl_crypto_keys:public(Type, Key)]
    catch error:_ -> {error, not_found}
    end;
privkey_to_pubkey(ecdsa, _) -> {error, notsup};
privkey_to_pubkey(Type, Key) -> erlang:error(function_clause, [Type, Key]).

-doc "Makes a secret for the owner of a public key: {Secret, WhatToSend}.".
-spec encapsulate_key(atom(), binary()) -> {binary(), binary()}.
encapsulate_key(Type, Public) -> ?explained([Type, Public], gerl_crypto_keys:encapsulate(Type, Public)).

-doc "The secret that somebody made for the owner of a private key.".
-spec decapsulate_key(atom(), binary(), binary()) -> binary().
decapsulate_key(Type, Private, Sent) -> ?explained([Type, Private, Sent], gerl_crypto_keys:decapsulate(Type, Private, Sent)).

-doc "Signs a message, or the digest of one.".
-spec sign(atom(), atom(), iodata() | {digest, iodata()}, term()) -> binary().
sign(Algorithm, Digest, Message, Key) -> sign(Algorithm, Digest, Message, Key, []).

-doc "Signs a message, or the digest of one, with options.".
-spec sign(atom(), atom(), iodata() | {digest, iodata()}, term(), list()) -> binary().
sign(Algorithm, Digest, Message, Key, Options) ->
    ?explained(none,
               gerl_crypto_keys:sign(Algorithm, Digest, Message, Key, Options)).

-doc "Checks a signature.".
-spec verify(atom(), atom(), iodata() | {digest, iodata()}, binary(), term()) -> boolean().
verify(Algorithm, Digest, Message, Signature, Key) -> verify(Algorithm, Digest, Message, Signature, Key, []).

-doc "Checks a signature with options.".
-spec verify(atom(), atom(), iodata() | {digest, iodata()}, binary(), term(), list()) -> boolean().
verify(Algorithm, Digest, Message, Signature, Key, Options) ->
    ?explained(none,
               gerl_crypto_keys:verify(Algorithm, Digest, Message, Signature, Key, Options)).

-doc "Encrypts for the owner of a public key.".
-spec public_encrypt(rsa, binary(), list(), atom() | list()) -> binary().
public_encrypt(Type, Text, Key, Options) ->
    ?explained(none,
               gerl_crypto_keys:crypt(public_encrypt, Type, Text, Key, Options)).

-doc "Decrypts with the private key.".
-spec private_decrypt(rsa, binary(), list(), atom() | list()) -> binary().
private_decrypt(Type, Text, Key, Options) ->
    ?explained(none,
               gerl_crypto_keys:crypt(private_decrypt, Type, Text, Key, Options)).

-doc "Encrypts with the private key.".
-spec private_encrypt(rsa, binary(), list(), atom() | list()) -> binary().
private_encrypt(Type, Text, Key, Options) ->
    ?explained(none,
               gerl_crypto_keys:crypt(private_encrypt, Type, Text, Key, Options)).

-doc "Decrypts with the public key.".
-spec public_decrypt(rsa, binary(), list(), atom() | list()) -> binary().
public_decrypt(Type, Text, Key, Options) ->
    ?explained(none,
               gerl_crypto_keys:crypt(public_decrypt, Type, Text, Key, Options)).

-doc "What a curve is made of: its field, the numbers a and b with a seed, the base point, the order and the cofactor.".
-spec ec_curve(atom()) -> {{prime_field, binary()}, {binary(), binary(), binary()}, binary(), binary(), binary()}.
ec_curve(Name) -> gerl_crypto_curves:curve(Name).

%%% ---- random numbers ------------------------------------------------------------------------

-doc "Random bytes that nobody can guess.".
-spec strong_rand_bytes(non_neg_integer()) -> binary().
strong_rand_bytes(Count) -> gerl_crypto:rand_bytes(Count).

-doc "A random number below Range that nobody can guess; a Range in bytes gives a number in bytes.".
-spec strong_rand_range(pos_integer() | binary()) -> non_neg_integer() | binary().
strong_rand_range(Range) when is_integer(Range), Range > 0 -> uniform(Range) - 1;
strong_rand_range(Range) when is_binary(Range) ->
    case binary:decode_unsigned(Range) of
        N when N > 0 -> binary:encode_unsigned(uniform(N) - 1);
        _ -> erlang:error(badarg, [Range])
    end;
strong_rand_range(Range) -> erlang:error(badarg, [Range]).

-doc false.
-spec rand_uniform(integer(), integer()) -> integer().
rand_uniform(Low, High) when is_integer(Low), is_integer(High), Low < High -> Low + uniform(High - Low) - 1;
rand_uniform(Low, High) -> erlang:error(badarg, [Low, High]).

%% A number from 1 to Range. More bits than needed make the remainder even enough: 64 more.
uniform(Range) ->
    Bytes = (bit_length(Range) + 7) div 8 + 8,
    1 + binary:decode_unsigned(strong_rand_bytes(Bytes)) rem Range.

bit_length(N) -> length(integer_to_list(N, 2)).

-doc "Makes rand use this module's generator in this process.".
-spec rand_seed() -> rand:state().
rand_seed() -> rand:seed(rand_seed_s()).

-doc "A state of rand for this module's generator.".
-spec rand_seed_s() -> rand:state().
rand_seed_s() -> rand_seed_alg_s(crypto).

-doc "Adds to the entropy: the operating system has enough.".
-spec rand_seed(iodata()) -> ok.
rand_seed(Seed) ->
    _ = bytes(Seed),
    ok.

-doc "Makes rand use a generator of this module in this process.".
-spec rand_seed_alg(atom()) -> rand:state().
rand_seed_alg(Alg) -> rand:seed(rand_seed_alg_s(Alg)).

-doc "Makes rand use a generator of this module with a seed in this process.".
-spec rand_seed_alg(atom(), term()) -> rand:state().
rand_seed_alg(Alg, Seed) -> rand:seed(rand_seed_alg_s(Alg, Seed)).

-doc "A state of rand for a generator of this module.".
-spec rand_seed_alg_s(crypto | crypto_cache) -> rand:state().
rand_seed_alg_s(crypto) ->
    {#{type => crypto, bits => 64, next => fun ?MODULE:rand_plugin_next/1, bytes => fun ?MODULE:rand_plugin_bytes/2,
       uniform => fun ?MODULE:rand_plugin_uniform/1, uniform_n => fun ?MODULE:rand_plugin_uniform/2},
     no_seed};
rand_seed_alg_s(crypto_cache) ->
    {#{type => crypto_cache, bits => 56, next => fun ?MODULE:rand_cache_plugin_next/1,
       bytes => fun ?MODULE:rand_cache_plugin_bytes/2},
     {56, gerl_crypto_rand:cache_bytes(7), <<>>}};
rand_seed_alg_s(Alg) -> erlang:error({bad_generator, Alg}).

-doc "A state of rand for a generator of this module with a seed.".
-spec rand_seed_alg_s(crypto_aes | crypto_prng1, iodata()) -> rand:state().
rand_seed_alg_s(crypto_aes, Seed) ->
    {#{type => crypto_aes, bits => 58, next => fun ?MODULE:rand_plugin_aes_next/1, jump => fun ?MODULE:rand_plugin_aes_jump/1},
     gerl_crypto_rand:aes_seed(Seed)};
rand_seed_alg_s(crypto_prng1, Seed) ->
    {#{type => crypto_prng1, bits => 58, next => fun ?MODULE:rand_plugin_prng_next/1, jump => fun ?MODULE:rand_plugin_prng_jump/1,
       bytes => fun ?MODULE:rand_plugin_prng_bytes/2},
     gerl_crypto_rand:stream_seed(Seed)};
rand_seed_alg_s(Alg, Seed) -> erlang:error(function_clause, [Alg, Seed]).

-doc false.
-spec rand_plugin_aes_next(term()) -> {non_neg_integer(), term()}.
rand_plugin_aes_next(State) -> gerl_crypto_rand:aes_next(State).

-doc false.
-spec rand_plugin_aes_jump(rand:state()) -> rand:state().
rand_plugin_aes_jump({#{type := crypto_aes} = Handler, State}) ->
    {Handler, gerl_crypto_rand:aes_jump(fun rand:exro928_jump_2pow512/1, State)}.

-doc false.
-spec rand_plugin_aes_jump_2pow20(term()) -> term().
rand_plugin_aes_jump_2pow20(State) -> gerl_crypto_rand:aes_jump(fun rand:exro928_jump_2pow20/1, State).

-doc false.
-spec rand_plugin_prng_next(term()) -> {non_neg_integer(), term()}.
rand_plugin_prng_next(State) -> gerl_crypto_rand:stream_next(State).

-doc false.
-spec rand_plugin_prng_bytes(non_neg_integer(), rand:state()) -> {binary(), rand:state()}.
rand_plugin_prng_bytes(Count, State) -> gerl_crypto_rand:stream_bytes(Count, State).

-doc false.
-spec rand_plugin_prng_jump(rand:state()) -> rand:state().
rand_plugin_prng_jump(State) -> gerl_crypto_rand:stream_jump(State).

-doc false.
-spec rand_plugin_next(term()) -> {non_neg_integer(), term()}.
rand_plugin_next(Seed) ->
    <<N:64>> = strong_rand_bytes(8),
    {N, Seed}.

-doc false.
-spec rand_plugin_bytes(non_neg_integer(), term()) -> {binary(), term()}.
rand_plugin_bytes(Count, Seed) -> {strong_rand_bytes(Count), Seed}.

-doc false.
-spec rand_plugin_uniform(term()) -> {float(), term()}.
rand_plugin_uniform(State) ->
    <<N:53, _:3>> = strong_rand_bytes(7),
    {N * 1.1102230246251565e-16, State}.

-doc false.
-spec rand_plugin_uniform(pos_integer(), term()) -> {pos_integer(), term()}.
rand_plugin_uniform(Max, State) -> {uniform(Max), State}.

-doc false.
-spec rand_cache_plugin_next(term()) -> {non_neg_integer(), term()}.
rand_cache_plugin_next({Bits, Size, <<>>}) -> rand_cache_plugin_next({Bits, Size, strong_rand_bytes(Size)});
rand_cache_plugin_next({Bits, Size, Cache}) ->
    <<N:Bits, Rest/binary>> = Cache,
    {N, {Bits, Size, Rest}}.

-doc false.
-spec rand_cache_plugin_bytes(non_neg_integer(), term()) -> {binary(), term()}.
rand_cache_plugin_bytes(Count, Seed) -> {strong_rand_bytes(Count), Seed}.

%%% ---- numbers -------------------------------------------------------------------------------

-doc "The exclusive or of two pieces of data of equal length.".
-spec exor(iodata(), iodata()) -> binary().
exor(A, B) -> gerl_crypto:exor(bytes(A), bytes(B)).

-doc "Base to the power of Exponent modulo Modulus, as bytes.".
-spec mod_pow(binary() | integer(), binary() | integer(), binary() | integer()) -> binary() | error.
mod_pow(Base, Exponent, Modulus) ->
    [B, E, M] = [whole(N) || N <- [Base, Exponent, Modulus]],
    case {binary:decode_unsigned(E), binary:decode_unsigned(M)} of
        {0, 0} -> <<1>>;
        {_, 0} -> erlang:error(badarg);
        _ -> gerl_crypto:mod_pow(B, E, M)
    end.

%% The bytes of a negative number are those of its two's complement, and count as a positive one.
whole(N) when is_integer(N), N < 0 ->
    Bytes = byte_size(binary:encode_unsigned(-N - 1 bor 1)),
    case N >= -(1 bsl (8 * Bytes - 1)) of
        true -> <<N:Bytes/unit:8>>;
        false -> <<N:(Bytes + 1)/unit:8>>
    end;
whole(N) -> gerl_crypto_keys:number(N).

-doc "The number that bytes stand for.".
-spec bytes_to_integer(binary()) -> non_neg_integer().
bytes_to_integer(Bytes) when is_binary(Bytes) -> binary:decode_unsigned(Bytes).
