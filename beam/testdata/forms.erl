%% Source of forms25.beam (OTP 25) and forms29.beam (OTP 29): one small function for each family of instructions.
-module(forms25).
-export([f/1,g/2,h/1,b/1,m/2,r/1,c/1,fl/2,p/1,k/1]).
-record(r,{a,b}).
f(X) when X > 3, is_integer(X) -> try g(X, 1.5) catch _:E -> {E, "str", 'A b'} end;
f([H|T]) -> [H+1|f(T)];
f(_) -> #{a=>1}.
g(A,B) -> C = A + B, fun(Z) -> Z + C end.
h(<<A:8,B:16/little,C/binary>>) -> {A,B,C,<<A:3,B/float>>};
h(<<"abc",T/bits>>) -> T.
b(X) -> <<X/binary,"foo",1:32>>.
m(M,K) -> #{a:=V,K:=W} = M, M#{b=>V,c=>W}.
r(R) -> R2 = R#r{a=1}, receive {x,Y} when is_record(R2,r) -> Y after 100 -> R2 end.
c(X) -> catch f(X).
fl(A,B) when is_float(A), is_float(B) -> A*B+1.0.
p(X) -> F = g(1,2), F(X), case X of a -> 1; b -> 2; c-> 123456789012345678901234567890; 1.0 -> x end.
k(X) -> case X of {1,2} -> a; {_,_,3} -> b; {} -> c; 1 -> d; 1000 -> e; 50000000000 -> f end.
