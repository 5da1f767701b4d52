-module(gerl_file_copy).
-moduledoc "Copies bytes from one file to another for `file:copy/3`. Internal.".

-export([copy/3]).

-include("file.hrl").

-doc "Copies at most Count bytes: files are names, {Name, Modes} or open.".
-spec copy(term(), term(), non_neg_integer() | infinity) -> {ok, non_neg_integer()} | {error, term()}.
copy(From, To, Count) ->
    opened(From, read, fun(In) -> opened(To, write, fun(Out) -> transfer(In, Out, at_most(Count, In), 0) end) end).

opened(Device, _, F) when is_pid(Device); is_record(Device, file_descriptor) -> F(Device);
opened({Name, Modes}, Mode, F) when is_list(Modes) ->
    case file:open(Name, [Mode, binary, raw | Modes]) of
        {ok, Device} ->
            Result = F(Device),
            case file:close(Device) of
                {error, _} = Error when element(1, Result) =:= ok -> Error;
                _ -> Result
            end;
        Error -> Error
    end;
opened(Name, Mode, F) -> opened({Name, []}, Mode, F).

%% A file that is copied to its own end must not be followed for ever: what counts is how long it was.
at_most(Count, In) ->
    case is_record(In, file_descriptor) andalso {file:position(In, cur), file:position(In, eof)} of
        {{ok, Here}, {ok, End}} when End > Here ->
            {ok, Here} = file:position(In, {bof, Here}),
            min(Count, End - Here);
        {{ok, Here}, {ok, _}} ->
            {ok, Here} = file:position(In, {bof, Here}), % empty, or of no length that is known (as those of /proc)
            Count;
        _ -> Count
    end.

transfer(_, _, 0, Done) -> {ok, Done};
transfer(In, Out, Count, Done) ->
    case file:read(In, min(Count, 65536)) of
        {ok, Data} ->
            Bytes = iolist_to_binary(Data),
            case file:write(Out, Bytes) of
                ok when Count =:= infinity -> transfer(In, Out, Count, Done + byte_size(Bytes));
                ok -> transfer(In, Out, Count - byte_size(Bytes), Done + byte_size(Bytes));
                Error -> Error
            end;
        eof -> {ok, Done};
        Error -> Error
    end.
