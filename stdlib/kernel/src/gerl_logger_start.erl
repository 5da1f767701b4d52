-module(gerl_logger_start).
-moduledoc """
Brings the logger, which runs before there are any parameters of applications, to what the parameters of `kernel` say: `logger`,
`logger_level`, `logger_metadata`, `logger_sasl_compatible` and `error_logger`. Internal.
""".

-export([configure/0]).

-doc "Carries the parameters out; the first that is wrong is thrown as `{bad_config, {kernel, Reason}}`.".
-spec configure() -> ok.
configure() ->
    Items = parameter(logger, []),
    lists:foldl(fun checked/2, Items, Items),
    Filters = only(filters, Items),
    good(logger:update_primary_config(maps:from_list(primary(Filters)))),
    [good(logger:add_primary_filter(Id, Filter)) || {filters, _, List} <- Filters, {Id, Filter} <- named(List)],
    [good(logger:set_module_level(Modules, Level)) || {module_level, Level, Modules} <- Items],
    [good(logger:set_proxy_config(Config)) || {proxy, Config} <- only(proxy, Items)],
    default_handler(device(Items), Items),
    _ = (lists:member({handler, default, undefined}, Items) orelse application:get_env(kernel, error_logger) =:= {ok, false})
        andalso simple_handler(),
    [good(logger:add_handler(Id, Module, Config)) || {handler, Id, Module, Config} <- Items, Id =/= default],
    ok.

primary(Filters) ->
    [{level, Level} || {ok, Level} <- [application:get_env(kernel, logger_level)], is_level(Level) orelse bad({logger_level, Level})]
        ++ [{metadata, Meta} || {ok, Meta} <- [application:get_env(kernel, logger_metadata)], is_map(Meta) orelse bad({logger_metadata, Meta})]
        ++ [{filter_default, Default} || {filters, Default, _} <- Filters].

%% Where the default handler writes, `none` for nowhere.
device(Items) ->
    case application:get_env(kernel, error_logger) of
        undefined ->
            case lists:member({handler, default, undefined}, Items) of
                true -> none;
                false -> standard_io
            end;
        {ok, tty} -> standard_io;
        {ok, {file, Name} = File} when is_list(Name) -> File;
        {ok, Silent} when Silent =:= false; Silent =:= silent -> none;
        {ok, Other} -> bad({error_logger, Other})
    end.

default_handler(Device, Items) ->
    Format = #{formatter => {logger_formatter, #{legacy_header => true, single_line => false}}},
    Wanted = case lists:keyfind(default, 2, Items) of
                 {handler, default, logger_std_h, Config} when Device =/= none ->
                     {logger_std_h, maps:merge(Format#{config => #{type => Device}}, Config)};
                 {handler, default, Module, Config} when Device =/= none -> {Module, maps:merge(Format, Config)};
                 {handler, default, Module, Config} -> {Module, Config};
                 _ when Device =:= none -> none;
                 _ -> {logger_std_h, Format#{config => #{type => Device}}}
             end,
    Compatible = parameter(logger_sasl_compatible, false),
    is_boolean(Compatible) orelse bad({logger_sasl_compatible, Compatible}),
    case Wanted of
        {logger_std_h, _} when Device =:= standard_io, not Compatible, Items =:= [] -> ok; % it runs already
        none -> good(logger:remove_handler(default));
        {Chosen, Settings} ->
            good(logger:remove_handler(default)),
            good(logger:add_handler(default, Chosen, Settings))
    end.

%% Without the default handler the simple one is left.
simple_handler() ->
    good(logger:add_handler(simple, logger_simple_h, #{filter_default => stop, filters => logger_server:default_filters()})).

checked({handler, _, _, _}, [_ | Rest]) -> Rest;
checked({handler, default, undefined}, [_ | Rest]) -> Rest;
checked({filters, _, _}, [_ | Rest]) -> Rest;
checked({module_level, _, _}, [_ | Rest]) -> Rest;
checked({proxy, _}, [_ | Rest]) -> Rest;
checked(_, Bad) -> bad(Bad).

%% At most one item of this kind.
only(Kind, Items) ->
    case [I || I <- Items, element(1, I) =:= Kind] of
        [_, _ | _] when Kind =:= filters -> bad({multiple_filters, Items});
        [_, _ | _] -> bad({multiple_proxies, Items});
        Few -> Few
    end.

named(Filters) ->
    lists:all(fun({_, _}) -> true; (_) -> false end, Filters) orelse bad({invalid_filters, Filters}),
    Filters.

is_level(Level) ->
    lists:member(Level, [none, emergency, alert, critical, error, warning, notice, info, debug, all]).

parameter(Name, Default) ->
    case {Name, application:get_env(kernel, Name, Default)} of
        {logger, Items} when not is_list(Items) -> bad(Items);
        {_, Value} -> Value
    end.

good(ok) -> ok;
good({error, Reason}) -> bad(Reason).

-spec bad(term()) -> no_return().
bad(Reason) -> throw({bad_config, {kernel, Reason}}).
