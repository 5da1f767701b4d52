-module(erl_ddll).
-moduledoc """
Drivers that are linked into the runtime system. gerl has none and can load none, since it is one program without a C interface:
there is never one to see, and loading one gives `{error, not_supported}`.
""".

-export([load/2, load_driver/2, try_load/3, reload/2, reload_driver/2, unload/1, unload_driver/1, try_unload/2]).
-export([loaded_drivers/0, info/0, info/1, info/2, monitor/2, demonitor/1, format_error/1]).
-doc false.
-export([start/0, stop/0]).
-export_type([path/0, driver/0]).

-type path() :: string() | atom().
-type driver() :: iolist() | atom().

-define(is_name(X), (is_list(X) orelse is_atom(X))).

-doc "Loads a driver, which gerl cannot.".
-spec load(path(), driver()) -> {error, atom()}.
load(Path, Name) -> refused(Path, Name, not_supported).

-doc "Loads a driver, which gerl cannot.".
-spec load_driver(path(), driver()) -> {error, atom()}.
load_driver(Path, Name) -> refused(Path, Name, not_supported).

-doc "Loads a driver, which gerl cannot.".
-spec try_load(path(), driver(), [tuple() | atom()]) -> {error, atom()}.
try_load(Path, Name, Options) when is_list(Options) -> refused(Path, Name, not_supported);
try_load(_, _, _) -> error(badarg).

-doc "Loads a driver anew, which is never there.".
-spec reload(path(), driver()) -> {error, atom()}.
reload(Path, Name) -> refused(Path, Name, not_loaded).

-doc "Loads a driver anew, which is never there.".
-spec reload_driver(path(), driver()) -> {error, atom()}.
reload_driver(Path, Name) -> refused(Path, Name, not_loaded).

refused(Path, Name, Reason) when ?is_name(Path), ?is_name(Name) -> {error, Reason};
refused(_, _, _) -> {error, badarg}.

-doc "Unloads a driver, which is never there.".
-spec unload(driver()) -> {error, atom()}.
unload(Name) -> refused("", Name, not_loaded).

-doc "Unloads a driver, which is never there.".
-spec unload_driver(driver()) -> {error, atom()}.
unload_driver(Name) -> refused("", Name, not_loaded).

-doc "Unloads a driver, which is never there.".
-spec try_unload(driver(), [atom()]) -> {error, atom()}.
try_unload(Name, Options) when ?is_name(Name), is_list(Options) -> {error, not_loaded};
try_unload(_, _) -> error(badarg).

-doc "The names of all drivers: none.".
-spec loaded_drivers() -> {ok, [string()]}.
loaded_drivers() -> {ok, []}.

-doc "What is known of all drivers: nothing.".
-spec info() -> [{string(), [tuple()]}].
info() -> [].

-doc "What is known of a driver. There is none, so it is `badarg`.".
-spec info(driver()) -> no_return().
info(_) -> error(badarg).

-doc "A detail of a driver. There is none, so it is `badarg`.".
-spec info(driver(), atom()) -> no_return().
info(_, _) -> error(badarg).

-doc "Asks for a message when a driver is unloaded, which happens at once, or loaded, which never does.".
-spec monitor(driver, {driver(), loaded | unloaded | unloaded_only}) -> reference().
monitor(driver, {Name, What}) when ?is_name(Name), What =:= unloaded orelse What =:= unloaded_only ->
    Ref = make_ref(),
    self() ! {'DOWN', Ref, driver, Name, unloaded},
    Ref;
monitor(driver, {Name, loaded}) when ?is_name(Name) -> make_ref();
monitor(_, _) -> error(badarg).

-doc "Takes a monitor back.".
-spec demonitor(reference()) -> true.
demonitor(Ref) when is_reference(Ref) -> true;
demonitor(_) -> error(badarg).

-doc "The words for a reason.".
-spec format_error(term()) -> string().
format_error(not_supported) -> "Linked-in drivers are not supported by this runtime system";
format_error(Reason) ->
    maps:get(Reason, #{bad_driver_name => "Bad driver name", not_loaded => "DDLL driver is not loaded",
                       not_loaded_by_this_process => "DDLL driver was not loaded by this process",
                       not_pending => "DDLL load not pending for this driver name",
                       linked_in_driver => "Driver is statically linked and cannot be loaded/unloaded",
                       inconsistent => "Driver name and/or driver options are inconsistent with currently loaded driver"},
             lists:flatten(io_lib:format("~tp", [Reason]))).

-doc false.
-spec start() -> {error, {already_started, undefined}}.
start() -> {error, {already_started, undefined}}.

-doc false.
-spec stop() -> ok.
stop() -> ok.
