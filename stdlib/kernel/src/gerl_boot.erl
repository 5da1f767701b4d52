-module(gerl_boot).
-moduledoc """
Carries out the boot script of a release (`-boot FILE`), as `systools` makes them: the code path, modules that are loaded ahead in the embedded mode, applications
that are loaded and started. What concerns the system's own start, which is the same for all programs, is passed over. Internal.
""".

-export([release/1, run/1, identity/1]).

-doc "The boot script among the flags of the command line that is not one of OTP's own.".
-spec release([{atom(), [string()]}]) -> string() | none.
release(Flags) ->
    Own = ["start", "start_clean", "start_sasl", "no_dot_erlang", "none"],
    case [Name || {boot, [Name | _]} <- Flags, not lists:member(filename:basename(Name), Own)] of
        [] -> none;
        Names -> lists:last(Names)
    end.

-doc "Name and version of the release.".
-spec identity(string()) -> {string(), string()}.
identity(Name) ->
    {script, Identity, _} = script(Name),
    Identity.

-doc "Carries out a script. Throws what init says when one of its calls fails.".
-spec run(string()) -> ok.
run(Name) ->
    {script, _, Steps} = script(Name),
    Embedded = code:get_mode() =:= embedded,
    lists:foreach(fun(Step) -> step(Step, Embedded) end, Steps).

script(Name) ->
    File = Name ++ ".boot",
    case file:read_file(File) of
        {ok, Bytes} ->
            try binary_to_term(Bytes) of
                {script, {_, _}, Steps} = Script when is_list(Steps) -> Script;
                _ -> throw({failed, [], {'bad bootfile', File}})
            catch error:badarg -> throw({failed, [], {'bad bootfile', File}})
            end;
        {error, _} -> throw({failed, [], {'cannot get bootfile', list_to_atom(File)}})
    end.

step({path, Dirs}, _) -> code:add_pathsz([D || Dir <- Dirs, D <- [place(Dir)], not own(D)]);
step({primLoad, Modules}, true) ->
    _ = [code:ensure_loaded(Module) || Module <- Modules],
    ok;
step({apply, {application, load, [{application, App, _}]}}, _) when App =:= kernel; App =:= stdlib -> ok;
step({apply, {application, start_boot, [App | _]}}, _) when App =:= kernel; App =:= stdlib -> ok;
step({apply, {c, erlangrc, _}}, _) -> ok; % init does
step({apply, {M, F, A}}, _) ->
    try apply(M, F, A) of
        {error, Reason} when {M, F} =:= {application, load}, element(1, Reason) =/= already_loaded -> throw({failed, [], {apply, {M, F, A}, Reason}});
        _ -> ok
    catch
        exit:Reason -> throw({failed, [], Reason});
        error:Reason:Stack -> throw({failed, [], {Reason, init:trace(Stack)}});
        throw:Thrown -> throw({failed, [], {nocatch, Thrown}})
    end;
step(_, _) -> ok.

%% The library of the program stands for what belongs to its own applications.
own(Dir) ->
    [App | _] = string:split(filename:basename(filename:dirname(Dir)), "-"),
    lists:member(App, ["kernel", "stdlib", "compiler", "erts"]).

%% A directory that begins with a variable: $ROOT or one of -boot_var.
place([$$ | Rest] = Dir) ->
    [Name | Below] = filename:split(Rest),
    Value = case {Name, init:get_argument(boot_var)} of
                {"ROOT", _} -> code:root_dir();
                {_, {ok, Pairs}} -> proplists:get_value(Name, [{K, V} || [K, V] <- Pairs], none);
                {_, error} -> none
            end,
    case Value of
        none -> Dir;
        _ -> filename:join([Value | Below])
    end;
place(Dir) -> Dir.
