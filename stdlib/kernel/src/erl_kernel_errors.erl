-module(erl_kernel_errors).
-moduledoc "Explains why functions of the modules os, code and trace failed (EEP 54).".

-export([format_error/2]).

-doc "What is wrong with the arguments of the call that heads the stack trace.".
-spec format_error(term(), [tuple()]) -> map().
format_error(_Reason, [{Module, Name, Args, Location} | _]) when is_list(Args) ->
    Info = proplists:get_value(error_info, Location, #{}),
    Cause = maps:get(cause, Info, none),
    case remarks(Module, Name, Args, Cause) of
        Remarks when is_list(Remarks) -> gerl_explain:map(Remarks, Args, Cause);
        Map -> Map
    end;
format_error(_, _) -> #{}.

remarks(os, cmd, _, {open_port, Reason}) ->
    #{general => case gerl_explain:posix(Reason) of
                     unknown -> unicode:characters_to_binary(io_lib:format("open_port failed with reason: ~tp", [Reason]));
                     Text -> Text
                 end};
remarks(os, cmd, _, _) -> [{cause, badopt, '_', {bad, string}}, {cause, badopt, {bad, map}, '_'}];
remarks(os, Name, [Variable | Value], _) when Name =:= getenv; Name =:= putenv; Name =:= unsetenv ->
    gerl_explain:numbered([variable(Variable) | [characters(V) || V <- Value, Name =:= putenv]]);
remarks(os, Name, [_], _) when Name =:= perf_counter; Name =:= system_time -> [{bad, time_unit}];
remarks(os, set_signal, _, badopt) -> [atom, <<"invalid signal handling option">>];
remarks(os, set_signal, _, _) -> [{atom, <<"invalid signal name">>}];
remarks(code, Name, Args, _) when Name =:= get_coverage; Name =:= get_coverage_mode; Name =:= reset_coverage;
                                  Name =:= set_coverage_mode ->
    coverage(code:coverage_support(), Name, Args);
remarks(code, get_debug_info, [Module], _) ->
    [loaded(Module, <<"this runtime system does not support the native debug API">>)];
remarks(trace, Name, Args, Cause) -> trace(Name, Args, Cause);
remarks(_, _, _, _) -> [].

coverage(false, _, _) -> [<<"this runtime system does not support coverage">>];
coverage(true, get_coverage, [What, Module]) ->
    case lists:member(What, [function, line, cover_line_id]) of
        true -> ['_', loaded(Module, <<"not loaded with coverage enabled">>)];
        false -> [<<"must be one of: function, line, or cover_line_id">>]
    end;
coverage(true, set_coverage_mode, [_]) ->
    [{atom, <<"must be one of: none, function, function_counters, line, or line_counters">>}];
coverage(true, _, [Module]) -> [loaded(Module, <<"not loaded with coverage enabled">>)].

loaded(Module, Else) ->
    case is_atom(Module) andalso not erlang:module_loaded(Module) of
        true -> <<"the atom does not refer to a loaded module">>;
        false -> {atom, Else}
    end.

%% Of what is wrong besides the session, this comes first.
trace(system, [_, _, _], _) -> [];
trace(delivered, [_, Whom], session) when not is_pid(Whom), Whom =/= all -> [<<"not a pid or 'all'">>];
trace(process, [_, Whom, How, _], session) when is_boolean(How), not is_pid(Whom), Whom =/= all, Whom =/= processes, Whom =/= new,
                                                Whom =/= existing, Whom =/= new_processes, Whom =/= existing_processes ->
    ['_', <<"invalid process spec">>];
trace(port, [_, Whom, How, _], session) when is_boolean(How), not is_port(Whom), Whom =/= all, Whom =/= ports, Whom =/= new,
                                             Whom =/= existing, Whom =/= new_ports, Whom =/= existing_ports ->
    ['_', <<"invalid port spec">>];
trace(_, _, session) -> [<<"invalid trace session">>];
trace(Name, [_, Whom, How, _], Cause) when Name =:= process; Name =:= port ->
    Remote = if
                 is_pid(Whom) -> own_pid;
                 is_port(Whom) -> own_port;
                 true -> '_'
             end,
    case Cause =/= badopt andalso is_boolean(How) andalso gerl_explain:remark(Remote, Whom) =:= ok of
        true -> ['_', iolist_to_binary(["invalid ", atom_to_list(Name), " spec"])];
        false -> ['_', Remote, boolean, {cause, badopt, {list, {bad, option}}, '_'}]
    end;
trace(function, [_, _, _, _], badopt) -> ['_', '_', '_', {list, {bad, option}}];
trace(function, [_, _, _, _], match_spec) -> ['_', '_', <<"invalid match specification">>, list];
trace(function, [_, _, _, _], call_count) ->
    ['_', '_', '_', <<"a match spec is not allowed in combination with these options">>];
trace(function, [_, _, _, _], _) -> ['_', <<"invalid MFA specification">>];
trace(Name, [_, _, _], badopt) when Name =:= send; Name =:= recv -> ['_', '_', {list, {bad, option}}];
trace(Name, [_, _, _], match_spec) when Name =:= send; Name =:= recv -> ['_', <<"invalid match specification">>, list];
trace(info, [_, Tracee, _], badopt) ->
    ['_', if
              is_pid(Tracee), node(Tracee) =/= node() -> {bad, own_pid};
              is_port(Tracee), node(Tracee) =/= node() -> {bad, own_port};
              true -> <<"not a valid tracee specification">>
          end];
trace(info, [_, _, _], _) -> ['_', '_', <<"invalid trace item">>];
trace(session_create, [_, Tracer, Options], _) ->
    Own = is_pid(Tracer) andalso node(Tracer) =:= node() orelse is_port(Tracer) andalso node(Tracer) =:= node(),
    [atom,
     case Tracer of
         {Module, _} when is_atom(Module) -> '_';
         _ when Own -> '_';
         _ -> <<"invalid tracer">>
     end,
     case Options of [] -> '_'; [_ | _] -> {bad, option}; _ -> {bad, plain_list} end];
trace(session_destroy, [_], _) -> [<<"invalid trace session">>];
trace(session_info, [_], _) -> [<<"not a valid tracee specification">>];
trace(_, _, _) -> [].

variable(Name) ->
    case characters(Name) of
        ok ->
            case lists:member($=, lists:flatten(Name)) of
                true -> <<"\"=\" characters is not allowed in environment variable names">>;
                false -> ok
            end;
        Text -> Text
    end.

characters(Name) when is_list(Name) ->
    try lists:flatten(Name) of
        Flat ->
            Integers = lists:all(fun is_integer/1, Flat),
            Text = Integers andalso is_list(unicode:characters_to_list(Flat, file:native_name_encoding())),
            Zero = Text andalso lists:member(0, Flat),
            if
                not Integers -> <<"not a list of characters">>;
                not Text -> <<"invalid characters">>;
                Zero -> <<"\"\\0\" characters is not allowed in environment variable names or values">>;
                true -> ok
            end
    catch
        error:_ -> <<"not a proper list">>
    end;
characters(_) -> <<"not a list">>.
