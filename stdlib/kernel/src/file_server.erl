-module(file_server).
-moduledoc """
The process of the name `file_server_2`: carries out the functions of `m:prim_file` for other processes and nodes. The functions of module `m:file` do
without it, but for those with a node in their arguments. Internal.
""".

-behaviour(gen_server).

-export([start_link/0, init/1, handle_call/3, handle_cast/2]).

%% What it does for others: no files are opened raw, since only their owner can use them.
-define(SERVED, [altname, copy, del_dir, delete, get_cwd, list_dir, list_dir_all, make_dir, make_link, make_symlink, read_file, read_file_info,
                 read_link, read_link_all, read_link_info, rename, set_cwd, write_file, write_file_info]).

-doc "Starts the process.".
-spec start_link() -> {ok, pid()} | {error, {already_started, pid()}}.
start_link() -> kernel:asleep(file_server_2, {server, ?MODULE, []}, self()).

-doc false.
init([]) ->
    {module, _} = code:ensure_loaded(prim_file),
    {ok, undefined}.

-doc false.
handle_call({open, Name, Modes}, {Client, _}, State) when is_list(Modes) -> {reply, file_io_server:start(Client, Name, Modes), State};
handle_call(Request, _From, State) ->
    {Function, Args} = case Request of
                           _ when is_atom(Request) -> {Request, []};
                           _ when is_tuple(Request) -> {element(1, Request), tl(tuple_to_list(Request))};
                           _ -> {none, []}
                       end,
    case lists:member(Function, ?SERVED) andalso erlang:function_exported(prim_file, Function, length(Args)) of
        true -> {reply, apply(prim_file, Function, Args), State};
        false -> {noreply, State}
    end.

-doc false.
handle_cast(_Message, State) -> {noreply, State}.
