%% Queries: the parse transform of module qlc.
-compile({parse_transform, qlc}).
