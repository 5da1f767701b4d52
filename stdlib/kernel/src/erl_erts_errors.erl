-module(erl_erts_errors).
-moduledoc "Explains why built-in functions of the modules erlang, atomics, counters and persistent_term failed (EEP 54).".

-export([format_error/2, format_bs_fail/2]).

-define(NAT, {int, 0, infinity}).
-define(POS, {int, 1, infinity}).
-define(SUM, {int, 0, 16#FFFFFFFF}).

-doc "What is wrong with the arguments of the call that heads the stack trace.".
-spec format_error(term(), [tuple()]) -> map().
format_error(Reason, [{Module, Name, Args, Location} | _]) when is_list(Args) ->
    Info = proplists:get_value(error_info, Location, #{}),
    explain(Module, Name, Args, Reason, maps:get(cause, Info, none));
format_error(_, _) -> #{}.

explain(erlang, _, _, system_limit, _) -> #{};
explain(erlang, Name, Args, _, Cause) ->
    case special(Name, Args, Cause) of
        table ->
            Remarks = gerl_explain:table(remarks(), Name, length(Args)),
            gerl_explain:map(Remarks, Args, Cause);
        Remarks when is_list(Remarks) -> gerl_explain:map(Remarks, Args, Cause);
        Map -> Map
    end;
explain(Module, new, [_, _] = Args, system_limit, Cause) when Module =:= atomics; Module =:= counters ->
    Size = iolist_to_binary([atom_to_list(Module), " array size reached a system limit"]),
    gerl_explain:map([Size, list], Args, Cause);
explain(Module, new, [_, _] = Args, _, Cause) when Module =:= atomics; Module =:= counters ->
    gerl_explain:map([?POS, {cause, badopt, {list, {bad, option}}, '_'}], Args, Cause);
explain(atomics, _, [Array | Rest] = Args, _, Cause) -> gerl_explain:map(atomics(Array, length(Rest)), Args, Cause);
explain(counters, _, [Array | Rest] = Args, _, Cause) -> gerl_explain:map(counters(Array, Rest), Args, Cause);
explain(persistent_term, get, [_], _, _) -> #{1 => <<"no persistent term stored with this key">>};
explain(_, _, _, _, _) -> #{}.

atomics(Array, N) ->
    try atomics:info(Array) of
        #{min := Min, max := Max, size := Size} -> ['_', {int, 1, Size} | lists:duplicate(max(N - 1, 0), {int, Min, Max})]
    catch
        error:badarg -> [<<"invalid atomics reference">>, ?POS | lists:duplicate(max(N - 1, 0), integer)]
    end.

counters(Array, Rest) ->
    try counters:info(Array) of
        #{size := Size} -> ['_', {int, 1, Size} | [{fine, {integer, {bad, range}}} || length(Rest) > 1]]
    catch
        error:badarg -> [<<"invalid atomics reference">>, ?POS, integer]
    end.

%% Remarks about functions of module erlang whose failures can be explained argument by argument.
remarks() ->
    [{[{bad, number}], [abs, ceil, float, floor, round, trunc]},
     {[{bad, atom}], [atom_to_binary, atom_to_list, check_old_code, delete_module, module_loaded, whereis]},
     {[{bad, atom}, '_'], [is_record]},
     {['_', atom, integer], [is_record]},
     {[{bad, iodata}], [adler32, crc32, iolist_size, iolist_to_binary, iolist_to_iovec, md5]},
     {[?SUM, iodata], [adler32, crc32]},
     {[?SUM, ?SUM, ?NAT], [adler32_combine, crc32_combine]},
     {[{list, {bad, option}}], [alias]},
     {[{bad, plain_list}, '_'], [append]},
     {[atom, atom, list], [apply, hibernate, spawn, spawn_link, spawn_monitor, spawn_request]},
     {[atom, atom, atom, list], [spawn, spawn_link, spawn_monitor]},
     {[atom, 'fun'], [spawn, spawn_link, spawn_monitor]},
     {[{bad, 'fun'}], [spawn, spawn_link, spawn_monitor, spawn_request, fun_info, fun_info_mfa, fun_to_list]},
     {['fun', {cause, badopt, {list, <<"invalid spawn option">>}, '_'}], [spawn_opt]},
     {[atom, 'fun', {cause, badopt, {list, <<"invalid spawn option">>}, '_'}], [spawn_opt]},
     {[atom, atom, list, {cause, badopt, {list, <<"invalid spawn option">>}, '_'}], [spawn_opt]},
     {[atom, atom, atom, list, {cause, badopt, {list, <<"invalid spawn option">>}, '_'}], [spawn_opt]},
     {[atom, atom, atom, list, {cause, badopt, {bad, option}, '_'}], [spawn_request]},
     {[{bad, tuple}], [tuple_size, tuple_to_list]},
     {[{bad, tuple}, '_'], [append_element]},
     {[{bad, bitstring}], [bit_size, byte_size, bitstring_to_list]},
     {[{bad, binary}], [binary_to_list]},
     {[{binary, <<"not a textual representation of a float">>}], [binary_to_float]},
     {[{binary, <<"not a textual representation of an integer">>}], [binary_to_integer]},
     {[{plain_list, <<"not a textual representation of a float">>}], [list_to_float]},
     {[{plain_list, <<"not a textual representation of an integer">>}], [list_to_integer]},
     {[{plain_list, <<"not a textual representation of a pid">>}], [list_to_pid]},
     {[{plain_list, <<"not a textual representation of a port">>}], [list_to_port]},
     {[{plain_list, <<"not a textual representation of a reference">>}], [list_to_ref]},
     {[{binary, <<"invalid external representation of a term">>}], [binary_to_term]},
     {[?NAT], [bump_reductions]},
     {[{bad, reference}], [cancel_timer, demonitor, read_timer, ref_to_list, unalias, spawn_request_abandon]},
     {[reference, options], [cancel_timer, demonitor, read_timer]},
     {[own_pid, atom], [check_process_code]},
     {[own_pid, atom, {cause, bad_option, {bad, option}, '_'}], [check_process_code]},
     {[integer, time_unit, time_unit], [convert_time_unit]},
     {[{bad, string}], [display_string]},
     {[{bad, destination}, '_'], [exit, exit_signal, send, send_nosuspend]},
     {[{cause, badopt, '_', {bad, destination}}, '_', {cause, badopt, {list, {bad, option}}, '_'}],
      [exit, exit_signal, send, send_nosuspend]},
     {['_', {list, {bad, option}}], [external_size, term_to_binary, term_to_iovec]},
     {[{bad, float}], [float_to_binary, float_to_list]},
     {[float, options], [float_to_binary, float_to_list]},
     {[atom, atom, ?NAT], [function_exported, is_builtin, make_fun]},
     {['fun', {fine, <<"invalid item">>}], [fun_info]},
     {[own_pid], [garbage_collect, is_process_alive, process_info]},
     {[own_pid, {cause, bad_option, {bad, option}, '_'}], [garbage_collect]},
     {[atom], [get_cookie, set_cookie, purge_module]},
     {[live_node, atom], [set_cookie]},
     {[pid, pid], [group_leader]},
     {[<<"invalid status">>], [halt]},
     {[{cause, badopt, '_', <<"invalid status">>}, {cause, badopt, {list, {bad, option}}, '_'}], [halt]},
     {[{bad, cons}], [hd, tl]},
     {[{bad, integer}], [integer_to_binary, integer_to_list, posixtime_to_universaltime]},
     {[integer, base], [integer_to_binary, integer_to_list]},
     {['_', {integer, {bad, range}}], [is_function]},
     {[{bad, integer}, '_', '_'], [is_integer]},
     {['_', {bad, map}], [is_map_key]},
     {[{bad, map}], [map_size]},
     {[{bad, plain_list}], [length, list_to_tuple]},
     {[{list, {bad, string}}], [list_to_atom]},
     {[{bad, iolist}], [list_to_binary]},
     {[<<"not a bitstring list">>], [list_to_bitstring]},
     {[atom, binary], [load_module, prepare_loading]},
     {[localtime], [localtime_to_universaltime]},
     {[localtime, isdst], [localtime_to_universaltime]},
     {[<<"not a valid path name">>, '_'], [load_nif]},
     {[{bad, range}, '_'], [make_tuple]},
     {[?NAT, '_', options], [make_tuple]},
     {[atom, boolean], [monitor_node]},
     {[atom, boolean, {list, {cause, badopt, {bad, option}, '_'}}], [monitor_node]},
     {[{bad, time_unit}], [monotonic_time, system_time, time_offset]},
     {[{bad, pid}], [node, pid_to_list, unlink, unregister]},
     {['_', ?POS], [phash, phash2]},
     {[own_port, ?SUM, '_'], [port_call]},
     {[own_port], [port_close, port_info]},
     {[own_port, iodata], [port_command]},
     {[own_port, iodata, {cause, badopt, {list, {bad, option}}, '_'}], [port_command]},
     {[own_port, own_pid], [port_connect]},
     {[own_port, ?SUM, iodata], [port_control]},
     {[own_port, {cause, badtype, '_', {bad, option}}], [port_info]},
     {[{bad, port}], [port_to_list]},
     {[{cause, badopt, own_pid, {own_pid, {bad, live_pid}}}, {cause, badopt, <<"invalid value">>, '_'}], [process_display]},
     {[<<"invalid processes iterator">>], [processes_next]},
     {[{cause, badopt, <<"invalid process flag">>, '_'}, {cause, badopt, '_', <<"invalid value for this process flag">>}],
      [process_flag]},
     {[own_pid, {fine, <<"invalid item or item list">>}], [process_info]},
     {[{own_pid, <<"process is not suspended or is not alive">>}], [resume_process]},
     {[<<"not tuple or binary">>], [size]},
     {[plain_list_or_improper(), plain_list_or_improper()], [subtract]},
     {[{cause, badopt, <<"invalid system flag">>, '_'}, {cause, badopt, '_', <<"invalid value for this system flag">>}],
      [system_flag]},
     {[<<"invalid system info item">>], [system_info]},
     {[<<"invalid system monitor item">>], [system_monitor]},
     {[<<"invalid statistics item">>], [statistics]},
     {[{list, <<"invalid modifier">>}], [unique_integer]},
     {[{bad, universaltime}], [universaltime_to_localtime, universaltime_to_posixtime]}].

plain_list_or_improper() -> list.

%% Functions where what is wrong with one argument depends on the others: remarks, a map, or `table`.
special(Name, [_, Tuple | _] = Args, _) when Name =:= element, length(Args) =:= 2; Name =:= delete_element, length(Args) =:= 2;
                                             Name =:= setelement, length(Args) =:= 3;
                                             Name =:= insert_element, length(Args) =:= 3 ->
    [{int, 1, case is_tuple(Tuple) of true -> tuple_size(Tuple); false -> infinity end}, tuple];
special(atom_to_binary, [_, Encoding], _) ->
    [case Encoding of latin1 -> {atom, <<"contains a character not expressible in latin1">>}; _ -> atom end,
     case lists:member(Encoding, [latin1, unicode, utf8]) of
         true -> '_';
         false -> <<"is an invalid encoding option">>
     end];
special(binary_part, [Bin, {Pos, Len}], Cause) when is_integer(Pos), is_integer(Len) ->
    case gerl_explain:map(special(binary_part, [Bin, Pos, Len], Cause), [Bin, Pos, Len], Cause) of
        #{1 := Text} = Map when map_size(Map) =:= 1 -> #{1 => Text};
        #{2 := _} when is_binary(Bin), Pos > byte_size(Bin) -> #{};
        Map -> (maps:with([1], Map))#{2 => <<"out of range">>}
    end;
special(binary_part, [_, _], _) -> [binary, <<"not a valid {Pos,Length} tuple">>];
special(binary_part, [Bin, Pos, Len], _) ->
    case is_binary(Bin) andalso is_integer(Pos) andalso Pos > byte_size(Bin) andalso is_integer(Len) of
        true -> ['_', {bad, range}];
        false -> [binary, ?NAT, {integer, {fine, {bad, range}}}]
    end;
special(decode_packet, [_, Bin, _], _) ->
    [{cause, badopt, <<"invalid packet type">>, '_'}, binary, case is_binary(Bin) of true -> {list, {bad, option}}; false -> list end];
special(binary_to_atom, [Bin | Rest], _) -> to_atom(Bin, Rest, '_');
special(binary_to_existing_atom, [Bin | Rest], _) -> to_atom(Bin, Rest, <<"not an already existing atom">>);
special(Name, [_, Base], _) when Name =:= binary_to_integer; Name =:= list_to_integer ->
    Kind = case Name of binary_to_integer -> binary; list_to_integer -> list end,
    case gerl_explain:remark(base, Base) of
        ok -> [{Kind, <<"not a textual representation of an integer">>}];
        Text -> [Kind, Text]
    end;
special(binary_to_list, [Bin, Start, Stop], _) ->
    case is_binary(Bin) andalso is_integer(Start) andalso is_integer(Stop) andalso Start > 0 andalso Stop > 0 of
        true when Start > Stop -> ['_', <<"start position greater than stop position">>];
        true -> ['_', {int, 1, byte_size(Bin)}, {int, 1, byte_size(Bin)}];
        false -> [binary, ?POS, ?POS]
    end;
special(binary_to_term, [Bin, Options], Cause) ->
    Known = case Cause of badopt -> '_'; _ -> {fine, bad_format(Options)} end,
    case {is_binary(Bin), Cause} of
        {true, badopt} ->
            case gerl_explain:remark({list, {bad, option}}, Options) of
                ok -> [bad_format(Options)];
                Text -> ['_', Text]
            end;
        {true, _} -> [Known];
        {false, badopt} -> [binary, {list, {bad, option}}];
        {false, _} -> [binary]
    end;
special(Name, [_], Cause) when Name =:= display_string, Cause =/= none -> posix(Cause, 1);
special(display_string, [Device, _], none) ->
    case lists:member(Device, [stdin, stdout, stderr]) of
        true -> ['_', {bad, string}];
        false -> [<<"not a valid device type">>]
    end;
special(display_string, [_, _], Cause) -> posix(Cause, 1);
special(link, [Whom | _], Cause) when Cause =/= badopt ->
    [if is_pid(Whom) -> {bad, live_pid}; is_port(Whom) -> {bad, live_port}; true -> {bad, pid_or_port} end];
special(link, [_, _], badopt) -> ['_', {list, {bad, option}}];
special(list_to_existing_atom, [List], _) ->
    case is_list(List) andalso is_text(List) of
        true -> [<<"not an already existing atom">>];
        false -> [{list, {bad, string}}]
    end;
special(map_get, [_, Map], _) when is_map(Map) -> [<<"not present in map">>];
special(map_get, [_, _], _) -> ['_', {bad, map}];
special(match_spec_test, [_, _, trace], _) -> [{bad, plain_list}];
special(match_spec_test, [_, _, table], _) -> [{bad, tuple}];
special(match_spec_test, [_, _, _], _) -> ['_', '_', <<"invalid type for match spec">>];
special(Name, [Context | _], _) when Name =:= md5_final; Name =:= md5_update ->
    Size = byte_size(erlang:md5_init()),
    [case Context of
         <<_:Size/binary>> -> '_';
         _ -> {binary, <<"invalid MD5 context">>}
     end, iodata];
special(memory, [What], _) ->
    IsList = gerl_explain:remark(plain_list, What) =:= ok,
    [if
         IsList -> {bad, option};
         is_atom(What) -> <<"invalid memory type option">>;
         true -> <<"not an atom or a list of atoms">>
     end];
special(monitor, [_, _ | _], badtype) -> [<<"invalid monitor type">>];
special(monitor, [Type, _ | Rest], Cause) ->
    ['_', case Type of port -> own_port; process -> pid; _ -> '_' end
     | [{list, {bad, option}} || Rest =/= [], Cause =:= badopt]];
special(nodes, [Types | Rest], _) ->
    Valid = fun(T) -> lists:member(T, [this, connected, visible, hidden, known]) end,
    Alone = Rest =:= [],
    [if
         is_atom(Types) ->
             case not Alone andalso Valid(Types) of true -> '_'; false -> <<"not a valid node type">> end;
         is_list(Types) ->
             case not Alone andalso lists:all(Valid, Types) of
                 true -> '_';
                 false -> <<"not a list of valid node types">>
             end;
         true -> <<"not a valid node type or list of valid node types">>
     end
     | [case Options of
            #{} ->
                Odd = maps:filter(fun(K, V) -> not lists:member(K, [connection_id, node_type]) orelse not is_boolean(V) end,
                                  Options),
                case map_size(Odd) of 0 -> '_'; _ -> <<"invalid options in map">> end;
            _ -> map
        end || Options <- Rest]];
special(open_port, [Name, _], badopt) when is_tuple(Name) -> ['_', {bad, option}];
special(open_port, [_, _], badopt) -> [tuple, {bad, option}];
special(open_port, [Name, Settings], _) when is_tuple(Name), is_list(Settings) ->
    case lists:keymember(args, 1, Settings) andalso element(1, Name) =/= spawn_executable of
        true -> [<<"must be spawn_executable">>];
        false -> [<<"invalid port name">>]
    end;
special(open_port, [_, _], _) -> [];
special(process_flag, [_, Option, _], Cause) ->
    Flag = case Option of save_calls -> '_'; _ -> <<"invalid process flag">> end,
    case Cause of
        badtype -> [{own_pid, {bad, live_pid}}, Flag];
        _ -> [own_pid, Flag, {fine, <<"invalid value for process flag 'save_calls'">>}]
    end;
special(register, [_, _], registered_name) -> ['_', <<"this process or port already has a name">>];
special(register, [_, _], notalive) -> ['_', {bad, live_pid}];
special(register, [Name, Whom] = Args, Cause) ->
    Remarks = [case Name of undefined -> <<"'undefined' is not a valid name">>; _ -> atom end,
               if
                   is_pid(Whom) -> own_pid;
                   is_port(Whom) -> own_port;
                   true -> <<"not a pid or port">>
               end],
    case gerl_explain:map(Remarks, Args, Cause) of
        None when map_size(None) =:= 0 -> [<<"name is in use">>];
        Some -> Some
    end;
special(spawn_request, [Fun, _], Cause) when is_function(Fun) -> ['_', {cause, badopt, {bad, option}, '_'}] -- [Cause];
special(spawn_request, [_, Fun], _) when is_function(Fun) -> [{bad, atom}];
special(spawn_request, [Node, _], _) when is_atom(Node) -> ['_', {bad, 'fun'}];
special(spawn_request, [_, _], _) -> [<<"not a fun or an atom">>];
special(spawn_request, [_, Fun, _], Cause) when is_function(Fun) ->
    [atom, '_', case Cause of badopt -> {list, {bad, option}}; _ -> list end];
special(spawn_request, [_, _, F, _], _) when is_atom(F) -> [atom, atom, atom, list];
special(spawn_request, [_, _, _, _], _) -> [atom, atom, list, {cause, badopt, {bad, option}, '_'}];
%% the options of another node's process are that node's business
special(spawn_opt, [_, F, _], _) when not is_function(F) -> [atom, 'fun'];
special(spawn_opt, [_, _, _, _, Options], _) when not is_list(Options) -> [atom, atom, atom, list];
special(spawn_opt, [Node, _, _], _) when is_atom(Node), Node =/= node() -> [atom, 'fun'];
special(spawn_opt, [Node, _, _, _, _], _) when is_atom(Node), Node =/= node() -> [atom, atom, atom, list];
special(spawn_request, [Node, _, _, _, _], _) when is_atom(Node), Node =/= node() -> [atom, atom, atom, list];
special(split_binary, [Bin, _], _) when is_binary(Bin) -> ['_', {?NAT, {int, 0, byte_size(Bin)}}];
special(split_binary, [_, _], _) -> [binary, ?NAT];
special(Name, [_, Whom, _ | Options], Cause) when Name =:= start_timer; Name =:= send_after ->
    [{?NAT, {cause, time, <<"exceeds the maximum supported time value">>, '_'}},
     if
         is_pid(Whom) -> own_pid;
         is_atom(Whom) -> '_';
         true -> <<"not a pid or an atom">>
     end | [case {Options, Cause} of
                {[], _} -> '_';
                {[O], badopt} -> about(O, {list, {bad, option}}); % OTP names argument 3
                {[O], _} -> about(O, list)
            end]];
special(suspend_process, [Pid | _], _) when Pid =:= self() -> [<<"the pid refers to the current process">>];
special(suspend_process, [_, _], badopt) -> [own_pid, {fine, {list, {bad, option}}}];
special(suspend_process, [_ | _], _) -> [{own_pid, {bad, live_pid}}];
special(system_flag, [cpu_topology, _], _) -> [];
special(system_flag, [time_offset, _], _) -> [<<"invalid system flag">>];
special(system_flag, [Flag, _], _) when Flag =:= erts_alloc; Flag =:= scheduler_bind_type -> ['_', <<"invalid value for this system flag">>];
special(system_monitor, [Pid, _], _) when is_pid(Pid), node(Pid) =:= node() ->
    ['_', {list, <<"invalid system monitor option">>}];
special(system_monitor, [Pid, _], _) -> [case is_pid(Pid) of true -> {bad, own_pid}; false -> {bad, pid} end, list];
special(trace, [Whom, How, _], Cause) ->
    Remote = if
                 is_pid(Whom) -> own_pid;
                 is_port(Whom) -> own_port;
                 true -> '_'
             end,
    case Cause of
        badopt -> [Remote, boolean, {list, {bad, option}}];
        _ ->
            case {gerl_explain:remark(Remote, Whom), is_boolean(How)} of
                {ok, true} -> [<<"invalid spec for pid or port">>];
                _ -> [Remote, boolean]
            end
    end;
special(trace_pattern, [_, _ | Rest], Cause) ->
    lists:sublist(case Cause of
                      badopt -> ['_', '_', {list, {bad, option}}];
                      match_spec -> ['_', <<"invalid match specification">>, list];
                      call_count ->
                          ['_', '_', <<"a match spec is not allowed in combination with these options">>];
                      _ -> [<<"invalid MFA specification">>]
                  end, 2 + length(Rest));
special(trace_info, [Whom, _], badopt) ->
    [if
         is_pid(Whom), node(Whom) =/= node() -> {bad, own_pid};
         is_port(Whom), node(Whom) =/= node() -> {bad, own_port};
         true -> <<"not a valid tracee specification">>
     end];
special(trace_info, [_, _], _) -> ['_', <<"invalid trace item">>];
special(trace_delivered, [Pid], _) -> [case is_pid(Pid) of true -> {bad, own_pid}; false -> <<"not a pid or 'all'">> end];
special(_, _, _) -> table.

%% A remark about another value than the argument that stands in this place.
about(Value, Remark) ->
    case gerl_explain:remark(Remark, Value) of
        ok -> '_';
        Text -> Text
    end.

bad_format(Options) ->
    case is_list(Options) andalso lists:member(safe, Options) of
        true -> <<"invalid or unsafe external representation of a term">>;
        false -> <<"invalid external representation of a term">>
    end.

to_atom(Bin, Rest, Latin) ->
    Remark = case Rest of
                 [latin1] -> [{binary, Latin}];
                 [Encoding] when Encoding =/= utf8, Encoding =/= unicode ->
                     [binary, <<"not one of the atoms: latin1, utf8, or unicode">>];
                 _ when is_binary(Bin) ->
                     case unicode:characters_to_list(Bin) of
                         Text when is_list(Text) -> [<<"not an already existing atom">>];
                         _ -> [<<"invalid UTF8 encoding">>]
                     end;
                 _ -> [binary]
             end,
    Remark.

is_text(List) ->
    try unicode:characters_to_binary(List) of
        Bin -> is_binary(Bin) andalso lists:all(fun is_integer/1, List)
    catch
        error:_ -> false
    end.

posix(Cause, Place) ->
    case gerl_explain:posix(Cause) of
        unknown -> #{};
        Text when Place =:= 1 -> #{1 => Text}
    end.

%%% ---- construction of binaries ------------------------------------------------------------------

-doc "Why a bit string could not be built: which segment, and what is wrong with it.".
-spec format_bs_fail(term(), [tuple()]) -> map().
format_bs_fail(Reason, [{_, _, _, Location} | _]) ->
    case proplists:get_value(error_info, Location, #{}) of
        #{cause := {Place, Type, Fault, Value}} = Info ->
            Shown = (maps:get(pretty_printer, Info, fun shortened/1))(Value),
            Text = io_lib:format("segment ~p of type '~ts': ~ts",
                                 [maps:get(override_segment_position, Info, Place), Type,
                                  segment(Reason, Type, Fault, Value, Shown)]),
            #{general => unicode:characters_to_binary(Text), reason => <<"construction of binary failed">>};
        _ -> #{}
    end.

segment(system_limit, binary, binary, size, _) -> "the size of the binary/bitstring is too large (exceeding 2147483647 bits)";
segment(system_limit, _, _, Value, _) -> io_lib:format("the size ~p is too large", [Value]);
segment(_, float, invalid, Value, _) ->
    io_lib:format("expected one of the supported sizes 16, 32, or 64 but got: ~p", [Value]);
segment(_, float, no_float, _, Shown) -> ["the value ", Shown, " is outside the range expressible as a float"];
segment(_, binary, unit, _, Shown) ->
    ["the size of the value ", Shown, " is not a multiple of the unit for the segment"];
segment(_, _, short, _, Shown) -> ["the value ", Shown, " is shorter than the size of the segment"];
segment(_, _, size, _, Shown) -> ["expected a non-negative integer as size but got: ", Shown];
segment(_, Type, type, _, Shown) ->
    Wanted = case Type of
                 binary -> "a binary";
                 float -> "a float or an integer";
                 integer -> "an integer";
                 _ -> ["a non-negative integer encodable as ", atom_to_list(Type)]
             end,
    ["expected ", Wanted, " but got: ", Shown].

%% Long numbers and binaries are shown with dots in the middle.
shortened(Int) when is_integer(Int) ->
    case integer_to_list(Int) of
        Digits when length(Digits) < 48 -> Digits;
        Digits -> [lists:sublist(Digits, 12), "...", lists:nthtail(length(Digits) - 12, Digits)]
    end;
shortened(Bits) when is_bitstring(Bits), byte_size(Bits) >= 16 ->
    Start = io_lib:format("~w", [binary_part(Bits, 0, 8)]),
    Skip = (byte_size(Bits) - 2) * 8,
    <<_:Skip, End/bitstring>> = Bits,
    [lists:droplast(lists:droplast(lists:flatten(Start))), "...,", lists:nthtail(2, lists:flatten(io_lib:format("~w", [End])))];
shortened(Bits) when is_bitstring(Bits) -> io_lib:format("~p", [Bits]);
shortened(Value) -> io_lib:format("~P", [Value, 20]).
