%% Macros for merl: quoted code. With MERL_NO_TRANSFORM defined before this file is included, they are plain
%% calls; otherwise merl_transform evaluates them at compile time, and lets them be patterns.

-ifndef(MERL_HRL).
-define(MERL_HRL, true).

-ifndef(MERL_NO_TRANSFORM).
-compile({parse_transform, merl_transform}).
-endif.

-define(Q(Text), merl:quote(?LINE, Text)).
-define(Q(Text, Env), merl:qquote(?LINE, Text, Env)).

-endif.
