%% Sizes of the programs: the usual one, or a small one that a run with a collection at every safe point gets through.
-ifdef(small).
-define(N(Usual, Small), Small).
-else.
-define(N(Usual, Small), Usual).
-endif.
