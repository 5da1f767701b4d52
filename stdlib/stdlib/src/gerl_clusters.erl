-module(gerl_clusters).
-moduledoc """
Text as lists of grapheme clusters, for module string, with exact ideas of where a text stops to be one.

Functions over texts look at as much as their answer needs: what comes behind may be anything. So a list of clusters may
end with {stop, Reason, Rest} in place of []: whoever gets there raises Reason. Rest is the text from there on.
""".

-export([is_flat/1, take_pieces/3, alike/3, behind/2]).
-export([read/1, read_bytes/1, read_loosely/1, whole/1, ended/1, build/2, stopped/1]).

-export_type([clusters/0]).

-type cluster() :: char() | [char()] | {byte, byte(), unicode:chardata()}.
-type stop() :: {stop, no_text | function_clause | {badarg, unicode:chardata()}, term()}.
-type clusters() :: maybe_improper_list(cluster(), [] | stop()).

-doc "The clusters of a text, up to its end or to where it stops to be one: a cluster ends only where it goes on as text.".
-spec read(unicode:chardata()) -> clusters().
read(Text) -> read(Text, strict).

-doc "Like read/1, but bytes that are not UTF-8 take part as what they are.".
-spec read_bytes(unicode:chardata()) -> clusters().
read_bytes(Text) -> read(Text, bytes).

-doc "Like read_bytes/1; numbers that are no characters take part, too, and what follows does not matter for a cluster.".
-spec read_loosely(unicode:chardata()) -> clusters().
read_loosely(Text) -> read(Text, loose).

read(Text, Manner) ->
    try
        unicode_util:graphemes(Text)
    catch
        error:_ ->
            case slowly(Text, Manner) of
                {stop, no_text, _} -> {stop, function_clause, Text};
                Clusters -> Clusters
            end
    end.

-doc "The clusters of a text, all of which must be one.".
-spec whole(unicode:chardata()) -> [cluster()].
whole(Text) -> ended(read(Text)).

-doc "The clusters, unless they stop before the text's end.".
-spec ended(clusters()) -> [cluster()].
ended(Clusters) ->
    try length(Clusters) of
        _ -> Clusters
    catch
        error:badarg -> stopped(stop_of(Clusters))
    end.

stop_of([_ | Clusters]) -> stop_of(Clusters);
stop_of(Stop) -> Stop.

-doc "Raises the reason why a text stops, or bad bytes begin.".
-spec stopped(cluster() | stop()) -> no_return().
stopped({stop, Why, Rest}) when Why =:= no_text; Why =:= function_clause ->
    {current_stacktrace, [_ | Callers]} = process_info(self(), current_stacktrace),
    erlang:raise(error, function_clause, [{unicode_util, cp, [Rest], []} | Callers]);
stopped({stop, Reason, _}) -> erlang:error(Reason);
stopped({byte, _, Rest}) -> erlang:error({badarg, Rest}).

slowly(Text, Manner) ->
    try unicode_util:gc(Text) of
        [Cluster | Rest] ->
            case slowly(Rest, Manner) of
                {stop, no_text, _} -> {stop, function_clause, Text};
                Clusters -> [Cluster | Clusters]
            end;
        [] -> [];
        {error, Bad} -> bad_bytes(Bad, Manner)
    catch
        error:_ -> no_text(Text, Manner)
    end.

bad_bytes(Bad, strict) -> {stop, {badarg, Bad}, Bad};
bad_bytes(<<Byte, Rest/binary>> = Bad, Manner) -> [{byte, Byte, Bad} | slowly(Rest, Manner)];
bad_bytes([<<Byte, Rest/binary>> | More] = Bad, Manner) -> [{byte, Byte, Bad} | slowly([Rest | More], Manner)];
bad_bytes(Bad, _) -> {stop, {badarg, Bad}, Bad}.

no_text([Number | Rest], loose) when is_integer(Number) -> [Number | slowly(Rest, loose)];
no_text(Text, loose) -> {stop, function_clause, Text};
no_text(Text, _) -> {stop, no_text, Text}.

-doc "A text of the kind of Like (a binary, or a list of characters) from clusters.".
-spec build(clusters(), unicode:chardata()) -> unicode:chardata().
build(Clusters, Like) when is_binary(Like) ->
    try
        unicode:characters_to_binary(Clusters)
    catch
        error:badarg -> iolist_to_binary(pieces(Clusters))
    end;
build(Clusters, _) -> points(Clusters).

pieces([{byte, Byte, _} | Clusters]) -> [Byte | pieces(Clusters)];
pieces([Cluster | Clusters]) -> [unicode:characters_to_binary([Cluster]) | pieces(Clusters)];
pieces([]) -> [];
pieces({stop, _, Rest}) -> Rest.

points([C | Clusters]) when is_integer(C) -> [C | points(Clusters)];
points([{byte, Byte, _} | Clusters]) -> [<<Byte>> | points(Clusters)];
points([Cluster | Clusters]) -> Cluster ++ points(Clusters);
points([]) -> [];
points({stop, _, Rest}) -> Rest.

-doc "Whether a text has no parts within it.".
-spec is_flat(unicode:chardata()) -> boolean().
is_flat([Part | _]) when is_list(Part); is_binary(Part) -> false;
is_flat([_ | Text]) -> is_flat(Text);
is_flat(_) -> true.

-doc """
The clusters from the beginning of a text on for which In is true, before Taken in reverse, and the rest in the form that it
has. Binaries stay binaries.
""".
-spec take_pieces(fun((char() | [char()]) -> boolean()), unicode:chardata(), list()) -> {unicode:chardata(), unicode:chardata()}.
take_pieces(In, [Bytes | Text], Taken) when is_binary(Bytes) ->
    case take_bytes(In, Bytes) of
        <<>> -> take_pieces(In, Text, [Bytes | Taken]);
        Bytes -> {ending(<<>>, Taken), [Bytes | Text]};
        Behind -> {ending(binary:part(Bytes, 0, byte_size(Bytes) - byte_size(Behind)), Taken), [Behind | Text]}
    end;
take_pieces(In, Bytes, Taken) when is_binary(Bytes) ->
    Behind = take_bytes(In, Bytes),
    {ending(binary:part(Bytes, 0, byte_size(Bytes) - byte_size(Behind)), Taken), Behind};
take_pieces(In, Text, Taken) ->
    case unicode_util:gc(Text) of
        [C | Rest] ->
            case In(C) of
                true when is_list(C) -> take_pieces(In, Rest, lists:reverse(C, Taken));
                true -> take_pieces(In, Rest, [C | Taken]);
                false -> {lists:reverse(Taken), Text}
            end;
        [] when tl(Taken) =:= [], is_binary(hd(Taken)) -> {hd(Taken), []};
        [] -> {lists:reverse(Taken), []}
    end.

take_bytes(In, Bytes) ->
    case unicode_util:gc(Bytes) of
        [C | Rest] ->
            case In(C) of
                true -> take_bytes(In, iolist_to_binary(Rest));
                false -> Bytes
            end;
        [] -> <<>>;
        {error, Bad} -> erlang:error({badarg, Bad})
    end.

ending(Bytes, []) -> Bytes;
ending(Bytes, [C]) when is_integer(C) -> unicode:characters_to_binary([C, Bytes]);
ending(<<>>, Taken) -> lists:reverse(Taken);
ending(Bytes, Taken) -> [lists:reverse(Taken), Bytes].

-doc "Whether two texts have the same code points, of which First gives one and the rest.".
-spec alike(unicode:chardata(), unicode:chardata(), fun((unicode:chardata()) -> list() | {error, term()})) -> boolean().
alike(Text, Text, _) -> true;
alike(A, B, First) ->
    case {First(A), First(B)} of
        {[C | As], [C | Bs]} -> alike(As, Bs, First);
        {As, Bs} when is_list(As), is_list(Bs) -> As =:= Bs;
        Wrong -> erlang:error({case_clause, Wrong})
    end.

-doc "What is behind the first N clusters, in the form that it has in the text.".
-spec behind(non_neg_integer(), unicode:chardata()) -> unicode:chardata().
behind(0, Text) -> Text;
behind(N, Text) ->
    case unicode_util:gc(Text) of
        [_ | Rest] -> behind(N - 1, Rest);
        [] -> [];
        {error, Bad} -> erlang:error({badarg, Bad})
    end.
