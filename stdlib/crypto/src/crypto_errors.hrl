%% Complaints about arguments, as OTP makes them: with a place in its C code, and the number of the argument that is wrong (undefined if
%% none is). They are thrown where they are found and become errors of the function that the user called.
-define(bad(File, Line, Text, Argument), throw({complaint, badarg, {File, Line}, Text, Argument})).
-define(failed(File, Line, Text), throw({complaint, error, {File, Line}, Text, undefined})).
