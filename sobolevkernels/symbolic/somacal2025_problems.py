"""somacal2025, beyond least squares: other losses, the escape from a local minimum, the learning problems."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import differentiated, least_at, rational, squares
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import sides

SLIDES = "Somacal & Nouy 2025, slides "
BEYOND = SLIDES + "'Why we need momentum', Beyond L² loss"
ESCAPE, WARP = SLIDES + "'Toy example', Escaping local minima", SLIDES + "'Toy example', Not L² loss"
PHYSICS, SERIES = SLIDES + "'Physics informed learning'", SLIDES + "'Mackey Glass'"
LATER = "A later version of the talk"

u, v, omega, eps = sp.symbols("u v omega epsilon", positive=True)
x, y, t, h, w, w0, w1, h0, h1, a, b, p, q, r, rate = sp.symbols("x y t h w w0 w1 h0 h1 a b p q r k", real=True)
theta, l0, l1, n0, n1, n2, level = sp.symbols("theta l0 l1 n0 n1 n2 c", real=True)
r1, r2, b1, b2 = sp.symbols("r1 r2 b1 b2", real=True)
one, other, along = (sp.Matrix(sp.symbols(f"{name}1:3", real=True)) for name in ("z", "y", "d"))
width, inputs = sp.symbols("m d", integer=True, positive=True)
draws = sp.symbols("e1:4", real=True)

_moved = (v + t * h) * sp.log((v + t * h) / u)
_mean = lambda values: sp.Add(*(value**2 for value in values)) / len(values)


def _residual(function: sp.Expr) -> sp.Expr:
    """-ε f'' + f'."""
    return -eps * function.diff(x, 2) + function.diff(x)


_bubble = x * (1 - x)
_solution, _direction = _bubble * (w0 + w1 * x), _bubble * (h0 + h1 * x)
_field = _bubble * (theta + theta * w * x + w)
_defect = _residual(_field) - 1


def _over_interval(integrand: sp.Expr) -> sp.Expr:
    return sp.Integral(integrand, (x, 0, 1))


def _integrated(statement: Relational) -> Iterable[sp.Expr]:
    """Polynomials are integrated, derivatives taken; then the two sides cancel."""
    left, right = (side.doit() for side in sides(statement))
    return [sp.expand(left - right)]


_layer = x - (sp.exp((x - 1) / eps) - sp.exp(-1 / eps)) / (1 - sp.exp(-1 / eps))
_wave = sp.cos(sp.pi * x)
_network = n0 + n1 * x**3 + n2 * sp.exp(rate * x)
_ansatz = _network * (1 - x) ** 2 * (1 + x) ** 2 + level + a * (x**3 / 3 - x)

# The parabola v = θb + θ²b⊥ for a unit vector b, and u = pb + qb⊥.
_parabola = (theta - p) ** 2 / 2 + (theta**2 - q) ** 2 / 2
_r3 = -r1 - r2
_of_roots = {p: 2 * r1 * r2 * _r3, q: (1 - 2 * (r1 * r2 + r1 * _r3 + r2 * _r3)) / 2}

_warped = lambda vector: (1 + omega * vector.dot(vector)) * vector
_turned = sp.Matrix(2, 2, sp.symbols("R1:5", real=True)) * (other - one)
_centre = _turned + one

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="somacal2025.kl-gradient",
        title="∫v log(v/u): the derivative along h is ∫(log(v/u) + 1)h; the integrand",
        statement=equation(sp.Subs(sp.Derivative(_moved, t), t, 0), (sp.log(v / u) + 1) * h),
        source=BEYOND,
        claim="proved",
        proof=differentiated,
        note="At a point x. The 1 drops out if ∫h = 0, that is among densities.",
    ),
    Identity(
        label="somacal2025.kl-hessian",
        title="∫v log(v/u): the second derivative along h is ∫h²/v, so H_V L = δ(x, y)/v(x); the integrand",
        statement=equation(sp.Subs(sp.Derivative(_moved, (t, 2)), t, 0), h**2 / v),
        where=(sp.Ne(h, 0),),
        source=BEYOND,
        claim="proved",
        proof=differentiated,
        note="It does not depend on u: the Gram matrix ∫ ∂_iA ∂_jA/v dx is the Fisher information.",
    ),
    Identity(
        label="somacal2025.kl-minimum",
        title="∫v log(v/u) is a loss: never negative, 0 at v = u",
        statement=sp.Ge(v * sp.log(v / u), 0, evaluate=False),
        source=BEYOND,
        claim="refuted",
        flaw="hypothesis",
        points=({"u": 1, "v": sp.Rational(1, 2)},),
        note="Constant functions on [0, 1]. Among positive functions it is least at v = u/e; right for ∫v = ∫u = 1, "
        "or with ∫(u - v) added: `sobolev.kl-gibbs`. A model that is not normalised needs the second form.",
    ),
    Identity(
        label="sobolev.kl-gibbs",
        title="v log(v/u) - v + u ≥ 0 at every point, so ∫v log(v/u) ≥ 0 where ∫v = ∫u",
        statement=sp.Ge(v * sp.log(v / u), v - u, evaluate=False),
        source=OUR_OWN,
        claim="proved",
        proof=least_at(v, u),
        corrects=("somacal2025.kl-minimum",),
        note="It says, too, that Newton's step v - v log(v/u) for ∫v log(v/u) - v + u never passes u.",
    ),
    Identity(
        label="somacal2025.natural-gradient-bias",
        title="For other losses natural gradient is biased: from v = ue^w, KL, one step reaches u(1 - ½w²) + O(w³), "
        "not u",
        statement=equation(sp.Subs(sp.Derivative(u * sp.exp(w) - u * sp.exp(w) * w, (w, 2)), w, 0), -u),
        source=BEYOND + ", 'will be biased if L ≠ ‖u-v‖²_K'",
        claim="proved",
        proof=differentiated,
        note="With the Hessian 1/v of ∫v log(v/u) - v + u on the space of all positive functions, a linear model: the "
        "step leads to v - v log(v/u). For ‖u-v‖²_K one step arrives (`somacal2025.linear-newton`).",
    ),
    Identity(
        label="somacal2025.stochastic-loss",
        title="‖u-v‖²_m = (2m)^(-1) Σ (u-v)²(x_i)",
        statement=equation(_mean(draws), sp.Add(*(value**2 for value in draws)) / 6),
        source=BEYOND + ", Stochastic setting; likewise ‖R(v)‖² and its mean on 'Physics informed learning'",
        claim="refuted",
        flaw="slip",
        points=({"e1": 1, "e2": 1, "e3": 1},),
        note="½‖u-v‖²_m on 'Minimization problem'. m = 3.",
    ),
    Identity(
        label="somacal2025.stochastic-unbiased",
        title="The mean of ½‖u-v‖²_m over all draws of m points is the loss on all points",
        statement=equation(
            sp.Add(*(_mean(drawn) / 2 for drawn in product(draws, repeat=2))) / 9,
            sp.Add(*(value**2 for value in draws)) / 6),
        source=BEYOND + ", Stochastic setting",
        claim="proved",
        proof=rational,
        corrects=("somacal2025.stochastic-loss",),
        note="Two of three points, with repetition. The gradient is then unbiased as well; G^(-1) of a sample is not.",
    ),
    Identity(
        label="somacal2025.pde-gradient",
        title="½∫(-εv'' + v' - 1)²: the derivative along h is ∫R(-εh'' + h') = ∫(-εR'' - R')h - ε[Rh'] if h(0) = h(1) "
        "= 0",
        statement=equation(
            sp.Subs(sp.Derivative(_over_interval((_residual(_solution + t * _direction) - 1) ** 2) / 2, t), t, 0),
            _over_interval((-eps * _residual(_solution).diff(x, 2) - _residual(_solution).diff(x)) * _direction)
            + eps * ((_residual(_solution) - 1) * (1 - 2 * x) * (h0 + h1 * x)).subs(x, 0)
            - eps * ((_residual(_solution) - 1) * _direction.diff(x)).subs(x, 1)),
        source=BEYOND + ", PDE residual",
        claim="proved",
        proof=_integrated,
        note="v and h are x(1-x) times affine functions.",
    ),
    Identity(
        label="somacal2025.pde-hessian",
        title="½∫R², R = Dv - 1 with D linear: the Hessian is ∫ D∂_iv D∂_jv + ∫ R D∂_i∂_jv",
        statement=equation(
            sp.Derivative(_over_interval(_defect**2) / 2, theta, w),
            _over_interval(_defect.diff(theta) * _defect.diff(w) + _defect * _residual(_bubble * x))),
        source=BEYOND + ", PDE residual",
        claim="proved",
        proof=_integrated,
        note="v = x(1-x)(θ + θwx + w). The first term is Gauss and Newton's matrix; for a linear model it is all. "
        "Without the ½, as printed, everything doubles.",
    ),
    Identity(
        label="sobolev.pinn-solution",
        title="-εv'' + v' = 1, v(0) = v(1) = 0: v = x - (e^((x-1)/ε) - e^(-1/ε))/(1 - e^(-1/ε))",
        statement=equation(_residual(_layer) + l0 * sp.Subs(_layer, x, 0) + l1 * sp.Subs(_layer, x, 1), 1),
        where=(sp.Gt(x, 0), sp.Lt(x, 1)),
        source=PHYSICS + ", with the zero boundary values of a later version",
        claim="proved",
        proof=differentiated,
        note="For all numbers l0 and l1, so that both boundary values are 0.",
    ),
    Identity(
        label="sobolev.pinn-layer",
        title="Its slope at the right end is 1 - 1/(ε(1 - e^(-1/ε))): a layer of width ε",
        statement=equation(sp.Subs(sp.Derivative(_layer, x), x, 1), 1 - 1 / (eps * (1 - sp.exp(-1 / eps)))),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="With the boundary factor x(1-x) the network itself must have minus this value at 1.",
    ),
    Identity(
        label="sobolev.neumann-solution",
        title="-v'' + v³ = π² cos πx + cos³ πx, v'(-1) = v'(1) = 0: v = cos πx",
        statement=equation(
            -sp.Derivative(_wave, (x, 2)) + _wave**3 + l0 * sp.Subs(sp.Derivative(_wave, x), x, -1)
            + l1 * sp.Subs(sp.Derivative(_wave, x), x, 1),
            sp.pi**2 * _wave + _wave**3),
        source=LATER,
        claim="proved",
        proof=differentiated,
        note="For all numbers l0 and l1. v³ is monotone, so there is no other solution.",
    ),
    Identity(
        label="sobolev.neumann-ansatz",
        title="n(x)(1-x)²(1+x)² + c + a(x³/3 - x) has the slope (1-x²)[(1-x²)n' - 4xn - a]: 0 at both ends",
        statement=equation(sp.Derivative(_ansatz, x),
                           (1 - x**2) * ((1 - x**2) * _network.diff(x) - 4 * x * _network - a)),
        where=(sp.Ne(x**2, 1),),
        source=LATER,
        claim="proved",
        proof=differentiated,
        note="n(x) = n0 + n1x³ + n2e^(kx); for an unknown n see derivation 17. The values c - 2a/3 at 1 and c + 2a/3 "
        "at -1 stay free.",
    ),
    Identity(
        label="somacal2025.mackey-glass",
        title="x(t+1) = (1-b)x(t) + ax(t-τ)/(1 + x(t-τ)^10) is Euler's step, of size 1, for the delay equation",
        statement=equation(sp.Subs(x + h * (a * y / (1 + y**10) - b * x), h, 1), (1 - b) * x + a * y / (1 + y**10)),
        source=SERIES,
        claim="proved",
        proof=rational,
        note="x' = ax(t-τ)/(1 + x(t-τ)^10) - bx, y = x(t-τ). A finer step gives another series.",
    ),
    Identity(
        label="somacal2025.parameter-count",
        title="A network with d inputs, m hidden units and one output has m(d+2) + 1 parameters: 61 for d = 4, m = 10",
        statement=equation(inputs * width + width + width + 1, width * (inputs + 2) + 1),
        source=SERIES,
        claim="proved",
        proof=rational,
        points=({"d": 4, "m": 10}, {"d": 1, "m": 40}),
    ),
    Identity(
        label="somacal2025.parabola-gram",
        title="v = θ b·φ + θ² b'·φ has the Gram matrix |b|²(1 + 4θ²), φ orthonormal",
        statement=equation(
            sp.Derivative(theta * b1 - theta**2 * b2, theta) ** 2
            + sp.Derivative(theta * b2 + theta**2 * b1, theta) ** 2,
            (b1**2 + b2**2) * (1 + 4 * theta**2)),
        where=(sp.Ne(b1, 0),),
        source=ESCAPE,
        claim="proved",
        proof=differentiated,
        note="b' is b turned by a right angle. One parameter, written θ₁ on the slide; ∂A = b + 2θb'.",
    ),
    Identity(
        label="sobolev.parabola-slope",
        title="With u = pb + qb', |b| = 1, the critical points of ½‖u-v‖² are the roots of 2θ³ + (1-2q)θ - p",
        statement=equation(sp.Derivative(_parabola, theta), 2 * theta**3 + (1 - 2 * q) * theta - p),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="Gradient and natural gradient stop at the same ones.",
    ),
    Identity(
        label="sobolev.parabola-discriminant",
        title="Its discriminant is 4(2(2q-1)³ - 27p²): a second local minimum exists iff 2(2q-1)³ > 27p²",
        statement=equation(16 * (r1 - r2) ** 2 * (r1 - _r3) ** 2 * (r2 - _r3) ** 2,
                           (4 * (2 * (2 * q - 1) ** 3 - 27 * p**2)).subs(_of_roots)),
        where=(sp.Ne(r1, r2), sp.Ne(r1, _r3), sp.Ne(r2, _r3)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="p and q by the roots r1, r2 and -r1-r2. Three real roots: two minima with a maximum between them.",
    ),
    Identity(
        label="sobolev.parabola-side",
        title="L(-θ) - L(θ) = 2pθ: the global minimum lies on the side of p",
        statement=equation(_parabola.subs(theta, -theta) - _parabola, 2 * p * theta),
        where=(sp.Ne(p * theta, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
    ),
    Identity(
        label="somacal2025.warp-derivative",
        title="f(v) = (1 + ω|v-q|²)(v-q) + q, q fixed: ⟨h, f'(v)h⟩ = (1 + ω|z|²)|h|² + 2ω⟨z, h⟩², z = v-q",
        statement=equation(
            along.dot(sp.Matrix([sp.Subs(sp.Derivative(part, t), t, 0) for part in _warped(one + t * along)])),
            (1 + omega * one.dot(one)) * along.dot(along) + 2 * omega * one.dot(along) ** 2),
        where=(sp.Ne(along[0], 0),),
        source=WARP,
        claim="proved",
        proof=differentiated,
        note="Positive definite; h = d. Two coefficients.",
    ),
    Identity(
        label="sobolev.warp-monotone",
        title="⟨f(v) - f(w), v-w⟩ ≥ |v-w|² for fixed q: ½‖f(u) - f(v)‖² vanishes at v = u only",
        statement=sp.Ge((_warped(one) - _warped(other)).dot(one - other), (one - other).dot(one - other),
                        evaluate=False),
        source=OUR_OWN,
        claim="proved",
        proof=squares(
            "The difference is ½ω(|z|² + |y|²)|z-y|² + ½ω(|z|² - |y|²)², z = v-q, y = w-q.",
            [*(omega * part**2 * gap**2 / 2 for part in (*one, *other) for gap in one - other),
             omega * (one.dot(one) - other.dot(other)) ** 2 / 2]),
        corrects=("somacal2025.warp-minimum",),
        note="In V without a model; on a manifold there may be local minima, which is what the example is for.",
    ),
    Identity(
        label="somacal2025.warp-centre",
        title="With q = R(u-v) + v as printed, q moves with v, and f(v) = v - ω|R(u-v)|² R(u-v)",
        statement=equation(
            along.dot(_warped(one - _centre) + _centre),
            along.dot(one - omega * _turned.dot(_turned) * _turned)),
        where=(sp.Ne(along.dot(one), 0),),
        source=WARP,
        claim="proved",
        proof=rational,
        note="v = z, u = y, R any matrix, tested on d. R is not explained; q = R(u - v₀) + v₀ with a fixed v₀ would "
        "give the f of `somacal2025.warp-derivative`.",
    ),
    Identity(
        label="somacal2025.warp-minimum",
        title="With that moving q the loss ½‖f(u) - f(v)‖² exceeds ½‖u-v‖², so that it vanishes at v = u only",
        statement=sp.Ge((r - (p - omega * (rate * (r - p)) ** 3)) ** 2 / 2, (r - p) ** 2 / 2, evaluate=False),
        source=WARP,
        claim="refuted",
        flaw="hypothesis",
        points=({"omega": 1, "p": 0, "r": 1, "k": -1},),
        note="One coefficient, u = r, v = p, R = k = -1: f(0) = 1 = f(u). True if R has no negative direction, or q "
        "is fixed.",
    ),
)
