-module(gerl_captured_io).
-moduledoc "The I/O protocol of a device that keeps what is written to it and has nothing to read. Internal.".

-export([request/1]).

-doc "The answer to a request, and the text it writes (UTF-8).".
-spec request(term()) -> {Reply :: term(), [binary()]}.
request({put_chars, Encoding, Chars}) ->
    case unicode:characters_to_binary(Chars, Encoding, utf8) of
        Text when is_binary(Text) -> {ok, [Text]};
        _ -> {{error, put_chars}, []}
    end;
request({put_chars, Encoding, M, F, A}) ->
    try apply(M, F, A) of
        Chars -> request({put_chars, Encoding, Chars})
    catch
        _:_ -> {{error, F}, []}
    end;
request({put_chars, Chars}) -> request({put_chars, latin1, Chars});
request({put_chars, M, F, A}) -> request({put_chars, latin1, M, F, A});
request({requests, Requests}) -> in_turn(Requests, ok, []);
request({setopts, _}) -> {ok, []};
request(getopts) -> {[{binary, false}, {encoding, unicode}], []};
request({get_geometry, _}) -> {{error, enotsup}, []};
request(Request) when is_tuple(Request), is_atom(element(1, Request)) ->
    case lists:prefix("get_", atom_to_list(element(1, Request))) of
        true -> {eof, []};
        false -> {{error, request}, []}
    end;
request(_) -> {{error, request}, []}.

in_turn([], Reply, Texts) -> {Reply, lists:append(lists:reverse(Texts))};
in_turn([First | Rest], _, Texts) ->
    case request(First) of
        {{error, _} = Error, Text} -> in_turn([], Error, [Text | Texts]);
        {Reply, Text} -> in_turn(Rest, Reply, [Text | Texts])
    end.
