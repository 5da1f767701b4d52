-module(gerl_assembly).
-moduledoc "Assembly listings as terms. Internal.".

-export([term/1]).

-doc "{Module, Exports, Attributes, Functions, Labels} for the text of a listing.".
-spec term(unicode:chardata()) -> tuple().
term(Text) ->
    Terms = terms(unicode:characters_to_list(Text), {1, 1}),
    Get = fun(Key, Default) -> proplists:get_value(Key, [T || T <- Terms, tuple_size(T) =:= 2], Default) end,
    {Get(module, []), Get(exports, []), Get(attributes, []), functions(Terms), Get(labels, 0)}.

terms(Text, Location) ->
    case erl_scan:tokens([], Text ++ " ", Location) of
        {done, {ok, Tokens, End}, Rest} ->
            {ok, Term} = erl_parse:parse_term(Tokens),
            [Term | case Rest of eof -> []; _ -> terms(Rest, End) end];
        _ -> []
    end.

%% A function's instructions follow it.
functions([{function, Name, Arity, Entry} | Terms]) ->
    {Code, Rest} = lists:splitwith(fun(T) -> not (is_tuple(T) andalso element(1, T) =:= function) end, Terms),
    [{function, Name, Arity, Entry, Code} | functions(Rest)];
functions([_ | Terms]) -> functions(Terms);
functions([]) -> [].
