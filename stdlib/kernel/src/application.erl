-module(application).
-moduledoc "Applications: loading their resource files, starting and stopping them in order, their parameters.".

-export([read_config/2, configure/1, wrong_params/2, start_boot/2, start/1, start/2, stop/1, ensure_started/1, ensure_started/2,
         ensure_all_started/1, ensure_all_started/2, ensure_all_started/3, load/1, load/2, unload/1,
         which_applications/0, which_applications/1, loaded_applications/0]).
-export([get_env/1, get_env/2, get_env/3, get_all_env/0, get_all_env/1, set_env/1, set_env/2, set_env/3, set_env/4,
         unset_env/2, unset_env/3, get_key/1, get_key/2, get_all_key/0, get_all_key/1,
         get_application/0, get_application/1, get_supervisor/1, start_type/0, info/0, permit/2, takeover/2]).

-export_type([start_type/0, restart_type/0, application_opt/0]).

-type start_type() :: normal | {takeover, node()} | {failover, node()}.
-type restart_type() :: permanent | transient | temporary.
-type application_opt() :: {atom(), term()}.

-callback start(start_type(), StartArgs :: term()) -> {ok, pid()} | {ok, pid(), State :: term()} | {error, Reason :: term()}.
-callback stop(State :: term()) -> term().
-callback config_change(Changed :: [{atom(), term()}], New :: [{atom(), term()}], Removed :: [atom()]) -> ok.
-callback prep_stop(State) -> State when State :: term().
-callback start_phase(Phase :: atom(), start_type(), PhaseArgs :: term()) -> ok | {error, Reason :: term()}.
-optional_callbacks([config_change/3, prep_stop/1, start_phase/3]).

%%% ---- starting and stopping ---------------------------------------------------------------------------------

-doc "Starts an application whose end concerns no other one.".
-spec start(atom()) -> ok | {error, term()}.
start(App) -> start(App, temporary).

-doc "Starts an application; it is loaded first if need be.".
-spec start(atom(), restart_type()) -> ok | {error, term()}.
start(App, Type) ->
    case load(App) of
        ok -> start_loaded(App, Type);
        {error, {already_loaded, Name}} -> start_loaded(Name, Type);
        Error -> Error
    end.

start_loaded(Name, Type) when Type =:= permanent; Type =:= transient; Type =:= temporary -> ask({start, Name, Type});
start_loaded(_, Type) -> {error, {invalid_restart_type, Type}}.

%% What boot scripts call: without an application that they start there is no node.
-doc false.
-spec start_boot(atom(), restart_type()) -> ok.
start_boot(App, Type) ->
    case ask({start, App, Type}) of
        {error, {already_started, App}} -> ok;
        {error, Reason} -> ask({boot_failed, App, Reason});
        ok -> ok
    end.

-doc "Stops an application.".
-spec stop(atom()) -> ok | {error, term()}.
stop(App) -> ask({stop, App}).

-doc "Starts an application unless it runs.".
-spec ensure_started(atom()) -> ok | {error, term()}.
ensure_started(App) -> ensure_started(App, temporary).

-doc "Starts an application with a type unless it runs.".
-spec ensure_started(atom(), restart_type()) -> ok | {error, term()}.
ensure_started(App, Type) ->
    case start(App, Type) of
        {error, {already_started, App}} -> ok;
        Result -> Result
    end.

-doc "Starts applications and all that they need; which ones were started.".
-spec ensure_all_started(atom() | [atom()]) -> {ok, [atom()]} | {error, term()}.
ensure_all_started(Apps) -> ensure_all_started(Apps, temporary, serial).

-doc "Like ensure_all_started/1 with a type.".
-spec ensure_all_started(atom() | [atom()], restart_type()) -> {ok, [atom()]} | {error, term()}.
ensure_all_started(Apps, Type) -> ensure_all_started(Apps, Type, serial).

-doc "Like ensure_all_started/2; the mode says whether independent applications may start at once.".
-spec ensure_all_started(atom() | [atom()], restart_type(), serial | concurrent) -> {ok, [atom()]} | {error, term()}.
ensure_all_started(App, Type, Mode) when is_atom(App) -> ensure_all_started([App], Type, Mode);
ensure_all_started(Apps, Type, Mode) when is_list(Apps), Mode =:= serial orelse Mode =:= concurrent ->
    case start_all(Apps, Type, [], []) of
        {ok, Started} -> {ok, lists:reverse(Started)};
        {error, Reason, Started} ->
            lists:foreach(fun stop/1, Started),
            {error, Reason}
    end.

%% Before an application, what it may do without is started as far as it is installed. Expanded has those whose
%% optional ones are in the list already.
start_all([{optional, App} | Rest], Type, Expanded, Started) ->
    case load(App) of
        {error, {"no such file or directory", _}} -> start_all(Rest, Type, Expanded, Started);
        _ -> start_all([App | Rest], Type, Expanded, Started)
    end;
start_all([App | Rest] = Apps, Type, Expanded, Started) ->
    case optional_ones(App, Expanded) of
        {error, Reason} -> {error, {App, Reason}, Started};
        [_ | _] = Optional -> start_all([{optional, O} || O <- Optional] ++ Apps, Type, [App | Expanded], Started);
        [] ->
            case start(App, Type) of
                ok -> start_all(Rest, Type, Expanded, [App | Started]);
                {error, {already_started, App}} -> start_all(Rest, Type, Expanded, Started);
                {error, {not_started, Needed}} -> start_all([Needed | Apps], Type, Expanded, Started);
                {error, Reason} -> {error, {App, Reason}, Started}
            end
    end;
start_all([], _, _, Started) -> {ok, Started}.

optional_ones(App, Expanded) ->
    case lists:member(App, Expanded) orelse load(App) of
        true -> [];
        Result when Result =:= ok; element(1, element(2, Result)) =:= already_loaded ->
            {ok, Optional} = get_key(App, optional_applications),
            Optional;
        Error -> Error
    end.

-doc "Loads an application: reads its resource file, or takes what is given instead.".
-spec load(atom() | tuple()) -> ok | {error, term()}.
load({application, App, Keys} = Given) when is_atom(App) ->
    case load_with_included(App, Keys) of
        {error, {already_loaded, App}} -> {error, {already_loaded, Given}};
        Result -> Result
    end;
load(App) when is_atom(App) ->
    case application_controller:keys(App) of
        {ok, _} -> {error, {already_loaded, App}};
        undefined ->
            case read(App) of
                {ok, {application, Name, Keys}} when is_atom(Name) -> load_with_included(Name, Keys);
                {ok, Other} -> {error, {bad_application, Other}};
                Error -> Error
            end
    end;
load(Other) -> {error, {bad_application, Other}}.

-doc "Loads an application that runs at one of several nodes: `{App, Nodes}` or `{App, Time, Nodes}`; `default` stands for what kernel's parameter `distributed` says.".
-spec load(atom() | tuple(), default | {atom(), [node() | tuple()]} | {atom(), non_neg_integer(), [node() | tuple()]}) -> ok | {error, term()}.
load(What, Distributed) ->
    App = case What of
              {application, Name, _} -> Name;
              _ -> What
          end,
    case wrong_distribution(App, Distributed) of
        none ->
            case load(What) of
                ok ->
                    whereis(dist_ac) =:= undefined orelse dist_ac:load(App, Distributed),
                    ok;
                Error -> Error
            end;
        Wrong -> {error, Wrong}
    end.

wrong_distribution(_, default) -> none;
wrong_distribution(App, {App, Nodes}) -> wrong_distribution(App, {App, 0, Nodes});
wrong_distribution(App, {App, Time, Nodes}) when is_integer(Time), Time >= 0 ->
    Right = is_list(Nodes) andalso lists:all(fun(N) -> is_atom(N) orelse is_tuple(N) andalso lists:all(fun is_atom/1, tuple_to_list(N)) end, Nodes),
    case Right of
        true -> none;
        false -> {badarg, Nodes}
    end;
wrong_distribution(_, Spec) -> {bad_distribution_spec, Spec}.

load_with_included(_, Keys) when not is_list(Keys) -> {error, {invalid_options, Keys}};
load_with_included(App, Keys) ->
    case {proplists:get_value(mod, Keys, []), wrong_params(App, proplists:get_value(env, Keys, []))} of
        {Mod, none} when Mod =:= []; tuple_size(Mod) =:= 2, is_atom(element(1, Mod)) ->
            case ask({load, App, Keys}) of
                ok -> load_included(proplists:get_value(included_applications, Keys, []));
                Error -> Error
            end;
        {Mod, {Format, Args}} when Mod =:= []; is_tuple(Mod) -> {error, {invalid_options, lists:flatten(io_lib:format(Format, Args))}};
        {Mod, _} -> {error, {badstartspec, Mod}}
    end.

load_included([App | Apps]) ->
    case load(App) of
        {error, Reason} when element(1, Reason) =/= already_loaded -> {error, Reason};
        _ -> load_included(Apps)
    end;
load_included([]) -> ok.

%% The file may be in an archive.
read(App) ->
    Name = atom_to_list(App) ++ ".app",
    case first_file([filename:join(Dir, Name) || Dir <- code:get_path()]) of
        {ok, Bytes} ->
            Parsed = case erl_scan:string(unicode:characters_to_list(Bytes)) of
                         {ok, Tokens, _} -> erl_parse:parse_term(Tokens);
                         {error, Why, _} -> {error, Why}
                     end,
            case Parsed of
                {ok, Term} -> {ok, Term};
                {error, {Line, Module, Info}} -> {error, {[integer_to_list(Line), $:, $\s, Module:format_error(Info)], Name}}
            end;
        none -> {error, {"no such file or directory", Name}}
    end.

first_file([Name | Names]) ->
    case erl_prim_loader:get_file(Name) of
        {ok, Bytes, _} -> {ok, Bytes};
        error -> first_file(Names)
    end;
first_file([]) -> none.

-doc "Forgets a loaded application.".
-spec unload(atom()) -> ok | {error, term()}.
unload(App) -> ask({unload, App}).

-doc "The applications that run at this node, the one that was started last comes first.".
-spec which_applications() -> [{atom(), string(), string()}].
which_applications() -> application_controller:which_applications().

-doc "The applications that run at this node.".
-spec which_applications(timeout()) -> [{atom(), string(), string()}].
which_applications(_) -> which_applications().

-doc "The loaded applications.".
-spec loaded_applications() -> [{atom(), string(), string()}].
loaded_applications() -> lists:sort(application_controller:loaded()).

-doc "All that is known of applications, for tools.".
-spec info() -> [{atom(), term()}].
info() -> application_controller:info().

-doc "Whether a loaded application may run at this node. One that runs without permission is stopped, or goes to another node if it is distributed; with permission it starts where it was to run.".
-spec permit(atom(), boolean()) -> ok | {error, term()}.
permit(App, Permitted) when is_atom(App), is_boolean(Permitted) ->
    Distributed = whereis(dist_ac) =/= undefined,
    case application_controller:keys(App) of
        undefined -> {error, {not_loaded, App}};
        _ when Distributed ->
            case dist_ac:permit(App, Permitted) of
                local -> ask({permit, App, Permitted});
                Result -> Result
            end;
        _ -> ask({permit, App, Permitted})
    end;
permit(App, Permitted) -> erlang:error(badarg, [App, Permitted]).

-doc "Has a distributed application run here that runs at another node: it starts here with `{takeover, Node}`, then it is stopped there.".
-spec takeover(atom(), restart_type()) -> ok | {error, term()}.
takeover(App, Type) when Type =:= permanent; Type =:= transient; Type =:= temporary ->
    case lists:keyfind(App, 1, application_controller:running()) of
        {_, {distributed, Node}} when Node =/= [] -> dist_ac:takeover(App, Type);
        {_, Pid} when is_pid(Pid) -> {error, {already_running_locally, App}};
        _ -> {error, {not_running_distributed, App}}
    end;
takeover(_, Type) -> {error, {invalid_restart_type, Type}}.

ask(Request) -> application_controller:request(Request).

%%% ---- parameters and keys ------------------------------------------------------------------------------------

-doc "A parameter of the caller's application.".
-spec get_env(atom()) -> {ok, term()} | undefined.
get_env(Key) ->
    case get_application() of
        {ok, App} -> get_env(App, Key);
        undefined -> undefined
    end.

-doc "A parameter of an application.".
-spec get_env(atom(), atom()) -> {ok, term()} | undefined.
get_env(App, Key) -> application_controller:get_env(App, Key).

-doc "A parameter of an application, or a default.".
-spec get_env(atom(), atom(), term()) -> term().
get_env(App, Key, Default) ->
    case get_env(App, Key) of
        {ok, Value} -> Value;
        undefined -> Default
    end.

-doc "All parameters of the caller's application.".
-spec get_all_env() -> [{atom(), term()}].
get_all_env() -> of_mine(fun get_all_env/1, []).

-doc "All parameters of an application.".
-spec get_all_env(atom()) -> [{atom(), term()}].
get_all_env(App) ->
    case application_controller:keys(App) of
        {ok, Keys} -> proplists:get_value(env, Keys, []);
        undefined -> application_controller:env(App)
    end.

-doc "Sets parameters of several applications.".
-spec set_env([{atom(), [{atom(), term()}]}]) -> ok.
set_env(Config) -> set_env(Config, []).

-doc "Sets parameters of several applications, with persistent beyond their next load.".
-spec set_env([{atom(), [{atom(), term()}]}], list()) -> ok.
set_env(Config, Options) when is_list(Config), is_list(Options) ->
    case wrong_config(Config) of
        none -> ask({set_env, Config, proplists:get_bool(persistent, Options)});
        {Format, Args} -> erlang:error({badarg, lists:flatten(io_lib:format(Format, Args))}, [Config, Options])
    end.

%% What is wrong with the parameters of an application.
-doc false.
-spec wrong_params(atom(), term()) -> none | {string(), list()}.
wrong_params(App, Params) when is_list(Params) -> wrong_params(App, Params, []);
wrong_params(App, _) -> {"application: ~tp; parameters must be a list", [App]}.

%% What is wrong first with parameters of several applications, as a format with its arguments.
wrong_config(Config) -> wrong_config(Config, []).

wrong_config([{App, _} | _], _) when not is_atom(App) -> {"application: ~tp; application name must be an atom", [App]};
wrong_config([{App, Params} | _], _) when not is_list(Params) -> {"application: ~tp; parameters must be a list", [App]};
wrong_config([{App, Params} | Rest], Seen) ->
    case lists:member(App, Seen) of
        true -> {"duplicate application config: ~tp", [App]};
        false ->
            case wrong_params(App, Params, []) of
                none -> wrong_config(Rest, [App | Seen]);
                Wrong -> Wrong
            end
    end;
wrong_config([Other | _], _) -> {"invalid application config: ~tp", [Other]};
wrong_config([], _) -> none.

wrong_params(kernel, [{distributed, _} | _], _) -> {"application: kernel; erroneous parameter: distributed", []};
wrong_params(App, [{Key, _} | Rest], Seen) when is_atom(Key) ->
    case lists:member(Key, Seen) of
        true -> {"application: ~tp; duplicate parameter: ~tp", [App, Key]};
        false -> wrong_params(App, Rest, [Key | Seen])
    end;
wrong_params(App, [{Key, _} | _], _) -> {"application: ~tp; invalid parameter name: ~tp", [App, Key]};
wrong_params(App, [Other | _], _) -> {"application: ~tp; invalid parameter: ~tp", [App, Other]};
wrong_params(_, [], _) -> none.

%% The parameters that configuration files have, those of files among them in their place: files named in a file are first looked for
%% beside it. Throws what is wrong with one, and where.
-doc false.
-spec read_config(list(), file:filename()) -> [{atom(), [{atom(), term()}]}].
read_config(Terms, Dir) -> lists:append([parameters(Term, Dir) || Term <- Terms]).

parameters([C | _] = Name, Dir) when is_integer(C) ->
    File = case lists:suffix(".config", Name) of
               true -> Name;
               false -> Name ++ ".config"
           end,
    Place = case Dir =/= "." andalso filename:absname(File, Dir) of
                false -> File;
                Beside ->
                    case filelib:is_regular(Beside) of
                        true -> Beside;
                        false -> File
                    end
            end,
    case file:consult(Place) of
        {ok, [Terms]} when is_list(Terms) -> read_config(Terms, filename:dirname(Place));
        {ok, _} -> throw({bad_config, {Place, "none", "configuration file must contain ONE list ended by <dot>"}});
        {error, enoent} -> throw({bad_config, {Place, "none", "configuration file not found"}});
        {error, {_, erl_scan, _}} -> throw({bad_config, {Place, "none", "no ending <dot> found"}});
        {error, {_, erl_parse, [_, []]}} -> throw({bad_config, {Place, "none", "no ending <dot> found"}});
        {error, {Line, _, Info}} when is_integer(Line) ->
            ends_with_dot(Place) orelse throw({bad_config, {Place, "none", "no ending <dot> found"}}),
            throw({bad_config, {Place, integer_to_list(Line), io_lib:format("~0tp", [Info])}});
        {error, Reason} -> throw({bad_config, {Place, "none", file:format_error(Reason)}})
    end;
parameters({App, Params}, _) when is_atom(App), is_list(Params) -> [{App, Params}];
parameters(_, _) -> [].

ends_with_dot(File) ->
    {ok, Text} = file:read_file(File),
    case erl_scan:string(unicode:characters_to_list(Text)) of
        {ok, [_ | _] = Tokens, _} -> element(1, lists:last(Tokens)) =:= dot;
        _ -> true
    end.

-doc false.
-spec configure([{atom(), [{atom(), term()}]}]) -> ok.
configure(Config) -> ask({set_env, Config, true}).

-doc "Sets a parameter of an application.".
-spec set_env(atom(), atom(), term()) -> ok.
set_env(App, Key, Value) -> set_env(App, Key, Value, []).

-doc "Sets a parameter of an application with options.".
-spec set_env(atom(), atom(), term(), timeout() | list()) -> ok.
set_env(App, Key, Value, Options) when is_list(Options) ->
    ask({set_env, [{App, [{Key, Value}]}], proplists:get_bool(persistent, Options)});
set_env(App, Key, Value, _Time) -> set_env(App, Key, Value, []).

-doc "Removes a parameter of an application.".
-spec unset_env(atom(), atom()) -> ok.
unset_env(App, Key) -> ask({unset_env, App, Key}).

-doc "Removes a parameter of an application with options.".
-spec unset_env(atom(), atom(), timeout() | list()) -> ok.
unset_env(App, Key, _) -> unset_env(App, Key).

-define(KEYS, [{description, ""}, {id, ""}, {vsn, ""}, {modules, []}, {maxP, infinity}, {maxT, infinity}, {registered, []},
               {included_applications, []}, {optional_applications, []}, {applications, []}, {env, []}, {mod, []},
               {start_phases, undefined}]).

-doc "A key of the resource file of the caller's application.".
-spec get_key(atom()) -> {ok, term()} | undefined.
get_key(Key) -> of_mine(fun(App) -> get_key(App, Key) end, undefined).

-doc "A key of an application's resource file.".
-spec get_key(atom(), atom()) -> {ok, term()} | undefined.
get_key(App, Key) ->
    case {application_controller:keys(App), lists:keyfind(Key, 1, ?KEYS)} of
        {undefined, _} -> undefined;
        {_, false} -> undefined;
        {{ok, Keys}, {_, Default}} ->
            case proplists:get_value(Key, Keys, Default) of
                library -> {ok, proplists:get_value(Key, resource(App, Keys), Default)};
                Value -> {ok, Value}
            end
    end.

-doc "All keys of the resource file of the caller's application.".
-spec get_all_key() -> [] | {ok, [{atom(), term()}]}.
get_all_key() -> of_mine(fun get_all_key/1, []).

-doc "All keys of an application's resource file, with defaults for those that it lacks.".
-spec get_all_key(atom()) -> {ok, [{atom(), term()}]} | undefined.
get_all_key(App) ->
    case application_controller:keys(App) of
        {ok, Keys0} ->
            Keys = case lists:keymember(library, 2, Keys0) of
                       true -> resource(App, Keys0);
                       false -> Keys0
                   end,
            {ok, [{K, proplists:get_value(K, Keys, Default)} || {K, Default} <- ?KEYS]};
        undefined -> undefined
    end.

%% The keys of an application of the library that are not kept.
resource(App, Keys) ->
    {ok, {application, App, InFile}} = read(App),
    [case K of
         {Key, library} -> lists:keyfind(Key, 1, InFile);
         _ -> K
     end || K <- Keys].

of_mine(Fun, Default) ->
    case get_application() of
        {ok, App} -> Fun(App);
        undefined -> Default
    end.

-doc "The caller's application.".
-spec get_application() -> {ok, atom()} | undefined.
get_application() -> get_application(self()).

-doc "The application that a process belongs to, or that has a module.".
-spec get_application(pid() | module()) -> {ok, atom()} | undefined.
get_application(Pid) when is_pid(Pid) ->
    case process_info(Pid, group_leader) of
        {_, Leader} ->
            case [App || {App, Master} <- application_controller:running(), Master =:= Leader] of
                [App | _] -> {ok, App};
                [] -> starting(Leader)
            end;
        undefined -> undefined
    end;
get_application(Module) when is_atom(Module) ->
    Has = fun({App, _, _}) ->
                  {ok, Modules} = get_key(App, modules),
                  lists:member(Module, Modules)
          end,
    case lists:search(Has, loaded_applications()) of
        {value, {App, _, _}} -> {ok, App};
        false -> undefined
    end.

%% While an application starts, its master knows whose it is.
starting(Leader) when node(Leader) =:= node() ->
    case process_info(Leader, dictionary) of
        {_, Dictionary} ->
            case lists:keyfind('$application', 1, Dictionary) of
                {_, App} -> {ok, App};
                false -> undefined
            end;
        undefined -> undefined
    end;
starting(_) -> undefined.

-doc "The top supervisor of a running application.".
-spec get_supervisor(atom()) -> {ok, pid()} | undefined.
get_supervisor(App) ->
    case lists:keyfind(App, 1, application_controller:running()) of
        {_, Master} when is_pid(Master) ->
            case application_master:get_child(Master) of
                {Pid, _} when is_pid(Pid) -> {ok, Pid};
                _ -> undefined
            end;
        _ -> undefined
    end.

-doc "How the caller's application is being started; `local` when that is over, as in processes that a supervisor starts again.".
-spec start_type() -> start_type() | local | undefined.
start_type() ->
    {_, Leader} = process_info(self(), group_leader),
    case get_application() of
        {ok, _} -> application_master:start_type(Leader);
        undefined -> undefined
    end.
