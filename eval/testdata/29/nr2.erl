-module(nr2).
-export([t_c/0]).
-import_record(nr, [pt]).
id(X) -> X.
t(F) -> try F() catch C:R:S -> {C,R,hd(S)} end.
t_c() -> P = nr:mk(5), [t(fun() -> #nr:pt{x=1} end), t(fun() -> #nr:pt{x=1,z=2} end), t(fun() -> #nr:pt{x=1,z=2,w=3} end), t(fun() -> #nr:q{a=1} end), t(fun() -> P#nr:pt{x=9} end),
  t(fun() -> P#nr:pt{w=9} end), t(fun() -> P#nr:pt.w end), t(fun() -> P#_{x=8} end), t(fun() -> P#_.x end), t(fun() -> (id(3))#_.x end), t(fun() -> (id(3))#nr:pt.x end), t(fun() -> #nope:pt{x=1} end),
  t(fun() -> is_record(P, nr, pt) end), t(fun() -> is_record(P, pt) end), t(fun() -> case P of #nr:pt{x=X} -> X; _ -> no end end), t(fun() -> case P of #nr:pt{w=X} -> X; _ -> no end end), t(fun() -> case id(P) of #_{x=X} -> X; _ -> no end end),
  t(fun() -> Q = nr:mkq(), case id(Q) of #nr:q{a=X} -> X; _ -> no end end), t(fun() -> Q = nr:mkq(), Q#nr:q.a end), t(fun() -> Q = nr:mkq(), Q#_.a end),t(fun() -> Q = nr:mkq(), is_record(Q,nr,q) end), #pt{z=1}].
