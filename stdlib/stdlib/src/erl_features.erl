-module(erl_features).
-moduledoc "The language features of OTP 29 that can be switched.".

-export([all/0, configurable/0, info/1, short/1, long/1, keywords/0, keywords/1, used/1, enabled/0, format_error/1,
         format_error/2, init_parse_state/2, update_parse_state/4,
         keyword_fun/2, keyword_fun/4]).

-export_type([feature/0]).

-type feature() :: atom().

-doc "All features.".
-spec all() -> [feature()].
all() -> [compr_assign, maybe_expr].

-doc "The features that can be switched on or off.".
-spec configurable() -> [feature()].
configurable() -> all().

-doc "Facts about a feature.".
-spec info(feature()) -> #{atom() => term()}.
info(compr_assign) ->
    #{description => "Matches with = among the qualifiers of comprehensions (EEP 77).",
      short => "Assignment in comprehensions (EEP77)", type => extension, keywords => [], status => experimental,
      experimental => 29};
info(maybe_expr) ->
    #{description => "The maybe expression (EEP 49).", short => "Value based error handling (EEP49)",
      type => extension, keywords => ['maybe', 'else'], status => approved, experimental => 25, approved => 27};
info(Feature) ->
    error(invalid_feature, [Feature], [{error_info, #{module => erl_stdlib_errors}}]).

-doc "A line about a feature.".
-spec short(feature()) -> iolist().
short(Feature) ->
    #{short := Short, status := Status} = Info = info(Feature),
    io_lib:format("~-40s ~-12s (~p)", [Short, Status, map_get(Status, Info)]).

-doc "A text about a feature.".
-spec long(feature()) -> iolist().
long(Feature) ->
    #{short := Short, description := Description, type := Type, keywords := Words} = Info = info(Feature),
    Stages = [io_lib:format("~-12s (~p)\n", [Stage, map_get(Stage, Info)])
              || Stage <- [permanent, rejected, approved, experimental], is_map_key(Stage, Info)],
    io_lib:format("~s - ~s\n  Type       ~s\n  Status     ~s~s\n~s\n",
                  [Feature, Short, Type, lists:join("             ", Stages),
                   case Words of [] -> ""; _ -> io_lib:format("  Keywords   ~p\n", [Words]) end, Description]).

-doc "The reserved words of features that are on unless code says otherwise.".
-spec keywords() -> [atom()].
keywords() -> keywords(maybe_expr).

-doc "The reserved words of a feature.".
-spec keywords(feature()) -> [atom()].
keywords(Feature) -> maps:get(keywords, info(Feature)).

-doc "The features that were on when a module was compiled.".
-spec used(module()) -> [feature()] | not_found.
used(Module) when is_list(Module) -> not_found;
used(Module) ->
    case code:get_object_code(Module) of
        {_, Beam, _} ->
            case beam_lib:chunks(Beam, ["Meta"], [allow_missing_chunks]) of
                {ok, {_, [{_, Meta}]}} when is_binary(Meta) ->
                    proplists:get_value(enabled_features, binary_to_term(Meta), []);
                _ -> not_found
            end;
        error -> not_found
    end.

-doc "The features that are on in this node.".
-spec enabled() -> [feature()].
enabled() ->
    case persistent_term:get(?MODULE, none) of
        none ->
            Features = lists:foldl(fun switch/2, [maybe_expr], switches()),
            persistent_term:put(?MODULE, Features),
            Features;
        Features ->
            Features
    end.

%% erl's flags, in order.
switches() ->
    [{Flag, list_to_atom(F)} || {Flag, Values} <- init:get_arguments(),
                                Flag =:= 'enable-feature' orelse Flag =:= 'disable-feature', F <- Values].

switch({'enable-feature', all}, _) -> all();
switch({'disable-feature', all}, _) -> [];
switch({'enable-feature', F}, On) -> lists:usort([F | On]);
switch({'disable-feature', F}, On) -> lists:delete(F, On).

-doc false.
keyword_fun(Options, WordFun) -> init_parse_state(Options, WordFun).

-doc false.
keyword_fun(How, Feature, On, WordFun) -> update_parse_state(How, Feature, On, WordFun).

-doc false.
init_parse_state(Options, WordFun) ->
    lists:foldl(fun({feature, Feature, How}, {ok, {On, Words}}) -> update_parse_state(How, Feature, On, Words);
                   (_, Result) -> Result
                end, {ok, {[], reserve([maybe_expr], WordFun)}}, Options).

-doc false.
update_parse_state(How, Feature, On, WordFun) ->
    case lists:member(Feature, all()) of
        false -> {error, {?MODULE, {invalid_features, [Feature]}}};
        true when How =:= enable -> {ok, {[Feature | lists:delete(Feature, On)], reserve([Feature], WordFun)}};
        true ->
            Words = keywords(Feature),
            {ok, {lists:delete(Feature, On), fun(W) -> not lists:member(W, Words) andalso WordFun(W) end}}
    end.

reserve(Features, WordFun) ->
    Words = lists:flatmap(fun keywords/1, Features),
    fun(W) -> lists:member(W, Words) orelse WordFun(W) end.

-doc "The message for an error descriptor.".
-spec format_error(term()) -> iolist().
format_error(Reason) -> format_error(Reason, []).

-doc "The message for an error descriptor.".
-spec format_error(term(), term()) -> iolist().
format_error({invalid_features, [Feature]}, _) ->
    io_lib:format("the feature '~p' does not exist.", [Feature]);
format_error({invalid_features, Features}, _) ->
    io_lib:format("the features ~p do not exist.", [Features]);
format_error(Reason, _) ->
    io_lib:format("~p", [Reason]).
