-module(gerl_crypto_ciphers).
-moduledoc "The ciphers of crypto. Internal.".

-export([info/1, init/5, one_time/5, aead/7, aead_state/4, aead_with/4, tag_length/1]).

-include("crypto_errors.hrl").

-doc "Sizes and mode of a cipher.".
-spec info(atom()) -> map() | undefined.
info(Cipher) when is_atom(Cipher) ->
    case lists:member(Cipher, crypto:supports(ciphers)) of
        true -> facts(full_name(Cipher));
        false -> undefined
    end;
info(_) -> undefined.

%% aes_cbc means aes_128_cbc until a key says more.
full_name(Cipher) ->
    case atom_to_list(Cipher) of
        "aes_" ++ [C | _] = Name when C >= $a -> "aes_128_" ++ lists:nthtail(4, Name);
        Name -> Name
    end.

facts("aes_" ++ Rest) ->
    [Bits, Mode] = string:split(Rest, "_"),
    Key = list_to_integer(Bits) div 8,
    {Family, IV, Block, Offset} = case Mode of
        "ecb" -> {ecb_mode, 0, 16, 0};
        "cbc" -> {cbc_mode, 16, 16, 1};
        "ofb" -> {ofb_mode, 16, 1, 2};
        "cfb" ++ _ -> {cfb_mode, 16, 1, 3};
        "ctr" -> {ctr_mode, 16, 1, undefined};
        "gcm" -> {gcm_mode, 12, 1, gcm};
        "ccm" -> {ccm_mode, 12, 1, ccm}
    end,
    Step = Key div 8 - 2,
    Number = case Offset of
        undefined -> undefined;
        gcm -> 895 + 3 * Step;
        ccm -> 896 + 3 * Step;
        N -> 418 + 4 * Step + N
    end,
    described(Number, Family, Key, IV, Block);
facts("des_ede3_cbc") -> described(44, cbc_mode, 24, 8, 8);
facts("des_ede3_cfb") -> described(61, cfb_mode, 24, 8, 1);
facts("des_cbc") -> described(31, cbc_mode, 8, 8, 8);
facts("des_cfb") -> described(30, cfb_mode, 8, 8, 1);
facts("des_ecb") -> described(29, ecb_mode, 8, 0, 8);
facts("blowfish_cbc") -> described(91, cbc_mode, 16, 8, 8);
facts("blowfish_cfb64") -> described(undefined, cfb_mode, 16, 8, 1);
facts("blowfish_ecb") -> described(undefined, ecb_mode, 16, 0, 8);
facts("blowfish_ofb64") -> described(undefined, ofb_mode, 16, 8, 1);
facts("sm4_ecb") -> described(1133, ecb_mode, 16, 0, 16);
facts("sm4_cbc") -> described(1134, cbc_mode, 16, 16, 16);
facts("sm4_ofb") -> described(1135, ofb_mode, 16, 16, 1);
facts("sm4_cfb") -> described(1137, cfb_mode, 16, 16, 1);
facts("sm4_ctr") -> described(1139, ctr_mode, 16, 16, 1);
facts("sm4_gcm") -> described(undefined, gcm_mode, 16, 12, 1);
facts("sm4_ccm") -> described(undefined, ccm_mode, 16, 12, 1);
facts("rc2_cbc") -> described(37, cbc_mode, 16, 8, 8);
facts("rc4") -> described(5, stream_cipher, 16, 0, 1);
facts("chacha20") -> described(undefined, stream_cipher, 32, 16, 1);
facts("chacha20_poly1305") -> (described(undefined, stream_cipher, 32, 12, 1))#{prop_aead := true}.

described(Number, Mode, Key, IV, Block) ->
    #{type => Number, mode => Mode, key_length => Key, iv_length => IV, block_size => Block,
      prop_aead => Mode =:= gcm_mode orelse Mode =:= ccm_mode}.

-doc "Begins to encrypt or decrypt.".
-spec init(atom(), iodata(), iodata(), boolean() | list(), Argument :: pos_integer()) -> reference().
init(Cipher, Key, IV, Options, Argument) ->
    is_atom(Cipher) orelse ?bad("api_ng.c", 707, "Expected cipher name atom", 1),
    Known = options(Options, Argument),
    state(Cipher, key(Cipher, Key), IV, Known, case Argument of 3 -> undefined; _ -> 3 end).

state(Cipher, Key, IV, {Encrypt, Padding}, Place) ->
    I = try iolist_to_binary(IV) catch error:badarg -> bad end,
    case gerl_crypto:cipher_init(Cipher, Key, case I of bad -> <<>>; _ -> I end, Encrypt, Padding) of
        {error, cipher} -> ?bad("api_ng.c", 244, "Unknown cipher", 1);
        {error, aead} -> ?bad("api_ng.c", 252, "Missing arguments for this cipher", 1);
        {error, key_size} -> late_key(Cipher, I, Place);
        _ when I =:= bad -> ?bad("api_ng.c", 303, "Bad iv type", 3);
        {error, iv_size} -> ?bad("api_ng.c", 309, "Bad iv size", Place);
        State -> State
    end.

%% Older ciphers have no sizes to be known by: their keys come after the initial vector.
-spec late_key(atom(), binary() | bad, 3 | undefined) -> no_return().
late_key(Cipher, IV, Place) ->
    Older = lists:any(fun(Prefix) -> lists:prefix(Prefix, atom_to_list(Cipher)) end, ["des_", "blowfish_", "rc"]),
    #{iv_length := Length} = info(Cipher),
    if
        Older, IV =:= bad -> ?bad("api_ng.c", 303, "Bad iv type", 3);
        Older, byte_size(IV) =/= Length -> ?bad("api_ng.c", 309, "Bad iv size", Place);
        Older -> ?failed("api_ng.c", 362, "Can't initialize context, key_length");
        true -> ?bad("api_ng.c", 246, "Bad key size", 2)
    end.

%% The key of a cipher whose name leaves the size open is measured first.
key(Cipher, Key) ->
    lists:member(Cipher, [aes_cbc, aes_ccm, aes_cfb128, aes_cfb8, aes_ctr, aes_ecb, aes_gcm]) andalso iolist_size(Key),
    try iolist_to_binary(Key) catch error:badarg -> ?bad("api_ng.c", 230, "Bad key", 2) end.

options(Encrypt, _) when is_boolean(Encrypt) -> {Encrypt, undefined};
options(Options, Argument) ->
    try length(Options) catch error:badarg -> ?bad("api_ng.c", 122, "Options are not a boolean or a proper list", Argument) end,
    options(Options, {true, undefined}, Argument).

options([{encrypt, E} | Rest], {_, P}, Argument) ->
    is_boolean(E) orelse ?bad("api_ng.c", 140, "The 'encrypt' option is not a boolean", Argument),
    options(Rest, {E, P}, Argument);
options([{padding, P} | Rest], {E, _}, Argument) ->
    lists:member(P, [undefined, none, pkcs_padding, zero, random]) orelse ?bad("api_ng.c", 170, "Bad 'padding' option value", Argument),
    options(Rest, {E, P}, Argument);
options([{Tag, _} | _], _, Argument) ->
    ?bad("api_ng.c", 176, lists:flatten(io_lib:format("Bad tag in option: ~p", [Tag])), Argument);
options([], Known, _) -> Known;
options(_, _, Argument) -> ?bad("api_ng.c", 141, "Options must be a property list!", Argument).

-doc "Encrypts or decrypts data as a whole.".
-spec one_time(atom(), iodata(), iodata(), {iodata(), Argument}, {boolean() | list(), Argument}) -> binary()
          when Argument :: pos_integer().
one_time(Cipher, Key, IV, {Data, DataArgument}, {Options, Argument}) ->
    Bytes = try iolist_to_binary(Data)
            catch error:badarg -> ?bad("api_ng.c", 851, "expected binary as data", DataArgument)
            end,
    {Encrypt, _} = Known = options(Options, Argument),
    K = key(Cipher, Key),
    is_atom(Cipher) orelse ?bad("api_ng.c", 237, "Cipher id is not an atom", 1),
    State = state(Cipher, K, IV, Known, case DataArgument of 3 -> undefined; _ -> 3 end),
    Out = gerl_crypto:cipher_update(State, Bytes),
    Rest = try crypto:crypto_final(State)
           catch error:{error, {"api_ng.c", 608}, _} when not Encrypt -> ?failed("api_ng.c", 636, "Can't finalize")
           end,
    <<Out/binary, Rest/binary>>.

-doc "The usual length of a cipher's tag.".
-spec tag_length(atom()) -> integer().
tag_length(Cipher) ->
    case info(Cipher) of
        #{mode := ccm_mode} when Cipher =/= sm4_ccm -> 12;
        #{prop_aead := true} -> 16;
        _ -> erlang:error({badarg, "Not an AEAD cipher"})
    end.

-doc "Encrypts with authentication, or decrypts and checks the tag.".
-spec aead(atom(), iodata(), iodata(), iodata(), iodata(), term(), boolean()) -> {binary(), binary()} | binary() | error.
aead(Cipher, Key, IV, Text, AAD, Tag, Encrypt) ->
    Measured = Cipher =:= aes_gcm orelse Cipher =:= aes_ccm,
    Measured andalso iolist_size(Key),
    is_boolean(Encrypt) orelse ?bad("aead.c", 180, "Bad enc flag", 7),
    is_atom(Cipher) orelse ?bad("aead.c", 187, "non-atom cipher type", 1),
    K = binary_or(Key, 189, "non-binary key", 2),
    I = binary_or(IV, 191, "non-binary iv", 3),
    T = binary_or(Text, 193, "non-binary text", 4),
    A = binary_or(AAD, 197, "non-binary AAD", 5),
    Encrypt =:= false orelse is_integer(Tag) andalso Tag >= 0 orelse ?bad("aead.c", 201, "Bad Tag length", 6),
    Encrypt orelse binary_or(Tag, 205, "non-binary Tag", 6),
    case gerl_crypto:aead(Cipher, K, I, T, A, Tag, Encrypt) of
        {error, key_size} -> ?bad("aead.c", 218, "Unknown cipher or invalid key size", 1);
        {error, cipher} -> ?bad("aead.c", 222, "Not aead cipher", 1);
        {error, iv} -> ?bad("aead.c", 281, "Bad IV length", 3);
        {error, ccm_tag} when byte_size(I) < 7 -> ?bad("aead.c", 281, "Bad IV length", 3);
        {error, ccm_tag} -> ?bad("aead.c", 286, "Can't set tag", 6);
        {error, tag} -> ?failed("aead.c", 332, "Can't get Tag");
        Result -> Result
    end.

-doc "What `aead_with/4` needs for several messages with the same key.".
-spec aead_state(atom(), binary(), integer(), boolean()) -> tuple().
aead_state(Cipher, Key, TagLength, Encrypt) ->
    is_boolean(Encrypt) orelse ?bad("aead.c", 95, "Bad enc flag", 4),
    is_atom(Cipher) orelse ?bad("aead.c", 102, "non-atom cipher type", 1),
    TagLength >= 0 orelse ?bad("aead.c", 109, "Bad Tag length", 3),
    case info(Cipher) of
        #{prop_aead := true, key_length := Length} when Length =:= byte_size(Key) -> ok;
        #{prop_aead := false, key_length := Length} when Length =:= byte_size(Key) -> ?bad("aead.c", 120, "Not aead cipher", 1);
        #{prop_aead := true} when Cipher =:= aes_gcm, byte_size(Key) =:= 24 orelse byte_size(Key) =:= 32 -> ok;
        #{prop_aead := true} when Cipher =:= aes_ccm, byte_size(Key) =:= 24 orelse byte_size(Key) =:= 32 -> ok;
        _ -> ?bad("aead.c", 116, "Unknown cipher or invalid key size", 1)
    end,
    {crypto_aead, Cipher, Key, TagLength, Encrypt}.

-doc "Encrypts or decrypts a message; its tag stands behind the text.".
-spec aead_with(tuple(), iodata(), iodata(), iodata()) -> binary() | error.
aead_with({crypto_aead, Cipher, Key, TagLength, Encrypt}, IV, Text, AAD) ->
    I = binary_or(IV, 249, "non-binary iv", 2),
    T = binary_or(Text, 251, "non-binary text", 3),
    A = binary_or(AAD, 256, "non-binary AAD", 4),
    case byte_size(T) - TagLength of
        _ when Encrypt ->
            {Out, Tag} = aead(Cipher, Key, I, T, A, TagLength, true),
            <<Out/binary, Tag/binary>>;
        Size when Size >= 0 ->
            <<Sealed:Size/binary, Tag/binary>> = T,
            aead(Cipher, Key, I, Sealed, A, Tag, false);
        _ -> error
    end;
aead_with(_, _, _, _) -> ?bad("aead.c", 244, "Bad State", 1).

binary_or(Data, Line, Complaint, Argument) ->
    try iolist_to_binary(Data)
    catch error:badarg -> ?bad("aead.c", Line, Complaint, Argument)
    end.
