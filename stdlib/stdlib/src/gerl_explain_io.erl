-module(gerl_explain_io).
-moduledoc false.

%% Why a call of module io failed: the device, the format string, or the arguments of the format.

-export([explain/3]).

-doc "The explanations of the arguments of io:Name(Args...).".
-spec explain(atom(), [term()], term()) -> map().
explain(Name, Args, Cause) ->
    {Device, Rest} = device(Name, Args),
    case Cause of
        {io, arguments} -> about_device(Device, <<"the device does not exist">>);
        {io, calling_self} -> about_device(Device, <<"the device is not allowed to be the current process">>);
        {io, terminated} -> about_device(Device, <<"the device has terminated">>);
        {device, {no_translation, From, To}} ->
            about_device(Device, text("device failed to transcode string from ~p to ~p", [From, To]));
        {device, Why} ->
            case gerl_explain:posix(Why) of
                unknown -> shifted(Device, failed(Name, Rest, Why));
                Text when Name =:= put_chars -> maps:merge(shifted(Device, chars(Rest)), about_device(Device, Text));
                Text -> about_device(Device, Text)
            end;
        _ -> #{}
    end.

%% Calls with a device have one argument more.
device(Name, [Device | Rest])
  when Rest =/= [], Name =:= put_chars; Name =:= nl; length(Rest) =:= 1, Name =:= write;
       length(Rest) =:= 2, Name =:= format; length(Rest) =:= 2, Name =:= fwrite -> {{device, Device}, Rest};
device(_, Args) -> {default, Args}.

about_device(default, Text) -> #{general => Text};
about_device({device, _}, Text) -> #{1 => Text}.

shifted(default, Map) -> Map;
shifted({device, _}, Map) ->
    maps:from_list([{case is_integer(N) of true -> N + 1; false -> N end, T} || {N, T} <- maps:to_list(Map)]).

failed(put_chars, _, {put_chars, _, _}) -> #{}; % the device refused the characters: OTP has nothing to add
failed(put_chars, Rest, Why) ->
    case chars(Rest) of
        None when map_size(None) =:= 0 -> unknown(Why);
        Some -> Some
    end;
failed(Name, [Format], Why) when Name =:= format; Name =:= fwrite -> format(Format, [], Why);
failed(Name, [Format, Args], Why) when Name =:= format; Name =:= fwrite -> format(Format, Args, Why);
failed(Name, _, Why) when Name =:= write; Name =:= nl -> unknown(Why);
failed(_, _, _) -> #{}.

chars([Data | _]) ->
    try unicode:characters_to_binary(Data) of
        Bin when is_binary(Bin) -> #{};
        _ -> #{1 => <<"not valid character data (an iodata term)">>}
    catch
        error:_ -> #{1 => <<"not valid character data (an iodata term)">>}
    end.

unknown(Why) -> #{general => text("unknown error: ~tp", [Why])}.

format(Format, Args, Why) ->
    Arguments = gerl_explain:remark(list, Args),
    case {is_format(Format), Arguments} of
        {false, _} ->
            Swapped = (is_pid(Format) orelse is_atom(Format)) andalso is_format(Args),
            with_hint(Swapped, gerl_explain:numbered([<<"not a valid format string">>, Arguments]));
        {true, ok} -> directives(Format, Args, Why);
        {true, _} -> gerl_explain:numbered([ok, Arguments])
    end.

with_hint(true, Map) -> Map#{general => <<"possibly missing argument list">>};
with_hint(false, Map) -> Map.

directives(Format, Args, Why) ->
    case kinds(unicode:characters_to_list(if is_atom(Format) -> atom_to_list(Format); true -> Format end), []) of
        {error, Fault} -> #{1 => text("format string invalid (~ts)", [Fault])};
        {ok, Kinds} when length(Kinds) =/= length(Args) ->
            with_hint(is_atom(Format), #{1 => <<"wrong number of arguments">>});
        {ok, Kinds} ->
            case [text("element ~B must be ~ts", [N, Wanted]) ||
                     {N, Kind, Arg} <- lists:zip3(lists:seq(1, length(Args)), Kinds, Args),
                     (Wanted = wanted(Kind, Arg)) =/= ok] of
                [] when Why =:= format -> #{1 => <<"failed to format string">>};
                [] ->
                    try io_lib:format(Format, Args) of
                        _ -> unknown(Why)
                    catch
                        _:_ -> #{1 => <<"failed to format string">>}
                    end;
                Texts -> #{2 => iolist_to_binary(lists:join($\n, Texts))}
            end
    end.

%% The kinds of arguments that the directives of a format string take, in their order.
kinds(Format, Kinds) ->
    case string:split(Format, "~") of
        [_] -> {ok, lists:append(lists:reverse(Kinds))};
        [_, Directive] ->
            {match, [_, Width, Precision, Pad, Modifiers, Control | Rest]} =
                re:run(Directive, "^(-?[0-9]+|-?\\*)?(?:\\.([0-9]+|\\*)?(?:\\.(\\*|.))?)?([kKlt]*)(.?)(.*)$",
                       [dotall, unicode, {capture, all, list}]),
            Stars = [int || Field <- [Width, Precision, Pad], lists:suffix("*", Field)],
            case control(Control) of
                error when Control =:= [] -> {error, "truncated"};
                error -> {error, "invalid control ~" ++ Control};
                Own -> kinds(lists:append(Rest), [Stars ++ ['fun' || $K <- Modifiers] ++ Own | Kinds])
            end
    end.

control([C]) when C =:= $~; C =:= $n -> [];
control([C]) when C =:= $c; C =:= $b; C =:= $B -> [int];
control([C]) when C =:= $f; C =:= $e; C =:= $g -> [float];
control("s") -> [string];
%% Of + and # OTP does not say what is wrong with their argument.
control([C]) when C =:= $w; C =:= $p; C =:= $i; C =:= $+; C =:= $# -> [term];
control([C]) when C =:= $W; C =:= $P -> [term, int];
control([C]) when C =:= $x; C =:= $X -> [int, string];
control(_) -> error.

wanted(term, _) -> ok;
wanted(int, Arg) when is_integer(Arg) -> ok;
wanted(int, _) -> "of type integer";
wanted(float, Arg) when is_float(Arg) -> ok;
wanted(float, _) -> "of type float";
wanted(string, Arg) when is_atom(Arg); is_binary(Arg) -> ok;
wanted(string, Arg) when is_list(Arg) ->
    try unicode:characters_to_binary(Arg) of _ -> ok catch _:_ -> "of type string" end;
wanted(string, _) -> "of type string";
wanted('fun', Arg) when Arg =:= undefined; Arg =:= ordered; Arg =:= reversed; is_function(Arg, 2) -> ok;
wanted('fun', _) -> "'undefined', 'ordered', 'reversed', or a fun that takes two arguments".

is_format(Format) when is_list(Format) ->
    gerl_explain:remark(plain_list, Format) =:= ok andalso lists:all(fun erlang:is_integer/1, Format);
is_format(Format) -> is_atom(Format) orelse is_binary(Format).

text(Format, Args) -> unicode:characters_to_binary(io_lib:format(Format, Args)).
