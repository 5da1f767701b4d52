%% Answers requests of package beamtest: each packet is one letter and its data.
-module(gerl_beamtest).
-export([main/0]).

main() ->
    Port = open_port({fd, 0, 1}, [{packet, 4}, binary, eof]),
    loop(Port).

loop(Port) ->
    receive
        {Port, {data, <<Op, Data/binary>>}} ->
            Answer = try handle(Op, Data)
                     catch Class:Reason:Trace ->
                             io_lib:format("~p:~p ~p", [Class, Reason, Trace])
                     end,
            Port ! {self(), {command, unicode:characters_to_binary(Answer)}},
            loop(Port);
        {Port, eof} ->
            halt(0)
    end.

%% Validate an assembly listing.
handle($v, Text) ->
    Forms = terms(unicode:characters_to_list(Text), 1),
    case beam_validator:validate(module(Forms), strong) of
        ok -> "ok";
        {error, [{_, Errors} | _]} ->
            [[M:format_error(E), $\n] || {_, M, E} <- Errors]
    end;
%% Load a module; give its exports, if it can be called.
handle($l, Beam) ->
    {ok, {Name, _}} = beam_lib:chunks(Beam, []),
    case code:load_binary(Name, "beamtest", Beam) of
        {module, Name} ->
            code:purge(Name),
            "ok";
        {error, What} ->
            io_lib:format("~p", [What])
    end;
%% Prepare a module for loading: the loader does all its work but does not replace a module that the node runs on.
handle($p, Beam) ->
    {ok, {Name, _}} = beam_lib:chunks(Beam, []),
    case erlang:prepare_loading(Name, Beam) of
        Ref when is_reference(Ref) -> "ok";
        {error, What} -> io_lib:format("~p", [What])
    end;
%% The checksum of a module.
handle($m, Beam) ->
    {ok, {_, <<Sum:128>>}} = beam_lib:md5(Beam),
    io_lib:format("~32.16.0b", [Sum]);
%% The value of an expression.
handle($e, Text) ->
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Text)),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Exprs, []),
    io_lib:format("~w", [Value]).

terms(Text, Line) ->
    case erl_scan:tokens([], Text, Line) of
        {done, {ok, Tokens, Next}, Rest} ->
            {ok, Term} = erl_parse:parse_term(Tokens),
            [Term | terms(Rest, Next)];
        _ -> []
    end.

%% The shape that beam_validator takes: it has an annotation map since OTP 29.
module([{module, Name}, {exports, Exports}, {attributes, Attributes} | Forms]) ->
    {Annos, [{labels, Labels} | Code]} = lists:splitwith(fun(F) -> element(1, F) =/= labels end, Forms),
    Functions = functions(Code),
    case erlang:system_info(otp_release) >= "29" of
        true -> {Name, Exports, Attributes, maps:from_list(Annos), Functions, Labels};
        false -> {Name, Exports, Attributes, Functions, Labels}
    end.

functions([{function, Name, Arity, Entry} | Code]) ->
    {Is, Rest} = lists:splitwith(fun(I) -> not is_function_form(I) end, Code),
    [{function, Name, Arity, Entry, Is} | functions(Rest)];
functions([]) -> [].

is_function_form({function, _, _, _}) -> true;
is_function_form(_) -> false.
