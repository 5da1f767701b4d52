-module(xref).
-moduledoc """
Who calls whom: cross references between functions, modules, applications and releases.

A server holds modules (`add_module/2`, `add_directory/2`, `add_application/2`, `add_release/2`) and answers queries (`q/2`) and ready-made
analyses (`analyze/2`). `m/1` and `d/1` check a module or a directory without a server. In the mode `functions`, which needs debug information in
the object files, calls between functions are known, with their lines; in the mode `modules`, only what modules import.

Queries combine sets of functions, modules, applications and releases, and of calls between them: constants (`m:f/1`, `m : Mod`, `"re.*" :
Mod`, `a -> b`), variables (`E` calls, `XC` and `LC` external and local ones, `V`, `F`, `X` exported, `L` local, `U` unknown, `UU` unused functions, `M`, `AM`, `LM`,
`UM` modules, `A`, `R`, ...), `+`, `*`, `-`, the restrictions `|` (from), `||` (to) and `|||` (both), casts `(Mod)`, lines `(Lin)`, `#`
(how many), `domain`, `range`, `strict`, `closure`, `components`, `condensation`, and `Chain of Calls`. `X := Query` keeps a value.
""".

-behaviour(gen_server).

-export([start/1, start/2, stop/1, m/1, d/1, add_release/2, add_release/3, add_application/2, add_application/3, add_module/2,
         add_module/3, add_directory/2, add_directory/3, replace_module/3, replace_module/4, replace_application/3, replace_application/4,
         remove_module/2, remove_application/2, remove_release/2, set_library_path/2, set_library_path/3, get_library_path/1, update/1, update/2,
         info/1, info/2, info/3, q/2, q/3, analyze/2, analyze/3, analyse/2, analyse/3, variables/1, variables/2, forget/1, forget/2,
         get_default/1, get_default/2, set_default/2, set_default/3, format_error/1]).
-export([init/1, handle_call/3, handle_cast/2]).

-type xref() :: atom() | pid().
-type failure() :: {error, module(), term()}.

-doc "Starts a server with a name, or with options: `{xref_mode, functions | modules}` and those of `gen_server:start/4`.".
-spec start(atom() | [term()] | {xref_mode, functions | modules}) -> {ok, pid()} | {error, {already_started, pid()}}.
start(Name) when is_atom(Name) -> start(Name, []);
start(Options) ->
    {Mode, Others} = mode(Options),
    gen_server:start(?MODULE, Mode, Others).

-doc "Starts a server with a name and options.".
-spec start(atom(), [term()] | {xref_mode, functions | modules}) -> {ok, pid()} | {error, {already_started, pid()}}.
start(Name, Options) ->
    {Mode, Others} = mode(Options),
    gen_server:start({local, Name}, ?MODULE, Mode, Others).

mode(Options) ->
    List = if is_list(Options) -> Options; true -> [Options] end,
    {proplists:get_value(xref_mode, List, functions), [O || O <- List, not (is_tuple(O) andalso element(1, O) =:= xref_mode)]}.

-doc "Stops a server.".
-spec stop(xref()) -> stopped.
stop(Server) -> gen_server:call(Server, stop, infinity).

call(Server, Request) -> gen_server:call(Server, Request, infinity).

%% Checks without a server.

-doc """
Checks the object file of a module: calls of deprecated and undefined functions, and unused local functions; without debug information,
deprecated and undefined functions that are used.
""".
-spec m(file:filename() | module()) -> [{deprecated | undefined | unused, list()}] | failure().
m(Module) when is_atom(Module) ->
    case code:which(Module) of
        File when is_list(File), File =/= [] -> check([File], one);
        cover_compiled -> failed({cover_compiled, Module});
        _ -> failed({xref_utils, {no_such_module, Module}})
    end;
m(File) -> check([File], one).

-doc "Checks the object files of a directory like `m/1`; if some have debug information, only these.".
-spec d(file:filename() | atom()) -> [{deprecated | undefined | unused, list()}] | failure().
d(Directory) -> check(Directory, directory).

check(What, Kind) ->
    try
        case filled(What, Kind, functions) of
            {functions, Db} ->
                [{deprecated, checked("XC || DF", Db)}, {undefined, checked("(XC - UC) || (XU - X - B)", Db)}, {unused, checked("L - range (closure E | (X + OL)) - OL", Db)}];
            {modules, Db} -> [{deprecated, checked("XU * DF", Db)}, {undefined, checked("XU - X - B", Db)}]
        end
    catch
        throw:Reason -> failed(Reason)
    end.

filled(What, Kind, Mode) ->
    Empty = (gerl_xref_db:new(Mode))#{path => code_path, ignore => false},
    Options = gerl_xref_db:options([{warnings, false}], [warnings], Empty),
    try
        case Kind of
            one -> gerl_xref_db:add_module(hd(What), Options, Empty);
            directory -> gerl_xref_db:add_directory(What, Options, Empty)
        end
    of
        {ok, [], _} when Mode =:= functions -> filled(What, Kind, modules);
        {ok, _, Db} -> {Mode, Db}
    catch
        throw:{no_debug_info, _} when Mode =:= functions -> filled(What, Kind, modules)
    end.

checked(Query, Db) ->
    {ok, Answer, New} = queried(Query, Db),
    visible(Answer, New).

%% What the attribute ignore_xref does not hide.
visible(Answer, #{ignore := false}) -> Answer;
visible(Answer, #{modules := Modules}) ->
    Ignored = lists:append([[ignored(M, E) || E <- Es] || {M, #{ignored := Es}} <- maps:to_list(Modules)]),
    case Ignored of
        [] -> Answer;
        _ when is_list(Answer) -> [E || E <- Answer, not hidden(E, Ignored)];
        _ -> Answer
    end.

ignored(M, {F, A}) when is_integer(A) -> {M, F, A};
ignored(_, Other) -> Other.

hidden({{_, _, _} = From, {_, _, _} = To}, Ignored) -> hidden(From, Ignored) orelse hidden(To, Ignored);
hidden({M, _, _} = Function, Ignored) -> lists:member(Function, Ignored) orelse lists:member(M, Ignored);
hidden(_, _) -> false.

failed({xref_utils, Reason}) -> {error, xref_utils, Reason};
failed(Reason) -> {error, source(Reason), Reason}.

%% The module that OTP's errors of a kind come from.
source(Reason) when element(1, Reason) =:= parse_error; element(1, Reason) =:= type_error; element(1, Reason) =:= type_mismatch;
                    element(1, Reason) =:= unknown_constant; element(1, Reason) =:= unknown_variable;
                    element(1, Reason) =:= variable_reassigned -> xref_compiler;
source(Reason) when element(1, Reason) =:= file_error, element(3, Reason) =:= enoent -> beam_lib;
source(_) -> xref_base.

%% What a server holds.

-doc "The same as `add_release(Server, Directory, [])`.".
-spec add_release(xref(), file:filename() | atom()) -> {ok, atom()} | failure().
add_release(Server, Directory) -> add_release(Server, Directory, []).

-doc "Adds the applications below a directory, or its folder `lib`. Options: `name`, `builtins`, `verbose`, `warnings`.".
-spec add_release(xref(), file:filename() | atom(), term()) -> {ok, atom()} | failure().
add_release(Server, Directory, Options) -> call(Server, {change, add_release, [Directory], Options, [builtins, name, verbose, warnings]}).

-doc "The same as `add_application(Server, Directory, [])`.".
-spec add_application(xref(), file:filename() | atom()) -> {ok, atom()} | failure().
add_application(Server, Directory) -> add_application(Server, Directory, []).

-doc "Adds the modules of a directory, or its folder `ebin`, as an application. Options: `name`, `builtins`, `verbose`, `warnings`.".
-spec add_application(xref(), file:filename() | atom(), term()) -> {ok, atom()} | failure().
add_application(Server, Directory, Options) -> call(Server, {change, add_application, [Directory], Options, [builtins, name, verbose, warnings]}).

-doc "The same as `add_module(Server, File, [])`.".
-spec add_module(xref(), file:filename() | atom()) -> {ok, module()} | failure().
add_module(Server, File) -> add_module(Server, File, []).

-doc "Adds the module of an object file. Options: `builtins`, `verbose`, `warnings`.".
-spec add_module(xref(), file:filename() | atom(), term()) -> {ok, module()} | failure().
add_module(Server, File, Options) -> call(Server, {change, add_module, [File], Options, [builtins, verbose, warnings]}).

-doc "The same as `add_directory(Server, Directory, [])`.".
-spec add_directory(xref(), file:filename() | atom()) -> {ok, [module()]} | failure().
add_directory(Server, Directory) -> add_directory(Server, Directory, []).

-doc "Adds the modules of a directory. Options: `builtins`, `recurse`, `verbose`, `warnings`.".
-spec add_directory(xref(), file:filename() | atom(), term()) -> {ok, [module()]} | failure().
add_directory(Server, Directory, Options) -> call(Server, {change, add_directory, [Directory], Options, [builtins, recurse, verbose, warnings]}).

-doc "The same as `replace_module(Server, Module, File, [])`.".
-spec replace_module(xref(), module(), file:filename()) -> {ok, module()} | failure().
replace_module(Server, Module, File) -> replace_module(Server, Module, File, []).

-doc "Replaces a module by that of a file. Options: `verbose`, `warnings`.".
-spec replace_module(xref(), module(), file:filename(), term()) -> {ok, module()} | failure().
replace_module(Server, Module, File, Options) -> call(Server, {change, replace_module, [Module, File], Options, [verbose, warnings]}).

-doc "The same as `replace_application(Server, Application, Directory, [])`.".
-spec replace_application(xref(), atom(), file:filename()) -> {ok, atom()} | failure().
replace_application(Server, Application, Directory) -> replace_application(Server, Application, Directory, []).

-doc "Replaces the modules of an application by those of a directory. Options: `builtins`, `verbose`, `warnings`.".
-spec replace_application(xref(), atom(), file:filename(), term()) -> {ok, atom()} | failure().
replace_application(Server, Application, Directory, Options) ->
    call(Server, {change, replace_application, [Application, Directory], Options, [builtins, verbose, warnings]}).

-doc "Removes modules.".
-spec remove_module(xref(), module() | [module()]) -> ok | failure().
remove_module(Server, Modules) -> call(Server, {remove, module, Modules}).

-doc "Removes applications with their modules.".
-spec remove_application(xref(), atom() | [atom()]) -> ok | failure().
remove_application(Server, Applications) -> call(Server, {remove, application, Applications}).

-doc "Removes releases with their applications.".
-spec remove_release(xref(), atom() | [atom()]) -> ok | failure().
remove_release(Server, Releases) -> call(Server, {remove, release, Releases}).

-doc "The same as `set_library_path(Server, Path, [])`.".
-spec set_library_path(xref(), [file:filename()] | code_path) -> ok | failure().
set_library_path(Server, Path) -> set_library_path(Server, Path, []).

-doc "Sets where modules that were not added are looked for: directories, or `code_path`.".
-spec set_library_path(xref(), [file:filename()] | code_path, term()) -> ok | failure().
set_library_path(Server, Path, Options) -> call(Server, {set_library_path, Path, Options}).

-doc "Where modules that were not added are looked for.".
-spec get_library_path(xref()) -> {ok, [file:filename()] | code_path}.
get_library_path(Server) -> call(Server, get_library_path).

-doc "The same as `update(Server, [])`.".
-spec update(xref()) -> {ok, [module()]} | failure().
update(Server) -> update(Server, []).

-doc "Reads modules again whose files have changed.".
-spec update(xref(), term()) -> {ok, [module()]} | failure().
update(Server, Options) -> call(Server, {change, update, [], Options, [verbose, warnings]}).

-doc "How much the server holds.".
-spec info(xref()) -> [{atom(), term()}].
info(Server) -> call(Server, info).

-doc "Information about all `modules`, `applications`, `releases` or `libraries`.".
-spec info(xref(), atom()) -> [{atom(), [{atom(), term()}]}] | failure().
info(Server, Category) -> call(Server, {info, Category, all}).

-doc "Information about some modules, applications, releases or libraries.".
-spec info(xref(), atom(), atom() | [atom()]) -> [{atom(), [{atom(), term()}]}] | failure().
info(Server, Category, Items) -> call(Server, {info, Category, if is_list(Items) -> Items; true -> [Items] end}).

%% Queries.

-doc "The same as `q(Server, Query, [])`.".
-spec q(xref(), string() | atom()) -> {ok, term()} | failure().
q(Server, Query) -> q(Server, Query, []).

-doc "The answer of a query. The option `verbose` is accepted.".
-spec q(xref(), string() | atom(), term()) -> {ok, term()} | failure().
q(Server, Query, Options) -> call(Server, {query, Query, Options}).

-doc "The same as `analyze(Server, Analysis, [])`.".
-spec analyze(xref(), term()) -> {ok, [term()]} | failure().
analyze(Server, Analysis) -> analyze(Server, Analysis, []).

-doc "The answer of a ready-made analysis, such as `undefined_function_calls`, `exports_not_used` or `{module_use, Module}`.".
-spec analyze(xref(), term(), term()) -> {ok, [term()]} | failure().
analyze(Server, Analysis, Options) -> call(Server, {analyze, Analysis, Options}).

-doc false.
-spec analyse(xref(), term()) -> {ok, [term()]} | failure().
analyse(Server, Analysis) -> analyze(Server, Analysis).

-doc false.
-spec analyse(xref(), term(), term()) -> {ok, [term()]} | failure().
analyse(Server, Analysis, Options) -> analyze(Server, Analysis, Options).

-doc "The user's variables.".
-spec variables(xref()) -> {ok, [{user | predefined, [atom()]}]}.
variables(Server) -> variables(Server, [user]).

-doc "The names of variables: with the options `user` and `predefined`, one or both kinds.".
-spec variables(xref(), term()) -> {ok, [{user | predefined, [atom()]}]} | failure().
variables(Server, Options) -> call(Server, {variables, Options}).

-doc "Forgets all of the user's variables.".
-spec forget(xref()) -> ok.
forget(Server) -> call(Server, forget).

-doc "Forgets some of the user's variables.".
-spec forget(xref(), atom() | [atom()]) -> ok | failure().
forget(Server, Variables) -> call(Server, {forget, if is_list(Variables) -> Variables; true -> [Variables] end}).

-doc "All options with their default values.".
-spec get_default(xref()) -> [{atom(), boolean()}].
get_default(Server) -> call(Server, get_default).

-doc "The default value of an option.".
-spec get_default(xref(), atom()) -> {ok, boolean()} | failure().
get_default(Server, Option) -> call(Server, {get_default, Option}).

-doc "Sets default values of options.".
-spec set_default(xref(), {atom(), boolean()} | [{atom(), boolean()}]) -> ok | failure().
set_default(Server, Values) -> call(Server, {set_default, if is_list(Values) -> Values; true -> [Values] end}).

-doc "Sets the default value of an option; the answer is the old one.".
-spec set_default(xref(), atom(), boolean()) -> {ok, boolean()} | failure().
set_default(Server, Option, Value) ->
    case get_default(Server, Option) of
        {ok, Old} ->
            case set_default(Server, [{Option, Value}]) of
                ok -> {ok, Old};
                Error -> Error
            end;
        Error -> Error
    end.

-doc "What an error says.".
-spec format_error(failure()) -> io_lib:chars().
format_error({error, ?MODULE, Reason}) -> gerl_xref_text:error(Reason);
format_error({error, Module, Reason}) -> Module:format_error(Reason);
format_error(Other) -> io_lib:format("~tp~n", [Other]).

%% The server.

-doc false.
-spec init(functions | modules) -> {ok, map()}.
init(Mode) -> {ok, gerl_xref_db:new(Mode)}.

-doc false.
-spec handle_cast(term(), map()) -> {noreply, map()}.
handle_cast(_, Db) -> {noreply, Db}.

-doc false.
-spec handle_call(term(), gen_server:from(), map()) -> {reply, term(), map()} | {stop, normal, stopped, map()}.
handle_call(stop, _, Db) -> {stop, normal, stopped, Db};
handle_call(Request, _, Db) ->
    try request(Request, Db) of
        {Reply, New} -> {reply, Reply, New}
    catch
        throw:Reason -> {reply, failed(Reason), Db}
    end.

request({change, Function, Arguments, Options, Allowed}, Db) ->
    Values = gerl_xref_db:options(Options, Allowed, Db),
    {ok, Answer, New} = apply(gerl_xref_db, Function, Arguments ++ [Values, Db]),
    {{ok, Answer}, New};
request({remove, Kind, Names}, Db) ->
    {ok, ok, New} = gerl_xref_db:remove(Kind, if is_list(Names) -> Names; true -> [Names] end, Db),
    {ok, New};
request({set_library_path, Path, Options}, Db) ->
    _ = gerl_xref_db:options(Options, [verbose], Db),
    is_path(Path) orelse throw({invalid_path, Path}),
    {ok, (gerl_xref_db:forget(Db))#{path => Path}};
request(get_library_path, #{path := Path} = Db) -> {{ok, Path}, Db};
request(info, Db) -> gerl_xref_db:info(Db);
request({info, Category, Items}, Db) -> gerl_xref_db:info(Category, Items, Db);
request({query, Query, Options}, Db) ->
    _ = gerl_xref_db:options(Options, [verbose], Db),
    {ok, Answer, New} = queried(Query, Db),
    {{ok, visible(Answer, New)}, New};
request({analyze, Analysis, Options}, #{mode := Mode} = Db) ->
    _ = gerl_xref_db:options(Options, [verbose], Db),
    {ok, Answer, New} = queried(gerl_xref_text:analysis(Analysis, Mode), Db),
    {{ok, visible(Answer, New)}, New};
request({variables, Options}, #{user := User} = Db) ->
    Values = gerl_xref_db:options(Options, [user, predefined, verbose], Db),
    {#{variables := Predefined}, New} = gerl_xref_db:graph(Db),
    {{ok, [{predefined, lists:usort(maps:keys(Predefined))} || maps:get(predefined, Values, false)] ++
          [{user, lists:sort(maps:keys(User))} || maps:get(user, Values, false)]}, New};
request(forget, Db) -> {ok, Db#{user => #{}}};
request({forget, Names}, #{user := User} = Db) ->
    [is_map_key(N, User) orelse throw({not_user_variable, N}) || N <- Names],
    {ok, Db#{user => maps:without(Names, User)}};
request(get_default, #{defaults := Defaults} = Db) -> {lists:sort(maps:to_list(Defaults)), Db};
request({get_default, Option}, #{defaults := Defaults} = Db) ->
    case Defaults of
        #{Option := Value} -> {{ok, Value}, Db};
        #{} -> throw({invalid_options, [Option]})
    end;
request({set_default, Values}, #{defaults := Defaults} = Db) ->
    [is_map_key(O, Defaults) andalso is_boolean(V) orelse throw({invalid_options, Values}) || {O, V} <- Values],
    {ok, Db#{defaults => maps:merge(Defaults, maps:from_list(Values))}}.

is_path(code_path) -> true;
is_path([Dir | Dirs]) -> Dir =/= [] andalso io_lib:char_list(Dir) andalso is_path(Dirs);
is_path(Other) -> Other =:= [].

queried([], _) -> throw({invalid_query, []});
queried(Query, Db) ->
    case gerl_xref_parse:query(Query) of
        {ok, Statements} ->
            {Graph, #{user := User} = With} = gerl_xref_db:graph(Db),
            case gerl_xref_eval:query(Statements, User, Graph) of
                {ok, Value, Kept} -> {ok, gerl_xref_eval:answer(Value), With#{user => Kept}};
                {error, Reason} -> throw(Reason)
            end;
        {error, Reason} -> throw(Reason)
    end.
