-module(badload).
-export([value/0]).
-on_load(init/0).
init() -> nope.
value() -> 42.
