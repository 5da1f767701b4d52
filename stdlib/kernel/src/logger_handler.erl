-module(logger_handler).
-moduledoc "The behaviour of handlers of the logger.".

-export_type([config/0, id/0]).

-type id() :: logger:handler_id().
-type config() :: logger:handler_config().

-doc "Called when a handler is added, before it gets events; the configuration that it is to have.".
-callback adding_handler(config()) -> {ok, config()} | {error, Reason :: term()}.
-doc "Called before a handler's configuration changes; the configuration that it is to have.".
-callback changing_config(SetOrUpdate :: set | update, Old :: config(), New :: config()) -> {ok, config()} | {error, Reason :: term()}.
-doc "What of a configuration is shown.".
-callback filter_config(config()) -> config().
-doc "Takes an event, in the process that logs it.".
-callback log(logger:log_event(), config()) -> term().
-doc "Called when a handler has been removed.".
-callback removing_handler(config()) -> term().

-optional_callbacks([adding_handler/1, changing_config/3, filter_config/1, removing_handler/1]).
