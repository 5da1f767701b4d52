-module(gerl_behaviour).
-moduledoc "What behaviours ask of their callback modules, as the linter wants to know it. Internal.".

-export([info/1]).

-doc "{Name, Callbacks, OptionalCallbacks}; undefined if there is no such behaviour, none if it tells no callbacks.".
-spec info(module()) -> {module(), undefined | none | term(), term()}.
info(Name) ->
    try Name:behaviour_info(callbacks) of
        undefined -> {Name, none, []};
        Callbacks -> {Name, Callbacks, optional(Name)}
    catch
        _:_ -> {Name, undefined, []}
    end.

optional(Name) ->
    try Name:behaviour_info(optional_callbacks) of
        undefined -> [];
        Functions -> Functions
    catch
        _:_ -> []
    end.
