-module(math).
-moduledoc "Functions of numbers; arguments may be integers or floats, results are floats.".

-export([acos/1, acosh/1, asin/1, asinh/1, atan/1, atan2/2, atanh/1, ceil/1, cos/1, cosh/1, erf/1, erfc/1,
         exp/1, floor/1, fmod/2, log/1, log10/1, log2/1, pow/2, sin/1, sinh/1, sqrt/1, tan/1, tanh/1, pi/0, tau/0]).

-doc "The arc cosine.".
-spec acos(number()) -> float().
acos(_X) -> erlang:nif_error(undef).

-doc "The inverse hyperbolic cosine.".
-spec acosh(number()) -> float().
acosh(_X) -> erlang:nif_error(undef).

-doc "The arc sine.".
-spec asin(number()) -> float().
asin(_X) -> erlang:nif_error(undef).

-doc "The inverse hyperbolic sine.".
-spec asinh(number()) -> float().
asinh(_X) -> erlang:nif_error(undef).

-doc "The arc tangent.".
-spec atan(number()) -> float().
atan(_X) -> erlang:nif_error(undef).

-doc "The arc tangent of Y/X, in the quadrant of the point (X, Y).".
-spec atan2(number(), number()) -> float().
atan2(_X, _Y) -> erlang:nif_error(undef).

-doc "The inverse hyperbolic tangent.".
-spec atanh(number()) -> float().
atanh(_X) -> erlang:nif_error(undef).

-doc "The smallest whole number not less than X, as a float.".
-spec ceil(number()) -> float().
ceil(_X) -> erlang:nif_error(undef).

-doc "The cosine.".
-spec cos(number()) -> float().
cos(_X) -> erlang:nif_error(undef).

-doc "The hyperbolic cosine.".
-spec cosh(number()) -> float().
cosh(_X) -> erlang:nif_error(undef).

-doc "The error function.".
-spec erf(number()) -> float().
erf(_X) -> erlang:nif_error(undef).

-doc "One minus the error function, exact where that is small.".
-spec erfc(number()) -> float().
erfc(_X) -> erlang:nif_error(undef).

-doc "e to the power of X.".
-spec exp(number()) -> float().
exp(_X) -> erlang:nif_error(undef).

-doc "The largest whole number not greater than X, as a float.".
-spec floor(number()) -> float().
floor(_X) -> erlang:nif_error(undef).

-doc "The remainder of X divided by Y, with the sign of X.".
-spec fmod(number(), number()) -> float().
fmod(_X, _Y) -> erlang:nif_error(undef).

-doc "The natural logarithm.".
-spec log(number()) -> float().
log(_X) -> erlang:nif_error(undef).

-doc "The logarithm to base 10.".
-spec log10(number()) -> float().
log10(_X) -> erlang:nif_error(undef).

-doc "The logarithm to base 2.".
-spec log2(number()) -> float().
log2(_X) -> erlang:nif_error(undef).

-doc "X to the power of Y.".
-spec pow(number(), number()) -> float().
pow(_X, _Y) -> erlang:nif_error(undef).

-doc "The sine.".
-spec sin(number()) -> float().
sin(_X) -> erlang:nif_error(undef).

-doc "The hyperbolic sine.".
-spec sinh(number()) -> float().
sinh(_X) -> erlang:nif_error(undef).

-doc "The square root.".
-spec sqrt(number()) -> float().
sqrt(_X) -> erlang:nif_error(undef).

-doc "The tangent.".
-spec tan(number()) -> float().
tan(_X) -> erlang:nif_error(undef).

-doc "The hyperbolic tangent.".
-spec tanh(number()) -> float().
tanh(_X) -> erlang:nif_error(undef).

-doc "The circumference of a circle of diameter 1.".
-spec pi() -> float().
pi() -> 3.1415926535897932.

-doc "The circumference of a circle of radius 1.".
-spec tau() -> float().
tau() -> 6.2831853071795864.
