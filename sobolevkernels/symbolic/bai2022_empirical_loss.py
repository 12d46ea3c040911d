"""bai2022, Sections 3 and 4 and Appendix B: gradients of the empirical loss, (5) to (13), Lemma 4, Proposition 5.

The function spaces are those of the line. A tangent plane of L²(R) or H¹(R) is spanned by u_1 = e^(-y²/2) and
u_2 = (c+y) u_1, whose Gram matrices are full; directions h are Gaussians, whose translates span a dense subspace.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.bai2022_spaces import gaussian, kernel_transform, on_line, product, transformed
from sobolevkernels.symbolic.bai2022_spaces import xi as frequency
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import sides, vanish
from sobolevkernels.symbolic.tangent import along, exact, inverse, t

THREE = "Bai, Rosenberg & Xu 2022, Section 3"
FOUR = "Bai, Rosenberg & Xu 2022, Section 4"
APPENDIX = "Bai, Rosenberg & Xu 2022, Appendix B"
OURS = "Derived here"

y, c, x1, x2, x, a, b = sp.symbols("y c x1 x2 x a b", real=True)
s, sigma, epsilon, C = sp.symbols("s sigma epsilon C", positive=True)
xi = sp.Matrix(sp.symbols("xi1:3", real=True))
f, q, h = (sp.symbols(f"{name}1:5", real=True) for name in "fqh")  # values: two outputs at two points
target = sp.symbols("y1:5", real=True)
residual = sp.symbols("r1:3", real=True)
theta = sp.Matrix(sp.symbols("theta1:3", real=True))
dim = sp.Symbol("n", integer=True, positive=True)
order, j = sp.symbols("m j", integer=True, nonnegative=True)

# --- the line -----------------------------------------------------------------------------------

_tangents = (gaussian(sp.Integer(0)), (c + y) * gaussian(sp.Integer(0)))
_at = lambda point: sp.Matrix([u.subs(y, point) for u in _tangents])
#: The Gram matrices of u_1, u_2 divided by √π, in L² and in H¹ (s = 2).
_gram = {0: sp.Matrix([[1, c], [c, c**2 + sp.Rational(1, 2)]]),
         1: sp.Matrix([[sp.Rational(3, 2), 3 * c / 2], [3 * c / 2, 3 * c**2 / 2 + sp.Rational(5, 4)]])}
_pairings = residual[0] * _at(x1) + residual[1] * _at(x2)  # Σ_i (f(x_i) - y_i) ∂φ/∂θ^k at x_i


def _projected_gradient(order: int) -> sp.Expr:
    """The pairing of (8), or of (10), with ξ_1 u_1 + ξ_2 u_2 in L² (order 0) or H¹ (order 1), integrals as typed."""
    coefficients = inverse(_gram[order]) * _pairings / sp.sqrt(sp.pi)
    density = lambda one, other: sum(sp.diff(one, y, k) * sp.diff(other, y, k) for k in range(order + 1))
    return sp.Add(*(coefficients[k] * xi[l] * on_line(sp.expand(density(_tangents[k], _tangents[l])), y)
                    for k in range(2) for l in range(2)))


def _one_more(statement: Relational) -> Iterable[sp.Expr]:
    """Induction on the last index of the sum: the right side grows by the last term, and begins with the first."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    ((index, low, high),) = series.limits
    term = left.subs(series, series.function)
    grown = right - right.subs(high, high - 1) - term.subs(index, high)
    return [vanish(sp.combsimp(grown.rewrite(sp.gamma))), right.subs(high, 0) - term.subs(index, 0), low]


_evaluation = lambda center, at: on_line(
    sp.simplify(product(kernel_transform(at, s), transformed(center)) * (1 + frequency**2) ** (s / 2)), frequency
)
#: A loss of two outputs z_1, z_2 that is not quadratic.
_loss = lambda one, other: a * one**2 * other + b * sp.exp(one - other) + other**2
_slopes = lambda one, other: tuple(sp.diff(_loss(*f[2:]), z).subs({f[2]: one, f[3]: other}, simultaneous=True)
                                   for z in f[2:])
_scalar_loss = lambda z: a * z**3 + b * z**2

# --- (12) and (13): three steps -----------------------------------------------------------------

_steps = sp.symbols("eta1:4", positive=True)
_kernel = sp.symbols("k1:4", real=True)  # K(x_t, x)
_gram12, _gram13, _gram23 = sp.symbols("k12 k13 k23", real=True)  # K(x_t, x_u)
_slope = lambda z, label: b * (z - label) + a * (z - label) ** 2


def _iterate() -> tuple[sp.Expr, tuple[sp.Expr, ...], tuple[sp.Expr, ...]]:
    """f_3(x) by (12) from f_0 = 0, one point a step; then f_(t-1)(x_t), and f_t(x_t) with K(x_t, x_t) = 1."""
    places = {"x": _kernel, "1": (1, _gram12, _gram13), "2": (_gram12, 1, _gram23), "3": (_gram13, _gram23, 1)}
    values = {place: sp.Integer(0) for place in places}
    before, after = [], []
    for step in range(3):
        here = str(step + 1)
        before.append(values[here])
        slope = _slope(values[here], target[step])
        values = {place: values[place] - _steps[step] * row[step] * slope for place, row in places.items()}
        after.append(values[here])
    return values["x"], tuple(before), tuple(after)


_final, _before, _after = _iterate()
_expansion = lambda values: -sp.Add(*(_steps[k] * _kernel[k] * _slope(values[k], target[k]) for k in range(3)))

# --- a kernel of matrices at two points ---------------------------------------------------------

_between = sp.Matrix(2, 2, sp.symbols("k11 k12 k21 k22", real=True))
_within = [sp.Matrix([[one, two], [two, three]]) for one, two, three in (sp.symbols("m1:4"), sp.symbols("n1:4"))]
_ends = [sp.Matrix(f[:2]), sp.Matrix(f[2:])]
_starts = [sp.Matrix(h[:2]), sp.Matrix(h[2:])]


def _block(i: int, j: int) -> sp.Matrix:
    """K(x_i, x_j), the transpose of K(x_j, x_i)."""
    return _within[i] if i == j else _between if i < j else _between.T


_value = lambda i: sp.Add(*(_block(i, j) * one for j, one in enumerate(_starts)), evaluate=True)

# --- Proposition 5 ------------------------------------------------------------------------------

_g = sp.Matrix([[a, c], [c, b]])
_values = sp.symbols("u1:3", real=True)  # ∂φ/∂θ^l at a point
_solved = (_values[0] * (q[0] * b - q[1] * c) + _values[1] * (a * q[1] - c * q[0])) / (a * b - c**2)  # Cramer's rule
_contract = lambda first: sp.Add(*(_g.inv()[k, l] * q[first(k, l)] * _values[l] for k in range(2) for l in range(2)))
_model = lambda at: (theta[0] * at + theta[1] ** 2, theta[0] * theta[1] + at * theta[1] ** 3)
_squared_operator = lambda one: one - 2 * sp.diff(one, y, 2) + sp.diff(one, y, 4)  # (1-Δ)²
_narrow = sp.exp(-(y**2) / (2 * epsilon))


def _loss_of_model(place: sp.Symbol, first: int) -> sp.Expr:
    return sp.Add(*((value - target[first + j]) ** 2 / 2 for j, value in enumerate(_model(place))))


def _chain(place: sp.Symbol, first: int) -> sp.Expr:
    return sp.Add(*((value - target[first + j]) * sp.diff(value, theta[1]) for j, value in enumerate(_model(place))))


IDENTITIES = (
    Identity(
        label="bai2022.eq6",
        title="(5), (6): the differential of the squared loss along a curve, two points and two outputs",
        statement=equation(
            along(sp.Add(*((f[k] + t * h[k] + t**2 * q[k] - target[k]) ** 2 / 2 for k in range(4)))),
            sp.Add(*((f[k] - target[k]) * h[k] for k in range(4))),
        ),
        source=THREE + ", (5) and (6)",
        claim="proved",
        proof=exact,
        note="The curve need not be a line. The sum has no 1/k, so it is not the mean its name says.",
    ),
    Identity(
        label="bai2022.eq7",
        title="(7): in L², f(x) replaced by its Gaussian mean has the gradient N(x, σ²): the pairing tends to h(x)",
        statement=equation(
            on_line(sp.exp(-((y - x) ** 2) / (2 * sigma**2)) / (sigma * sp.sqrt(2 * sp.pi)) * gaussian(a), y),
            sp.exp(-((x - a) ** 2) / (2 * (1 + sigma**2))) / sp.sqrt(1 + sigma**2),
        ),
        source=THREE + ", (7)",
        claim="proved",
        proof=exact,
        points=({"a": -1, "sigma": sp.Rational(1, 2), "x": 1},),
        note="h = e^(-(y-a)²/2), whose value at x the right side is for σ = 0: (7) is the limit under every pairing, "
        "though not in L² (`bai2022.eq7.norm`).",
    ),
    Identity(
        label="bai2022.eq7.norm",
        title="The L² norm of that gradient is unbounded as σ → 0: no L² gradient is left",
        statement=equation(
            on_line((sp.exp(-((y - x) ** 2) / (2 * sigma**2)) / (sigma * sp.sqrt(2 * sp.pi))) ** 2, y),
            1 / (2 * sp.sqrt(sp.pi) * sigma),
        ),
        source=THREE + ", after (7)",
        claim="proved",
        proof=exact,
        points=({"sigma": sp.Rational(1, 2), "x": 1},),
    ),
    Identity(
        label="bai2022.section4.unbounded",
        title="Evaluation is not continuous on L²: |h(0)|² = 1 and C ‖h‖² = 1/(2√2), for every C",
        statement=equation(C * on_line(sp.exp(-8 * sp.pi * C**2 * y**2), y), 1 / (2 * sp.sqrt(2))),
        source=THREE + ", after (7), and Section 4.1",
        claim="proved",
        proof=exact,
        points=({"C": 2},),
        note="h = exp(-4πC²y²). By Riesz the L² gradient of the loss does not exist unless every residual is 0.",
    ),
    Identity(
        label="bai2022.eq8",
        title="(8): the formal L² gradient projects to the gradient on φ(W): its pairing with X is dℓ(X)",
        statement=equation(_projected_gradient(0), xi.dot(_pairings)),
        source=THREE + ", (8)",
        claim="proved",
        proof=exact,
        points=({"c": sp.Rational(1, 2), "r1": 1, "r2": -3, "x1": sp.Rational(1, 2), "x2": 1, "xi1": 2, "xi2": 1},),
        note="X = ξ1 u1 + ξ2 u2. No surprise: Lemma 3 needs of ∇ℓ only the pairings with the tangent vectors, and "
        "every linear functional on a finite-dimensional space is a gradient there, continuous on the whole space or "
        "not.",
    ),
    Identity(
        label="bai2022.eq9",
        title="(9): ∂ℓ(φ(θ))/∂θ^k = Σ_i (f(x_i)-y_i) · ∂φ/∂θ^k at x_i, for a model with two outputs that is not linear",
        statement=equation(
            sp.Derivative(_loss_of_model(x1, 0) + _loss_of_model(x2, 2), theta[1]), _chain(x1, 0) + _chain(x2, 2)
        ),
        source=THREE + ", (9)",
        claim="proved",
        proof=exact,
        note="d in the first line, and in the sentence before, stands for dφ: a vector field has no differential that "
        "would be a tangent vector of Φ. With (27) the display follows.",
    ),
    Identity(
        label="bai2022.introduction.order",
        title="Evaluation is continuous on H_s for s > n/2 + 1, in the norm (30): ∫_0^R r³/(1+r²)² dr ≤ C (n = s = 4)",
        statement=sp.Le(
            sp.Integral(y**3 / (1 + y**2) ** 2, (y, 0, sp.exp(1 + C))), C, evaluate=False
        ),
        source="Bai, Rosenberg & Xu 2022, introduction and outline (s_0 = n/2 + 1); Section 4.1 (s > n/2)",
        claim="refuted",
        flaw="convention",
        repeats="bai2022.evaluation-order",
        points=({"C": 1}, {"C": 3}),
        note="The integral is the squared norm of evaluation up to a constant, cut off at R = e^(1+C); it exceeds "
        "every C. With the weight (1+|ξ|²)^(s/2) of (30) the condition is s > n, with s derivatives it is s > n/2; "
        "n/2 + 1 is neither, and for n ≥ 3 it is too small.",
    ),
    Identity(
        label="bai2022.lemma4",
        title="Lemma 4: ⟨Σ_i d_(x_i) ∇L(f(x_i)), h⟩_s is the derivative of the loss along h; two points, two outputs",
        statement=equation(
            sp.Add(*(slope * _evaluation(center, place) for place, values in ((x1, f[:2]), (x2, f[2:]))
                     for slope, center in zip(_slopes(*values), (sp.Integer(0), c), strict=True))),
            along(sp.Add(*(_loss(values[0] + t * gaussian(sp.Integer(0), place), values[1] + t * gaussian(c, place))
                           for place, values in ((x1, f[:2]), (x2, f[2:]))))),
        ),
        source=FOUR + ".1, Lemma 4",
        claim="proved",
        proof=exact,
        points=({"a": 1, "b": -1, "c": 1, "f1": 1, "f2": 2, "f3": -1, "f4": sp.Rational(1, 2), "x1": 0, "x2": 1},),
        note="For every s > 1 = n: the weight cancels (`bai2022.evaluation`). L = a z1² z2 + b e^(z1-z2) + z2².",
    ),
    Identity(
        label="bai2022.lemma4.proof",
        title="Proof of Lemma 4: the derivative of L(f_t(x_i), y_i) is Σ_(i,j) ∂L/∂z^j h^j(x_i)",
        statement=equation(
            along(_scalar_loss(f[0] + t * h[0])), sp.Add(*(sp.diff(_scalar_loss(f[k]), f[k]) * h[k] for k in range(2)))
        ),
        source=APPENDIX + ", proof of Lemma 4, first display",
        claim="refuted",
        flaw="slip",
        note="Σ_i is missing on the left, and again in the second display, which is about one i.",
    ),
    Identity(
        label="sobolev.lemma4-sum",
        title="The derivative of Σ_i L(f_t(x_i), y_i), two points",
        statement=equation(
            along(sp.Add(*(_scalar_loss(f[k] + t * h[k]) for k in range(2)))),
            sp.Add(*(sp.diff(_scalar_loss(f[k]), f[k]) * h[k] for k in range(2))),
        ),
        source=OURS,
        claim="proved",
        corrects=("bai2022.lemma4.proof",),
        proof=exact,
    ),
    Identity(
        label="bai2022.proposition5",
        title="Proposition 5, (10): in H¹(R), ⟨g^(kl) Σ_i L' u_k(x_i) u_l, X⟩ = dℓ(X) for every tangent X",
        statement=equation(_projected_gradient(1), xi.dot(_pairings)),
        source=FOUR + ".1, Proposition 5, (10)",
        claim="proved",
        proof=exact,
        points=({"c": sp.Rational(1, 2), "r1": 1, "r2": -3, "x1": sp.Rational(1, 2), "x2": 1, "xi1": 2, "xi2": 1},),
        note="The same formula as (8) with another g, here of the inner product (30) with s = 2; r_i = L'(f(x_i)).",
    ),
    Identity(
        label="bai2022.proposition5.line1",
        title="Proof of Proposition 5, line 1: g^(kl) ⟨∇ℓ, ∂φ/∂θ^l⟩ ∂φ/∂θ^l, with θ^l twice",
        statement=equation(_solved, _contract(lambda k, l: l)),
        where=(sp.Gt(a * b, c**2), sp.Gt(a, 0)),
        source=APPENDIX + ", proof of Proposition 5, line 1",
        claim="refuted",
        flaw="slip",
        note="The first of the two is ∂φ/∂θ^k, as on the next line. q_k = ⟨∇ℓ, ∂φ/∂θ^k⟩, u_l = ∂φ/∂θ^l at some point.",
    ),
    Identity(
        label="bai2022.proposition5.line2",
        title="Proof of Proposition 5, lines 2 to 4: g^(kl) ⟨∇ℓ, ∂φ/∂θ^k⟩ ∂φ/∂θ^l",
        statement=equation(_solved, _contract(lambda k, l: k)),
        where=(sp.Gt(a * b, c**2), sp.Gt(a, 0)),
        source=APPENDIX + ", proof of Proposition 5, lines 2 to 4",
        claim="proved",
        corrects=("bai2022.proposition5.line1",),
        proof=exact,
        note="The left side solves g a = q by Cramer's rule.",
    ),
    Identity(
        label="bai2022.section4.laplacian",
        title="∫ (1+Δ)^(s/2) X · X is an inner product, with Δ = d²/dy²: positive for X = e^(-y²/(2ε)), s = 2",
        statement=sp.Gt(on_line(sp.expand(_narrow * (_narrow + sp.diff(_narrow, y, 2))), y), 0, evaluate=False),
        source=FOUR + ".1, after Proposition 5",
        claim="refuted",
        flaw="convention",
        points=({"epsilon": sp.Rational(1, 4)},),
        note="With Δ = Σ ∂² the symbol 1 - |ξ|² vanishes on a sphere and is negative outside. Geometers write Δ for "
        "-Σ ∂²; in this library's sign the operator is (1-Δ)^(s/2).",
    ),
    Identity(
        label="sobolev.laplacian-inner-product",
        title="∫ (1-Δ)^(s/2) X · Y is the inner product (30): not equivalent but equal (s = 4)",
        statement=equation(
            on_line(sp.expand(_squared_operator(gaussian(a)) * gaussian(b)), y),
            on_line((1 + frequency**2) ** 2 * product(transformed(a), transformed(b)), frequency),
        ),
        source=OURS,
        claim="proved",
        corrects=("bai2022.section4.laplacian",),
        proof=exact,
        points=({"a": 0, "b": 1},),
        note="For every even s, by Parseval; no elliptic estimate is needed. To the norm with s derivatives it is not "
        "equivalent (`bai2022.norm-equivalence`): that one needs (1-Δ)^s.",
    ),
    Identity(
        label="sobolev.derivative-count",
        title="There are binom(n+m, m) derivatives of order at most m in n variables",
        statement=equation(sp.Sum(sp.binomial(dim - 1 + j, j), (j, 0, order)), sp.binomial(dim + order, order)),
        source=OURS,
        claim="proved",
        proof=_one_more,
        note="For a given n a polynomial in m of degree n: what the source calls exponentially expensive in s is so, "
        "if at all, in the dimension of the integral and in careless nesting of derivatives.",
    ),
    Identity(
        label="bai2022.eq11",
        title="(11): ⟨Σ_i K(x_i, ·) c_i, Σ_j K(x_j, ·) e_j⟩ = Σ_i c_i · h(x_i), for a kernel of 2 × 2 matrices",
        statement=equation(
            sp.Add(*(one.dot(_block(j, i) * other) for i, other in enumerate(_ends) for j, one in enumerate(_starts))),
            sp.Add(*(other.dot(_value(i)) for i, other in enumerate(_ends))),
        ),
        source=FOUR + ".2, (11) and the display before it",
        claim="proved",
        proof=exact,
        note="h is the second sum, c_i = ∇L(f(x_i)). K(x_i, ·)c_i is contracted in the slot of x_i, as in (29): as a "
        "matrix it is K(·, x_i)c_i. For the diagonal kernel of Section 4.2 both are the same (`bai2022.eq33`).",
    ),
    Identity(
        label="bai2022.eq13",
        title="(12), (13): f_T is a sum of kernels with the slopes at z_t = f_(t-1)(x_t); three steps",
        statement=equation(_final, _expansion(_before)),
        source=FOUR + ".2, (12) and (13)",
        claim="proved",
        corrects=("bai2022.eq13.time",),
        proof=exact,
        note="K(x, x) = 1; the slope is b(z-y) + a(z-y)². Each step takes the loss of one point, as (13) says and "
        "(12), with the full loss, does not. K(x_t, ·) stands for K(·, x_t) where the kernel is not symmetric as a "
        "matrix.",
    ),
    Identity(
        label="bai2022.eq13.time",
        title="(13), z_t read as f_t(x_t), the iterate with the same index",
        statement=equation(_final, _expansion(_after)),
        source=FOUR + ".2, (13)",
        claim="refuted",
        flaw="convention",
        note="z_t is not defined in the source; L = L(z, w) suggests a value of f. It is f_(t-1)(x_t), the value "
        "before the step; with f_t(x_t) the step would be implicit, and larger or smaller.",
    ),
)
