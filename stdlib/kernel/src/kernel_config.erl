-module(kernel_config).
-moduledoc """
The place in kernel's tree where a start waits for other nodes that must or may be there. What the node itself does is represented in the tree by processes with
these callbacks, too: they answer what every server answers. Internal.
""".

-behaviour(gen_server).

-export([start_link/0, init/1, handle_call/3, handle_cast/2]).

-doc "Starts the process.".
-spec start_link() -> {ok, pid()}.
start_link() -> kernel:asleep(none, kernel:idle(?MODULE), self()).

-doc false.
init(State) -> {ok, State}.

-doc false.
handle_call(_Request, _From, State) -> {noreply, State}.

-doc false.
handle_cast(_Message, State) -> {noreply, State}.
