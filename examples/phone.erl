%% A telephone switch: every phone is a process, and the state of a phone is
%% the function in which its process waits.  Two phones talk to each other
%% through messages only; the exchange knows which number is which process.
-module(phone).
-mode(compile).
-export([main/1]).
-export([lift/1, hang_up/1, dial/2]).

main(_Args) ->
    Exchange = spawn_link(fun() -> exchange(#{}) end),
    register(exchange, Exchange),
    Anna = new_phone(anna, 1001),
    Bert = new_phone(bert, 1002),
    Cleo = new_phone(cleo, 1003),
    io:format("-- anna calls bert~n"),
    lift(Anna), dial(Anna, 1002), lift(Bert),
    io:format("-- cleo tries bert, who is talking~n"),
    lift(Cleo), dial(Cleo, 1002), hang_up(Cleo),
    io:format("-- bert hangs up first~n"),
    hang_up(Bert), hang_up(Anna),
    io:format("-- anna gives up before bert answers~n"),
    lift(Anna), dial(Anna, 1002), hang_up(Anna), lift(Bert), hang_up(Bert),
    io:format("-- a number that does not exist~n"),
    lift(Cleo), dial(Cleo, 4711), hang_up(Cleo),
    io:format("-- nonsense~n"),
    dial(Anna, 1003), hang_up(Anna),
    io:format("-- calling oneself~n"),
    lift(Bert), dial(Bert, 1002), hang_up(Bert).

%% The user's actions; each waits until the phone has dealt with it ----------

lift(Phone) -> action(Phone, lift).
hang_up(Phone) -> action(Phone, hang_up).
dial(Phone, Number) -> action(Phone, {dial, Number}).

action(Phone, What) ->
    Ref = make_ref(),
    Phone ! {user, self(), Ref, What},
    receive {Ref, done} -> settle(Phone) end.

%% A question that goes through both queues shows that all messages that
%% the action caused have arrived.
settle(Phone) ->
    exchange ! {all, self()},
    receive {all, Phones} -> [ping(P) || P <- [Phone | Phones], _ <- [1, 2]] end,
    ok.

ping(Phone) ->
    Phone ! {ping, self()},
    receive {pong, Phone} -> ok end.

%% Exchange: number -> phone -------------------------------------------------

exchange(Numbers) ->
    receive
        {connect, Phone, Number} ->
            exchange(Numbers#{Number => Phone});
        {find, From, Number} ->
            From ! {found, maps:get(Number, Numbers, nobody)},
            exchange(Numbers);
        {all, From} ->
            From ! {all, [P || {_, P} <- lists:sort(maps:to_list(Numbers))]},
            exchange(Numbers)
    end.

find(Number) ->
    exchange ! {find, self(), Number},
    receive {found, Phone} -> Phone end.

new_phone(Name, Number) ->
    Phone = spawn_link(fun() -> idle(Name) end),
    exchange ! {connect, Phone, Number},
    Phone.

%% States of a phone ----------------------------------------------------------

idle(Name) ->
    receive
        {ping, From} -> From ! {pong, self()}, idle(Name);
        {ring, Caller} -> say(Name, "rings"), Caller ! {ringing, self()}, ringing(Name, Caller);
        {hung_up, _Caller} -> idle(Name);
        {user, From, Ref, lift} -> say(Name, "hears the dial tone"), done(From, Ref), dialling(Name);
        {user, From, Ref, What} -> say(Name, refuses(What)), done(From, Ref), idle(Name)
    end.

ringing(Name, Caller) ->
    receive
        {ping, From} -> From ! {pong, self()}, ringing(Name, Caller);
        {ring, Other} -> Other ! {busy, self()}, ringing(Name, Caller);
        {hung_up, Caller} -> say(Name, "stops ringing"), idle(Name);
        {user, From, Ref, lift} ->
            Caller ! {answered, self()},
            say(Name, "answers"),
            done(From, Ref),
            talking(Name, Caller)
    end.

dialling(Name) ->
    receive
        {ping, From} -> From ! {pong, self()}, dialling(Name);
        {ring, Other} -> Other ! {busy, self()}, dialling(Name);
        {user, From, Ref, hang_up} -> done(From, Ref), idle(Name);
        {user, From, Ref, {dial, Number}} ->
            Next = case find(Number) of
                       nobody ->
                           say(Name, "hears: no such number"),
                           fun() -> tone(Name) end;
                       Callee ->
                           Callee ! {ring, self()},
                           fun() -> calling(Name, Callee) end
                   end,
            done(From, Ref),
            Next()
    end.

calling(Name, Callee) ->
    receive
        {ping, From} -> From ! {pong, self()}, calling(Name, Callee);
        {ring, Other} -> Other ! {busy, self()}, calling(Name, Callee);
        {ringing, Callee} -> say(Name, "hears it ring"), calling(Name, Callee);
        {busy, Callee} -> say(Name, "hears the busy tone"), tone(Name);
        {answered, Callee} -> say(Name, "is connected"), talking(Name, Callee);
        {user, From, Ref, hang_up} -> Callee ! {hung_up, self()}, done(From, Ref), idle(Name)
    end.

talking(Name, Other) ->
    receive
        {ping, From} -> From ! {pong, self()}, talking(Name, Other);
        {ring, Third} -> Third ! {busy, self()}, talking(Name, Other);
        {hung_up, Other} -> say(Name, "hears the other one hang up"), tone(Name);
        {user, From, Ref, hang_up} -> Other ! {hung_up, self()}, done(From, Ref), idle(Name)
    end.

tone(Name) ->
    receive
        {ping, From} -> From ! {pong, self()}, tone(Name);
        {ring, Other} -> Other ! {busy, self()}, tone(Name);
        {user, From, Ref, hang_up} -> done(From, Ref), idle(Name)
    end.

refuses({dial, _}) -> "must lift the receiver first";
refuses(hang_up) -> "has nothing to hang up".

done(From, Ref) -> From ! {Ref, done}.

say(Name, What) -> io:format("~s ~s~n", [Name, What]).
