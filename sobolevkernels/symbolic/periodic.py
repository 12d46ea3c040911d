"""Kernels on the torus: Fourier sums, image sums, hyperbolic and Bernoulli closed forms."""

from __future__ import annotations

import sympy as sp

from sobolevkernels.symbolic import periodic_proofs as proofs
from sobolevkernels.symbolic.euclidean import OUR_OWN, bessel_kernel, bessel_kernel_at_zero, radial_kernel
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.periodic_formulas import (
    HALF,
    A,
    L,
    M,
    bernoulli_kernel,
    c,
    fourier_series,
    frequency,
    g,
    h,
    hyperbolic_kernel,
    images,
    k,
    kappa,
    l,
    line_kernel,
    m,
    n,
    r,
    s,
    t,
    w,
    x,
    xi,
    y,
)
from sobolevkernels.symbolic.periodic_oracles import aliased_sum, fourier_value

THIRD = sp.Rational(1, 3)
ON_CIRCLE = (sp.Lt(x, L),)


def _points(*rows: tuple) -> tuple[dict, ...]:
    return tuple({"kappa": row[0], "L": row[1], "x": row[2]} for row in rows)


#: Long and short circles, near the point, opposite to it and in between.
CIRCLES = _points((1, 1, THIRD), (sp.Rational(1, 50), 2, 1), (7, 1, sp.Rational(1, 8)), (3, 5, sp.Rational(7, 2)))


def _oracle(order: int):  # type: ignore[no-untyped-def]
    return lambda kappa, L, x: fourier_value(order, kappa, L, x)


def _order_record(order: int, note: str = "") -> Identity:
    return Identity(
        label=f"sobolev.periodic-order-{order}",
        title=f"The kernel on the circle for A = {order}: its Fourier sum in hyperbolic functions",
        statement=equation(
            fourier_series(sp.Integer(order), kappa, L, x), hyperbolic_kernel(order, kappa, L, x)),
        where=ON_CIRCLE,
        source=OUR_OWN,
        claim="proved",
        proof=proofs.greens_function(order),
        oracle=_oracle(order),
        points=CIRCLES,
        note=note,
    )


def _image_record(order: int) -> Identity:
    return Identity(
        label=f"sobolev.periodic-images-{order}",
        title=f"The sum over images for A = {order} is geometric: the same hyperbolic functions",
        statement=equation(
            images(lambda r: radial_kernel(1, sp.Integer(order), kappa, r)), hyperbolic_kernel(order, kappa, L, x)),
        where=ON_CIRCLE,
        source=OUR_OWN,
        claim="proved",
        proof=proofs.geometric_sums,
        oracle=_oracle(order),
        points=CIRCLES,
        note="With `sobolev.periodic-order-" + str(order) + "` this is Poisson's summation formula for the kernel; "
        "the oracle is the Fourier sum. Every order is done alike, with Σ m^i q^m = (q d/dq)^i 1/(1-q).",
    )


def _bernoulli_record(order: int) -> Identity:
    return Identity(
        label=f"sobolev.bernoulli-kernel-{order}",
        title=f"The kernel of the semi-norm for A = {order}: a Bernoulli polynomial",
        statement=equation(fourier_series(sp.Integer(order), sp.Integer(0), L, x), bernoulli_kernel(order, L, x)),
        where=ON_CIRCLE,
        source=OUR_OWN + " (Hurwitz)",
        claim="proved",
        proof=proofs.greens_function(order, with_kappa=False),
        oracle=lambda L, x: fourier_value(order, 0, L, x),
        points=({"L": 1, "x": THIRD}, {"L": 6, "x": 1}, {"L": sp.Rational(1, 2), "x": sp.Rational(3, 8)}),
    )


#: Circles so long that few images are seen in thirty digits: Bessel functions are slow.
_LONG = ({"t": sp.Rational(6, 5), "kappa": 9, "L": 3, "x": 1}, {"t": sp.Rational(18, 5), "kappa": 20, "L": 2, "x": 1})

IDENTITIES = (
    _order_record(1, "The series is Mittag-Leffler's for cosh/sinh, in x."),
    Identity(
        label="sobolev.periodic-green-jump",
        title="(κ²-d²/dx²) d = δ on the circle, A = 1: -2 d'(x) → 1 as x → 0",
        statement=equation(
            -2 * sp.Derivative(hyperbolic_kernel(1, kappa, L, x), x),
            sp.sinh(kappa * (L / 2 - x)) / sp.sinh(kappa * L / 2)),
        where=ON_CIRCLE,
        source=OUR_OWN,
        claim="proved",
        proof=proofs.differentiate,
        note="Off 0, d'' = κ² d. The jump of d' at 0 is 2d'(0+) = -1, as on the line: `sobolev.green-jump`.",
    ),
    Identity(
        label="sobolev.periodic-raising",
        title="One order more, mode by mode: -1/(2tκ) ∂/∂κ of (κ²+ξ²)^(-t) is (κ²+ξ²)^(-t-1)",
        statement=equation(
            -sp.Derivative((kappa**2 + xi**2) ** -t, kappa) / (2 * t * kappa), (kappa**2 + xi**2) ** (-t - 1)),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.differentiate,
        note="So ∂d_t/∂(κ²) = -t d_(t+1), on the torus and on R^n, in every dimension and for every real order: the "
        "differentiated series converges absolutely, locally uniformly in κ > 0.",
    ),
    _order_record(2, "By `sobolev.periodic-raising` from order 1."),
    _order_record(3, "By `sobolev.periodic-raising` from order 2."),
    _image_record(1),
    _image_record(2),
    Identity(
        label="sobolev.theta-poisson",
        title="Poisson summation of the heat kernel: the theta function in its two forms",
        statement=equation(
            images(lambda r: sp.exp(-(r**2) / (4 * s))) / sp.sqrt(4 * sp.pi * s),
            1 / L + 2 / L * sp.Sum(sp.exp(-s * frequency(k, L) ** 2) * sp.cos(frequency(k, L) * x), (k, 1, sp.oo)),
        ),
        where=ON_CIRCLE,
        source=OUR_OWN + " (Jacobi)",
        claim="proved",
        proof=proofs.unfolded_gaussian,
        points=({"s": sp.Rational(1, 10), "L": 1, "x": THIRD}, {"s": 1, "L": 3, "x": 1},
                {"s": sp.Rational(1, 2), "L": 2, "x": sp.Rational(7, 4)}),
        note="On a torus of n dimensions multiply n of them.",
    ),
    Identity(
        label="sobolev.poisson",
        title="The kernel on the circle, every real order t > 1/2: its Fourier sum is the sum over images",
        statement=equation(fourier_series(t, kappa, L, x), images(lambda r: line_kernel(t, r))),
        where=(*ON_CIRCLE, sp.Gt(t, HALF)),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.unfolded_kernel,
        oracle=fourier_value,
        points=_LONG,
        note="In n dimensions: by `sobolev.subordination` both sides are Γ(t)^(-1) ∫ s^(t-1) e^(-sκ²) ds of products "
        "of the two forms of `sobolev.theta-poisson`.",
    ),
    *(_bernoulli_record(order) for order in (1, 2, 3)),
    Identity(
        label="sobolev.bernoulli-kernel",
        title="The kernel of the semi-norm for every A: (-1)^(A-1) L^(2A-1)/(2A)! B_2A(x/L), B_j(u) = -j ζ(1-j, u)",
        statement=equation(
            fourier_series(A, sp.Integer(0), L, x),
            (-1) ** A * L ** (2 * A - 1) / sp.factorial(2 * A - 1) * sp.zeta(1 - 2 * A, x / L),
        ),
        where=ON_CIRCLE,
        source=OUR_OWN + " (Hurwitz)",
        claim="proved",
        proof=proofs.zeta_induction,
        oracle=lambda A, L, x: fourier_value(A, 0, L, x),
        points=({"A": 1, "L": 1, "x": THIRD}, {"A": 4, "L": 2, "x": sp.Rational(1, 4)},
                {"A": 9, "L": sp.Rational(1, 2), "x": sp.Rational(1, 10)}),
        note="(-1)^A ζ(1-2A, u)/(2A-1)! is (-1)^(A-1) B_2A(u)/(2A)!.",
    ),
    Identity(
        label="sobolev.periodic-small-kappa",
        title="As κ → 0, A = 1: d - 1/(Lκ²) tends to the Bernoulli kernel, with an error of the order of κ²",
        statement=equation(
            2 * kappa**2 / L * sp.Sum(
                sp.cos(frequency(k, L) * x) / (frequency(k, L) ** 2 * (kappa**2 + frequency(k, L) ** 2)),
                (k, 1, sp.oo)),
            bernoulli_kernel(1, L, x) - hyperbolic_kernel(1, kappa, L, x) + 1 / (L * kappa**2),
        ),
        where=ON_CIRCLE,
        source=OUR_OWN,
        claim="proved",
        proof=proofs.kappa_remainder,
        oracle=lambda kappa, L, x: fourier_value(1, 0, L, x) - fourier_value(1, kappa, L, x) + _mean(kappa, L),
        points=CIRCLES,
        note="The series is at most its value for κ = 0 inside, which is L³κ²/720 at x = 0: the next Bernoulli kernel.",
    ),
    Identity(
        label="sobolev.periodic-kappa-remainder",
        title="As κ → 0, mode by mode: ξ^(-2t) - (κ²+ξ²)^(-t) is an integral of t (y+ξ²)^(-t-1)",
        statement=equation(
            sp.Integral(t * (y + xi**2) ** (-t - 1), (y, 0, kappa**2)), xi ** (-2 * t) - (kappa**2 + xi**2) ** -t),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.antiderivative,
        points=({"t": 1, "xi": 1, "kappa": 2}, {"t": sp.Rational(7, 5), "xi": 3, "kappa": sp.Rational(1, 2)},
                {"t": 4, "xi": THIRD, "kappa": 1}),
        note="It lies between 0 and tκ²ξ^(-2t-2). So for every dimension and order d - 1/(|T|κ^(2t)) tends to the "
        "kernel of the semi-norm, uniformly, with an error of at most tκ² times the value at 0 of the next kernel.",
    ),
    Identity(
        label="sobolev.period-to-infinity",
        title="As L → ∞, A = 1: the kernel on the circle exceeds that on the line by cosh(κx)/(κ(e^(κL)-1))",
        statement=equation(
            sp.Sum(sp.exp(-kappa * (x + m * L)) + sp.exp(-kappa * (m * L - x)), (m, 1, sp.oo)) / (2 * kappa),
            sp.cosh(kappa * x) / (kappa * (sp.exp(kappa * L) - 1)),
        ),
        where=ON_CIRCLE,
        source=OUR_OWN,
        claim="proved",
        proof=proofs.geometric_sums,
        oracle=lambda kappa, L, x: fourier_value(1, kappa, L, x) - _line(kappa, x),
        points=CIRCLES,
        note="The images other than the nearest. At x = 0 it is 2 d_R(L)/(1-e^(-κL)), and the rate is e^(-κ(L-x)). "
        "`sobolev.image-tail` bounds it for every order.",
    ),
    Identity(
        label="sobolev.exponential-bound",
        title="The kernel on R^n decays exponentially: d(r) ≤ (1-c²)^(-ν) e^(-cκr) d(0), 0 < c < 1",
        statement=sp.Le(
            kappa ** (n - 2 * t) * bessel_kernel(n, 2 * t, kappa * r),
            (1 - c**2) ** (n / 2 - t) * sp.exp(-c * kappa * r) * kappa ** (n - 2 * t) * bessel_kernel_at_zero(n, 2 * t),
            evaluate=False,
        ),
        where=(sp.Gt(2 * t, n), sp.Lt(c, 1)),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.square_completed,
        points=({"n": 1, "t": 1, "kappa": 1, "r": 1, "c": HALF}, {"n": 3, "t": sp.Rational(8, 5), "kappa": 2, "r": 20,
                "c": sp.Rational(9, 10)}, {"n": 2, "t": 9, "kappa": THIRD, "r": 6, "c": sp.Rational(1, 5)}),
        note="Every real order. The best c for large κr is about 1 - ν/(κr).",
    ),
    Identity(
        label="sobolev.image-tail",
        title="The images left out from m = M on are at most two geometric series",
        statement=sp.Le(
            sp.Sum(line_kernel(t, x + m * L) + line_kernel(t, L - x + m * L), (m, M, sp.oo)),
            (1 - c**2) ** (HALF - t) * kappa ** (1 - 2 * t) * bessel_kernel_at_zero(sp.Integer(1), 2 * t)
            * (sp.exp(-c * kappa * (x + M * L)) + sp.exp(-c * kappa * (L - x + M * L))) / (1 - sp.exp(-c * kappa * L)),
            evaluate=False,
        ),
        where=(*ON_CIRCLE, sp.Gt(t, HALF), sp.Lt(c, 1)),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.tail_bounded,
        points=({**_LONG[0], "M": 2, "c": HALF}, {**_LONG[1], "M": 1, "c": sp.Rational(7, 8)}),
        note="The number of images is chosen by it. In n dimensions the exponential is spent on one axis, and "
        "`sobolev.theta-bound` takes care of the others.",
    ),
    Identity(
        label="sobolev.theta-bound",
        title="The images of a Gaussian, from the point of its largest sum: Σ_m e^(-m²L²/4s) ≤ 1 + √(4πs)/L",
        statement=sp.Le(
            1 + 2 * sp.Sum(sp.exp(-(k**2) * L**2 / (4 * s)), (k, 1, sp.oo)), 1 + sp.sqrt(4 * sp.pi * s) / L,
            evaluate=False,
        ),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.below_the_integral,
        points=({"s": 1, "L": 1}, {"s": sp.Rational(1, 10), "L": 2}, {"s": 3, "L": 4}),
        note="x = 0 is the worst place, because every coefficient on the right of `sobolev.theta-poisson` is positive.",
    ),
    Identity(
        label="sobolev.heat-split",
        title="A mode without its two narrowest parts: w^(-t) - (w+g)^(-t) - tg (w+g)^(-t-1) as an integral",
        statement=equation(
            sp.Integral(s ** (t - 1) * sp.exp(-s * w) * (1 - (1 + g * s) * sp.exp(-g * s)), (s, 0, sp.oo))
            / sp.gamma(t),
            w**-t - (w + g) ** -t - t * g * (w + g) ** (-t - 1),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.euler_terms,
        points=({"t": sp.Rational(6, 5), "w": 2, "g": 30}, {"t": 2, "w": 1, "g": 5},
                {"t": sp.Rational(3, 4), "w": 10, "g": 100}),
        note="w = κ²+ξ² and g = b²-κ²: the two kernels at the larger inverse length b are summed over images, and the "
        "bracket, an incomplete gamma function, keeps the integral over theta functions away from s = 0.",
    ),
    Identity(
        label="sobolev.periodic-aliasing",
        title="The spectrum of the Gram matrix on a grid of spacing h, A = 1: 1/w summed over the aliases of ξ",
        statement=equation(
            1 / (kappa**2 + xi**2)
            + sp.Sum(1 / (kappa**2 + (xi + 2 * sp.pi * l / h) ** 2) + 1 / (kappa**2 + (xi - 2 * sp.pi * l / h) ** 2),
                     (l, 1, sp.oo)),
            h / (2 * kappa) * sp.sinh(kappa * h) / (sp.cosh(kappa * h) - sp.cos(h * xi)),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=proofs.sampled_kernel,
        oracle=aliased_sum,
        points=({"kappa": 1, "xi": 1, "h": 1}, {"kappa": 3, "xi": HALF, "h": sp.Rational(1, 4)},
                {"kappa": sp.Rational(1, 5), "xi": 2, "h": 2}),
        note="h times the discrete Fourier transform of the sampled kernel, on the line and, for h = L/N and ξ = ξ_k, "
        "on the circle. It is larger than 1/w: at the highest frequency, ξ = π/h, nearly by π²/4 for small κh.",
    ),
)


def _mean(kappa: sp.Rational, L: sp.Rational):  # type: ignore[no-untyped-def]
    from sobolevkernels.symbolic.oracles import exact

    return exact(1 / (L * kappa**2))


def _line(kappa: sp.Rational, x: sp.Rational):  # type: ignore[no-untyped-def]
    from sobolevkernels.symbolic.oracles import space_kernel

    return space_kernel(1, 2, x, kappa**2)
