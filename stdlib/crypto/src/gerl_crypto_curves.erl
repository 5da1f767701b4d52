-module(gerl_crypto_curves).
-moduledoc "The numbers of the curves of FIPS 186. Internal.".

-export([curve/1]).

-doc "Field, coefficients with their seed, base point, order and cofactor, as bytes. The first coefficient is always three less than the prime.".
-spec curve(atom()) -> {{prime_field, binary()}, {binary(), binary(), binary()}, binary(), binary(), binary()}.
curve(Name) ->
    {Prime, B, Seed, X, Y, Order} = numbers(Name),
    [P, CoefficientB, S, Xs, Ys, N] = [binary:decode_hex(Hex) || Hex <- [Prime, B, Seed, X, Y, Order]],
    A = binary:encode_unsigned(binary:decode_unsigned(P) - 3),
    {{prime_field, P}, {A, CoefficientB, S}, <<4, Xs/binary, Ys/binary>>, N, <<1>>}.

%% Prime, second coefficient, seed, the base point's coordinates, order.
numbers(secp224r1) ->
    {<<"ffffffffffffffffffffffffffffffff000000000000000000000001">>,
     <<"b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4">>,
     <<"bd71344799d5c7fcdc45b59fa3b9ab8f6a948bc5">>,
     <<"b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21">>,
     <<"bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34">>,
     <<"ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d">>};
numbers(Name) when Name =:= secp256r1; Name =:= prime256v1 ->
    {<<"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff">>,
     <<"5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b">>,
     <<"c49d360886e704936a6678e1139d26b7819f7e90">>,
     <<"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296">>,
     <<"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5">>,
     <<"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551">>};
numbers(secp384r1) ->
    {<<"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff">>,
     <<"b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef">>,
     <<"a335926aa319a27a1d00896a6773a4827acdac73">>,
     <<"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7">>,
     <<"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f">>,
     <<"ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973">>};
numbers(secp521r1) ->
    {<<"01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ffffffffffffffffffffffffffffffffffff">>,
     <<"51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf"
        "073573df883d2c34f1ef451fd46b503f00">>,
     <<"d09e8800291cb85396cc6717393284aaa0da64ba">>,
     <<"00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ff"
        "a8de3348b3c1856a429bf97e7e31c2e5bd66">>,
     <<"011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad"
        "0761353c7086a272c24088be94769fd16650">>,
     <<"01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709"
        "a5d03bb5c9b8899c47aebb6fb71e91386409">>};
numbers(_) -> erlang:error(notsup).
