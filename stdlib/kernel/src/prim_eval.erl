-module(prim_eval).
-moduledoc "Selective receive with a fun as the choice, for interpreted code. Internal.".

-export(['receive'/2, 'receive'/4, await/2]).

-doc "The answer for the first message that Choose does not answer with nomatch, which is taken out; or timeout.".
-spec 'receive'(fun((term()) -> nomatch | T), timeout()) -> T | timeout.
'receive'(Choose, Timeout) -> 'receive'(Choose, Timeout, fun(Answer) -> Answer end, fun() -> timeout end).

-doc "Finds the first message that Choose does not answer with nomatch, takes it out of the mailbox and gives Found the answer; calls Late when the time is over.".
-spec 'receive'(fun((term()) -> nomatch | term()), timeout(), fun((term()) -> T), fun(() -> T)) -> T.
'receive'(Choose, Timeout, Found, Late) ->
    Deadline = case Timeout of
                   infinity -> infinity;
                   T when is_integer(T), T >= 0 -> erlang:monotonic_time(millisecond) + T;
                   _ -> erlang:error(timeout_value)
               end,
    search(Choose, Deadline, 0, Found, Late).

%% The first Skip messages were looked at before. Equal terms get equal answers, so receiving a message equal to
%% the chosen one receives the chosen one.
search(Choose, Deadline, Skip, Found, Late) ->
    {messages, Messages} = erlang:process_info(self(), messages),
    case choose(Choose, lists:nthtail(Skip, Messages), Skip) of
        {found, Message, Answer} ->
            receive Message -> ok end,
            Found(Answer);
        {none, Seen} ->
            Left = case Deadline of
                       infinity -> infinity;
                       _ -> max(0, Deadline - erlang:monotonic_time(millisecond))
                   end,
            case await(Seen, Left) of
                true -> search(Choose, Deadline, Seen, Found, Late);
                false -> Late()
            end
    end.

choose(Choose, [Message | Rest], N) ->
    case Choose(Message) of
        nomatch -> choose(Choose, Rest, N + 1);
        Answer -> {found, Message, Answer}
    end;
choose(_, [], N) ->
    {none, N}.

-doc "Waits until more than Count messages are in the mailbox (true) or the time in milliseconds is over (false).".
-spec await(non_neg_integer(), timeout()) -> boolean().
await(_Count, _Timeout) -> erlang:nif_error(undef).
