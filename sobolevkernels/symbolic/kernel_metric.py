"""The kernel metric Jᵀ K^(-1) J: how to solve with it, and what it is for the kernel e^(-|x-y|)/2 on the line.

For the weight 1+ξ² the kernel of the line has the Markov property: with ρ = e^(-h) for neighbours at a distance h,
uᵀK^(-1)u = 2u₁² + 2 Σ (u_(j+1) - ρ u_j)²/(1-ρ²), so that questions about many points have exact answers.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import cancelled, rational, squares
from sobolevkernels.symbolic.euclidean import half_integer_constant, half_integer_correlation
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.plane import METRIC, POSITIVE, a, b, d, inner, norm2, squares_of
from sobolevkernels.symbolic.proofs import OTHER_RANGE, sides

OURS = "Derived here; derivation 14"

# --- generic matrices ---------------------------------------------------------------------------

c1, c3, c6, lam = sp.symbols("c1 c3 c6 lambda", positive=True)
c2, c4, c5 = sp.symbols("c2 c4 c5", real=True)
#: A Cholesky factor C of a Gram matrix K = CCᵀ of three points; its corner is that of the first two.
FACTOR = sp.Matrix([[c1, 0, 0], [c2, c3, 0], [c4, c5, c6]])
CORNER = FACTOR[:2, :2]
u = sp.Matrix(sp.symbols("u1:4", real=True))
values = u[:2, 0]
_square, _wide = (sp.Matrix(2, columns, sp.symbols(f"j1:{2 * columns + 1}", real=True)) for columns in (2, 3))
_tall = sp.Matrix([[_wide[0], 0], [_wide[1], _wide[2]], [0, _wide[3]]])
_step = sp.Matrix(sp.symbols("e1:3", real=True))
_slope = sp.Matrix(sp.symbols("g1:3", real=True))
_residual = sp.Matrix(sp.symbols("r1:4", real=True))
_best = (_tall.T * _tall).inv() * _tall.T * _residual


def metric(gram: sp.Matrix, vector: sp.Matrix) -> sp.Expr:
    """uᵀ K^(-1) u."""
    return inner(gram.inv(), vector, vector)


def square(vector: sp.Matrix) -> sp.Expr:
    """|u|²."""
    return vector.dot(vector)


_nugget = METRIC + lam * sp.eye(2)
_solved = _nugget.adjugate() * values / ((a + lam) * (d + lam) - b**2)

# --- the kernel of the line ---------------------------------------------------------------------

h, k, alpha, omega, M, scale, distance = sp.symbols("h k alpha omega M c r", positive=True)
N = sp.Symbol("N", integer=True, positive=True)
j = sp.Symbol("j", integer=True)
rho = sp.exp(-h)


def line_gram(*distances: sp.Expr) -> sp.Matrix:
    """The Gram matrix of e^(-r)/2, the kernel for n = 1 and s = 2, from the distances of neighbours."""
    size = len(distances) + 1
    constant = half_integer_constant(sp.Integer(1), sp.Integer(2))
    return sp.Matrix(size, size, lambda p, q: constant * sp.exp(-sp.Add(*distances[min(p, q) : max(p, q)])))


def markov(first: sp.Expr, jump: sp.Expr) -> sp.Expr:
    """The metric of N points at the distance h, from u_1² and (u_(j+1) - ρ u_j)² (`sobolev.line-metric`)."""
    return 2 * first + sp.Sum(2 * jump / (1 - rho**2), (j, 1, N - 1))


def _in_rho(expr: sp.Expr) -> tuple[sp.Expr, sp.Symbol]:
    """The expression in the letter ρ^(1/2) for e^(-h/2)."""
    letter = sp.Symbol("rho", positive=True)
    return expr.rewrite(sp.exp).subs(h, -2 * sp.log(letter)), letter**2


def _tridiagonal(sign: int, ends: str) -> sp.Expr:
    """Proof by what the tridiagonal K^(-1) leaves."""

    def proof(statement: Relational) -> Iterable[sp.Expr]:
        gap, ratio = _in_rho(statement.gts - statement.lts)
        pairs = (u[0] + sign * u[1]) ** 2 + (u[1] + sign * u[2]) ** 2
        rest = (1 + sign * ratio) * (u[0] ** 2 + u[2] ** 2)
        return [cancelled(gap - 2 * ratio / (1 - ratio**2) * (pairs + rest))]

    proof.__doc__ = f"""The difference is 2ρ/(1-ρ²), ρ = e^(-h) < 1, times the sum of (u_(j+1) {ends} u_j)² and
    (1 {ends} ρ)(u_1² + u_3²), and not negative."""
    return proof


def _equal_terms(statement: Relational) -> Iterable[sp.Expr]:
    """The N-1 summands are equal: they do not contain the index once cos² + sin² = 1 is used."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    mark = sp.Integer(1) if series.limits == (sp.Tuple(j, 1, N - 1),) else OTHER_RANGE
    term = sp.expand(sp.expand_trig(sp.expand(series.function)))
    term = sp.expand(term.replace(lambda part: part.is_Pow and part.exp == 2 and isinstance(part.base, sp.sin),
                                  lambda part: 1 - sp.cos(part.base.args[0]) ** 2))
    return [sp.diff(term, j), cancelled(_in_rho(left.subs(series, mark * (N - 1) * term) - right)[0])]


def _geometric(statement: Relational) -> Iterable[sp.Expr]:
    """A geometric series from j = 0, with the ratio e^(-2αh) < 1: its first term over 1 - ratio."""
    left, right = sides(statement)
    (series,) = left.atoms(sp.Sum)
    mark = sp.Integer(1) if series.limits == (sp.Tuple(j, 0, sp.oo),) else OTHER_RANGE
    quotient = sp.powsimp(sp.expand(series.function.subs(j, j + 1) / series.function))
    value = left.subs(series, mark * series.function.subs(j, 0) / (1 - sp.exp(-2 * alpha * h)))
    letters = {alpha: sp.log(sp.Dummy(positive=True)) / h}
    gap = (value - right).rewrite(sp.exp).subs(letters)
    return [quotient - sp.exp(-2 * alpha * h), cancelled(_in_rho(gap)[0])]


def _convex_from_zero(statement: Relational) -> Iterable[sp.Expr]:
    """Times α sinh h sinh αh > 0 the difference is p(h) with p(0) = p'(0) = 0, p'' = (1-α²)² sinh h sinh αh ≥ 0."""
    p = sp.expand((statement.gts - statement.lts) * alpha * sp.sinh(h) * sp.sinh(alpha * h))
    curvature = (1 - alpha**2) ** 2 * sp.sinh(h) * sp.sinh(alpha * h)
    return [p.subs(h, 0), sp.diff(p, h).subs(h, 0), sp.simplify(sp.expand(sp.diff(p, h, 2) - curvature))]


def _from_zero_twice(statement: Relational) -> Iterable[sp.Expr]:
    """With R = r/c and ρ = (1+R)e^(-R), times (1-ρ)R²/2 the difference is p(R) = R² - 2(1-ρ). p(0) = 0, and p'/(2R)
    vanishes at 0 and has the derivative e^(-R) > 0. Also 1-ρ > 0: it vanishes at 0 and has the slope R e^(-R)."""
    R = sp.Symbol("R", positive=True)
    correlation = half_integer_correlation(1, R)
    gap = (statement.gts - statement.lts).subs(distance, R * scale)
    p = R**2 - 2 * (1 - correlation)
    slope = sp.expand(sp.diff(p, R) / (2 * R))
    return [sp.simplify(gap * (1 - correlation) * R**2 / 2 - p), p.subs(R, 0), slope.subs(R, 0),
            sp.diff(slope, R) - sp.exp(-R), sp.expand(sp.diff(1 - correlation, R) - R * sp.exp(-R)),
            (1 - correlation).subs(R, 0)]


_decay, _correlation = sp.exp(-alpha * h), half_integer_correlation(1, distance / scale)

IDENTITIES = (
    Identity(
        label="sobolev.kernel-metric-least-squares",
        title="The kernel metric without an inverse: |C^(-1)Je + C^T g|² = |C^(-1)Je|² + 2g·Je + g^T Kg, K = CC^T",
        statement=equation(
            square(CORNER.inv() * _square * _step + CORNER.T * _slope),
            metric(CORNER * CORNER.T, _square * _step) + 2 * _step.dot(_square.T * _slope)
            + inner(CORNER * CORNER.T, _slope, _slope),
        ),
        source=OURS,
        claim="proved",
        proof=rational,
        note="g is the derivative of the loss in the values at the points, Jᵀg its Euclidean gradient. So the e that "
        "minimises the left side solves JᵀK^(-1)J e = -Jᵀg: the natural-gradient direction is a least-squares "
        "solution, with C^(-1)J from a triangular solve. Two points, two parameters; the expansion of the square is "
        "the same for any number.",
    ),
    Identity(
        label="sobolev.natural-step-least-squares",
        title="B^T Be = B^T r is least squares: |Be - r|² = |B(e - e_1)|² + |Be_1 - r|², e_1 = (B^T B)^(-1) B^T r",
        statement=equation(
            square(_tall * _step - _residual), square(_tall * (_step - _best)) + square(_tall * _best - _residual)),
        where=(sp.Gt((_tall.T * _tall).det(), 0),),
        source=OURS,
        claim="proved",
        proof=rational,
        note="Three rows, two parameters; rotations of the rows make two entries 0. BᵀB is the metric: B = J√w for "
        "L², C^(-1)J for a kernel, the root of the Hessian times J for the loss. Forming BᵀB squares the condition "
        "number.",
    ),
    Identity(
        label="sobolev.woodbury-step",
        title="Fewer points than parameters: J^T (JJ^T+λ)^(-1) r = (J^T J+λ)^(-1) J^T r, the first component",
        statement=equation(
            (_wide.T * (_wide * _wide.T + lam * sp.eye(2)).inv() * _residual[:2, 0])[0],
            ((_wide.T * _wide + lam * sp.eye(3)).inv() * _wide.T * _residual[:2, 0])[0],
        ),
        where=(sp.Ne(_wide[0], 0), sp.Ne(_residual[0], 0)),
        source=OURS,
        claim="proved",
        proof=rational,
        note="Two points, three parameters; in general (JᵀJ+λ)Jᵀ = Jᵀ(JJᵀ+λ). As λ → 0 the left side tends to the "
        "solution of least norm.",
    ),
    Identity(
        label="sobolev.kernel-metric-nugget",
        title="A nugget lowers the metric: u^T (K+λ)^(-1)u ≤ u^T K^(-1)u",
        statement=sp.Le(metric(_nugget, values), metric(METRIC, values), evaluate=False),
        where=POSITIVE,
        source=OURS,
        claim="proved",
        proof=squares(
            "With w = (K+λ)^(-1)u the difference is λ|w|² + λ² wᵀK^(-1)w.",
            [lam * _solved[0] ** 2, lam * _solved[1] ** 2,
             *(lam**2 * term / (a * d - b**2) for term in squares_of(METRIC.adjugate(), _solved))],
            given=[(a + lam) * (d + lam) - b**2, a * d - b**2],
        ),
        note="Two points with any kernel; so a nugget lengthens the step, most where K is nearly singular.",
    ),
    Identity(
        label="sobolev.kernel-metric-exact",
        title="Exact in the span: if v = Σ c_a K(x_a,·), with the values u = Kc, then u^T K^(-1)u = c^T Kc = ‖v‖²",
        statement=equation(metric(METRIC, METRIC * values), norm2(values, METRIC)),
        where=POSITIVE,
        source=OURS,
        claim="proved",
        proof=rational,
        note="Two points with any kernel, c = (u_1, u_2). For models whose tangent functions are sections of the "
        "kernel at the data, (22) is the pullback metric.",
    ),
    Identity(
        label="sobolev.kernel-metric-monotone",
        title="One point more never lowers the metric: the values at two points against those at three",
        statement=sp.Le(
            metric(CORNER * CORNER.T, values), metric(FACTOR * FACTOR.T, u), evaluate=False),
        source=OURS,
        claim="proved",
        proof=squares("The difference is ((C^(-1)u)_3)².", [(FACTOR.inv() * u)[2] ** 2]),
        note="Any kernel, K = CCᵀ. Bounded by ‖v‖² (`bai2022.eq22.below`), the metric converges as points are added, "
        "and to ‖v‖² if they become dense: then the sections span H, because a function of H that vanishes at all "
        "points is continuous and hence 0.",
    ),
    Identity(
        label="sobolev.line-metric",
        title="The kernel e^(-r)/2 at three points: u^T K^(-1)u = 2u_1² + 2(u_2-ρu_1)²/(1-ρ²) + …",
        statement=equation(
            metric(line_gram(h, k), u),
            2 * u[0] ** 2 + 2 * (u[1] - rho * u[0]) ** 2 / (1 - rho**2)
            + 2 * (u[2] - sp.exp(-k) * u[1]) ** 2 / (1 - sp.exp(-2 * k)),
        ),
        source=OURS,
        claim="proved",
        proof=rational,
        note="ρ = e^(-h), σ = e^(-k). For any number of points: u_(j+1) - ρ_j u_j vanishes for a section at an "
        "earlier point, so the right side is that of a triangular factor C^(-1). As the points become dense on [a, b] "
        "it tends to u(a)² + u(b)² + ∫ u² + u'², the squared norm of u continued by decaying exponentials.",
    ),
    Identity(
        label="sobolev.line-metric-dense",
        title="v = e^(-α|x|) at all points hZ: the metric for e^(-r)/2 is 2(cosh h cosh αh - 1)/(sinh h sinh αh)",
        statement=equation(
            sp.Sum(2 * ((_decay - rho) ** 2 + (1 - rho * _decay) ** 2) / (1 - rho**2) * sp.exp(-2 * alpha * h * j),
                   (j, 0, sp.oo)),
            2 * (sp.cosh(h) * sp.cosh(alpha * h) - 1) / (sp.sinh(h) * sp.sinh(alpha * h)),
        ),
        points=tuple({"alpha": one, "h": two} for one, two in ((1, 1), (2, 1), (sp.Rational(1, 2), 3))),
        source=OURS,
        claim="proved",
        proof=_geometric,
        note="The sum of `sobolev.line-metric` over both half-lines. It tends to (1+α²)/α = ‖v‖² as h → 0, with an "
        "error of order h², and equals it for α = 1, where v = 2K(0,·).",
    ),
    Identity(
        label="sobolev.line-metric-dense-below",
        title="The metric of e^(-α|x|) at the points hZ is at most its squared norm (1+α²)/α",
        statement=sp.Le(
            2 * (sp.cosh(h) * sp.cosh(alpha * h) - 1) / (sp.sinh(h) * sp.sinh(alpha * h)),
            (1 + alpha**2) / alpha, evaluate=False),
        source=OURS,
        claim="proved",
        proof=_convex_from_zero,
    ),
    Identity(
        label="sobolev.line-metric-constant",
        title="The function 1 at N points of distance h, kernel e^(-r)/2: 1^T K^(-1)1 = 2 + 2(N-1) tanh(h/2)",
        statement=equation(markov(sp.Integer(1), (1 - rho) ** 2), 2 + 2 * (N - 1) * sp.tanh(h / 2)),
        source=OURS,
        claim="proved",
        proof=_equal_terms,
        corrects=("bai2022.eq22.bias",),
        note="2 plus nearly the length (N-1)h for dense points: it converges on an interval, and grows without bound "
        "as the points spread, because 1 is not in H¹(R).",
    ),
    Identity(
        label="sobolev.line-metric-wave",
        title="cos ωx and sin ωx at N points of distance h: the trace of (22) is 2 + 2(N-1)(cosh h - cos ωh)/sinh h",
        statement=equation(
            markov(sp.Integer(1), (sp.cos(omega * h * (j + 1)) - rho * sp.cos(omega * h * j)) ** 2
                   + (sp.sin(omega * h * (j + 1)) - rho * sp.sin(omega * h * j)) ** 2),
            2 + 2 * (N - 1) * (sp.cosh(h) - sp.cos(omega * h)) / sp.sinh(h),
        ),
        points=tuple({"N": count, "h": sp.Rational(*step), "omega": sp.Rational(*wave)}
                     for count, step, wave in ((2, (1, 1), (1, 2)), (7, (1, 10), (5, 1)), (12, (3, 1), (1, 1)))),
        source=OURS,
        claim="proved",
        proof=_equal_terms,
        note="For dense points 2 + (1+ω²) times the length: per length the density that the norm has on sin² + cos² = "
        "1. For ωh a multiple of 2π the points see a constant: (22) cannot see what is between them.",
    ),
    Identity(
        label="sobolev.line-metric-grows",
        title="Kernel e^(-r)/2 at equal distances h: u^T K^(-1)u ≥ 2 tanh(h/2) |u|², three points",
        statement=sp.Ge(metric(line_gram(h, h), u), 2 * sp.tanh(h / 2) * square(u), evaluate=False),
        source=OURS,
        claim="proved",
        proof=_tridiagonal(-1, "-"),
        note="The inverse is tridiagonal and the squares are those of neighbours, so it holds for any number of "
        "points, and `sobolev.line-metric-constant` shows that the constant is sharp for many. Hence (22) grows "
        "linearly for every function that stays away from 0, such as tanh; and no eigenvalue of K exceeds ½ "
        "coth(h/2).",
    ),
    Identity(
        label="sobolev.line-condition",
        title="Kernel e^(-r)/2 at equal distances h: u^T K^(-1)u ≤ 2 coth(h/2) |u|², three points",
        statement=sp.Le(metric(line_gram(h, h), u), 2 * sp.coth(h / 2) * square(u), evaluate=False),
        source=OURS,
        claim="proved",
        proof=_tridiagonal(1, "+"),
        note="For any number of points no eigenvalue of K is below ½ tanh(h/2). With `sobolev.line-metric-grows` the "
        "condition number of K is at most coth²(h/2), about 4/h², and tends to it with the number of points.",
    ),
    Identity(
        label="sobolev.kernel-collapses",
        title="Inputs divided by c: for s = n+3 the condition number of K of two points exceeds 4c²/r² - 1",
        statement=sp.Ge((1 + _correlation) / (1 - _correlation), 4 * scale**2 / distance**2 - 1, evaluate=False),
        points=tuple({"r": one, "c": two} for one, two in ((1, 1), (1, 20), (50, 20), (sp.Rational(1, 10), 3))),
        source=OURS,
        claim="proved",
        proof=_from_zero_twice,
        note="The eigenvalues are C_n(1 ± ρ), ρ = (1+r/c)e^(-r/c). As c → ∞ K tends to C_n times the matrix of ones, "
        "which is singular: c decides between a multiple of the identity and a matrix that cannot be inverted.",
    ),
)
