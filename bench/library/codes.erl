%% base64, hashes, terms as bytes, characters as bytes, addresses of the web.
-module(codes).
-export([main/1]).
-include("rounds.hrl").

main(["base64_encode"]) ->
    B = bytes(?SIZE(300000)),
    rounds(?ROUNDS(60), fun() -> base64:encode(B) end);
main(["base64_decode"]) ->
    B = base64:encode(bytes(?SIZE(300000))),
    rounds(?ROUNDS(60), fun() -> base64:decode(B) end);
main(["sha256"]) ->
    B = bytes(?SIZE(1000000)),
    rounds(?ROUNDS(300), fun() -> crypto:hash(sha256, B) end);
main(["sha512_short"]) -> rounds(?ROUNDS(300000), fun() -> crypto:hash(sha512, <<"a short text">>) end);
main(["md5"]) ->
    B = bytes(?SIZE(1000000)),
    rounds(?ROUNDS(80), fun() -> erlang:md5(B) end);
main(["hmac"]) -> rounds(?ROUNDS(150000), fun() -> crypto:mac(hmac, sha256, <<"key">>, <<"a short text">>) end);
main(["term_to_binary"]) ->
    T = term(),
    rounds(?ROUNDS(300), fun() -> term_to_binary(T) end);
main(["binary_to_term"]) ->
    B = term_to_binary(term()),
    rounds(?ROUNDS(100), fun() -> binary_to_term(B) end);
main(["term_compressed"]) ->
    T = term(),
    rounds(?ROUNDS(20), fun() -> binary_to_term(term_to_binary(T, [compressed])) end);
main(["to_utf8"]) ->
    L = characters(),
    rounds(?ROUNDS(750), fun() -> unicode:characters_to_binary(L) end);
main(["from_utf8"]) ->
    B = unicode:characters_to_binary(characters()),
    rounds(?ROUNDS(450), fun() -> unicode:characters_to_list(B) end);
main(["to_utf16"]) ->
    B = unicode:characters_to_binary(characters()),
    rounds(?ROUNDS(75), fun() -> unicode:characters_to_binary(B, utf8, {utf16, little}) end);
main(["normal_form"]) ->
    B = unicode:characters_to_binary(characters()),
    rounds(?ROUNDS(30), fun() -> unicode:characters_to_nfc_binary(unicode:characters_to_nfd_binary(B)) end);
main(["uri"]) ->
    U = <<"https://user@example.com:8042/over/there/../here?name=ferret&n=%C3%A4#nose">>,
    rounds(?ROUNDS(10000), fun() -> uri_string:recompose(uri_string:parse(uri_string:normalize(U))) end);
main(["zlib"]) ->
    B = term_to_binary(term()),
    rounds(?ROUNDS(40), fun() -> zlib:uncompress(zlib:compress(B)) end);
main(["crc32"]) ->
    B = bytes(?SIZE(1000000)),
    rounds(?ROUNDS(500), fun() -> erlang:crc32(B) end).

bytes(N) -> << <<(I * 131 bsr 3)>> || I <- lists:seq(1, N) >>.

term() -> [{I, I / 3, "text", <<"binary">>, #{<<"key">> => [I], <<"other">> => 7}, I * 123456789123456789} || I <- lists:seq(1, ?SIZE(5000))].

characters() -> lists:append(lists:duplicate(?SIZE(3000), "plain and " ++ [16#e4, 16#416, 16#65e5, 16#1f600] ++ " others\n")).
