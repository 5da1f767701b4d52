-module(gerl_dbg_text).
-moduledoc false.

%% Trace messages as text.

-export([text/1]).

-doc false.
text(end_of_trace) -> none;
text({drop, N}) -> io_lib:format("*** Dropped ~w messages.", [N]);
text({seq_trace, Label, Info}) -> ["SeqTrace ", io_lib:format("[~tp]: ", [Label]), sequence(Info)];
text({seq_trace, Label, Info, Stamp}) -> ["SeqTrace ", io_lib:format("~tp [~tp]: ", [Stamp, Label]), sequence(Info)];
text(Message) when element(1, Message) =:= trace -> event(tl(tuple_to_list(Message)));
text(Message) when element(1, Message) =:= trace_ts ->
    Parts = tl(tuple_to_list(Message)),
    [event(lists:droplast(Parts)), io_lib:format(" (Timestamp: ~tp)", [lists:last(Parts)])];
text(_) -> none.

event([Who, What | Rest]) -> io_lib:format("(~tp) ~ts", [Who, told(What, Rest)]).

told('receive', [Message]) -> io_lib:format("<< ~tp", [Message]);
told(send, [Message, To]) -> io_lib:format("~tp ! ~tp", [To, Message]);
told(call, [Call]) -> ["call ", called(Call)];
told(call, [Call, Extra]) -> ["call ", called(Call), io_lib:format(" (~tp)", [Extra])];
told(return_from, [Call, Value]) -> ["returned from ", called(Call), io_lib:format(" -> ~tp", [Value])];
told(return_to, [Call]) -> ["returning to ", called(Call)];
told(spawn, [Pid, Call]) -> [io_lib:format("spawn ~tp as ", [Pid]), called(Call)];
told(Event, Rest) -> lists:join($\s, [io_lib:format("~tp", [T]) || T <- [Event | Rest]]).

called({M, F, Args}) when is_list(Args) ->
    [io_lib:format("~tp:~tp(", [M, F]), lists:join($,, [io_lib:format("~tp", [A]) || A <- Args]), $)];
called({M, F, Arity}) -> io_lib:format("~tp:~tp/~tp", [M, F, Arity]);
called(Other) -> io_lib:format("~tp", [Other]).

sequence({send, Serial, From, To, Message}) -> io_lib:format("(~tp) ~tp ! ~tp [Serial: ~tp]", [From, To, Message, Serial]);
sequence({'receive', Serial, From, To, Message}) -> io_lib:format("(~tp) << ~tp [Serial: ~tp, From: ~tp]", [To, Message, Serial, From]);
sequence({print, Serial, From, _, Info}) -> io_lib:format("-> ~tp [Serial: ~tp, From: ~tp]", [Info, Serial, From]);
sequence(Other) -> io_lib:format("~tp", [Other]).
