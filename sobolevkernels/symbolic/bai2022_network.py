"""bai2022, Appendix E: the Jacobian and the L² pullback metric of a two-layer network.

Two inputs, two hidden units, two outputs, the outputs tested with a covector e. The activations are general
quadratics. That is no restriction: the derivative in one parameter of the second hidden unit needs f_1 by its two
values and one slope, which determine a quadratic, and f_2 by two slopes. So the chain rule that is proved is that of
every differentiable activation. In the same way a matrix entry, which is a function of one weight, is needed by its
value and its slope: αw and α.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.identity import Identity, Proof, equation
from sobolevkernels.symbolic.proofs import OTHER_RANGE, gaussian_integrals, sides

PAPER = "Bai, Rosenberg & Xu 2022, Appendix E"
OURS = "Derived here; derivation 16"
GENERAL = "Two units a layer and quadratic activations, as good as any at one point; the derivation has undefined ones."

z, w, t, x, w1, w2 = sp.symbols("z w t x w1 w2", real=True)
alpha, beta = sp.symbols("alpha beta", real=True)
X = sp.Matrix(sp.symbols("x1:3", real=True))
e = sp.Matrix(sp.symbols("e1:3", real=True))
C, D = (sp.Matrix(2, 2, sp.symbols(f"{name}1:5", real=True)) for name in "CD")
R, M, a = sp.symbols("R M a", positive=True)
d, m, n = sp.symbols("d m n", integer=True, positive=True)
i, j = sp.symbols("i j", integer=True)
_hidden = sp.Matrix(sp.symbols("h1:3", real=True))


def _quadratic(name: str) -> sp.Lambda:
    coefficients = sp.symbols(f"{name}0:3", real=True)
    return sp.Lambda(z, sum((c * z**power for power, c in enumerate(coefficients)), sp.Integer(0)))


f1, f2 = _quadratic("p"), _quadratic("q")
slope1, slope2 = (sp.Lambda(z, sp.diff(f(z), z)) for f in (f1, f2))
# a_c^d stands in row d and column c; the two entries that are differentiated are functions of a weight.
A = sp.Matrix(2, 2, sp.symbols("a11 a12 a21 a22", real=True))
B = sp.Matrix(2, 2, sp.symbols("b11 b12 b21 b22", real=True))
A_OF_W = A.subs(A[1, 0], alpha * w)
B_OF_W = B.subs(B[1, 0], beta * w)


def network(first: sp.Matrix, second: sp.Matrix, bias: sp.Expr = sp.S.Zero) -> sp.Matrix:
    """f_2(B f_1(Ax)), the activations entry by entry; a bias is added to the second hidden unit."""
    return (second * (first * X + sp.Matrix([0, bias])).applyfunc(f1)).applyfunc(f2)


def paths(first: sp.Matrix, second: sp.Matrix, bias: sp.Expr = sp.S.Zero) -> sp.Expr:
    """Σ_s e_s f_2'(y_s) b_2^s f_1'(z_2): how the outputs hear of the second hidden unit."""
    before = first * X + sp.Matrix([0, bias])
    after = second * before.applyfunc(f1)
    return sum(e[s] * slope2(after[s]) * second[s, 1] for s in range(2)) * slope1(before[1])


_outer = sp.Derivative(e.dot(network(A, B_OF_W)), w)
_inner = sp.Derivative(e.dot(network(A_OF_W, B)), w)
_z1 = (A * X)[0]
_y2 = (B_OF_W * (A * X).applyfunc(f1))[1]

# One input, one hidden unit, one output: f_2(b(w2) f_1(a(w1) x)).
_a, _b = alpha * w1, beta * w2
_line = f2(_b * f1(_a * x))
_top = slope2(_b * f1(_a * x))
_line_product = sp.Derivative(_line, w1) * sp.Derivative(_line, w2)

# L² over [-R, R], for the network w2 tanh(w1 x + bias) whose output is linear; y is a second input.
y = sp.Symbol("y", real=True)
T = sp.tanh(a * R)
_unit = sp.tanh(a * x)
_scaled = w2 * sp.tanh(a * x)


def _polynomials(statement: Relational) -> Iterable[sp.Expr]:
    """Derivatives and integrals of polynomials are carried out, sums over equal terms too; the sides then agree."""
    left, right = sides(statement)
    return [sp.Poly(left.doit() - right.doit(), *statement.free_symbols).as_expr()]


def _antiderivative(F: sp.Expr) -> Proof:
    """Proof of the value of an integral over x from -R to R, and over y where the integrand does not contain it."""

    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        (integral,) = left.atoms(sp.Integral)
        over_x, *others = integral.limits
        mark = sp.Integer(1) if over_x == sp.Tuple(x, -R, R) else OTHER_RANGE
        lengths = sp.Mul(*(high - low for _, low, high in others))
        value = left.subs(integral, mark * lengths * (F.subs(x, R) - F.subs(x, -R)))
        return [sp.expand(sp.diff(F, x) - integral.function.doit()), sp.expand(value - right)]

    proof.__doc__ = f"""The integrand is the derivative of {sp.sstr(F)}, whose values at the ends are subtracted."""
    return proof


def _over_square(R: Any, C1: Any, C2: Any, C3: Any, C4: Any, D1: Any, D2: Any, D3: Any, D4: Any) -> Any:
    """∫ Cx · Dx over the square of side 2R, by the rule with four nodes, exact to degree 3."""
    side = mpmath.mpf(sp.Rational(R).p) / sp.Rational(R).q
    node, total = side / mpmath.sqrt(3), mpmath.mpf(0)
    for one in (-node, node):
        for two in (-node, node):
            total += (C1 * one + C2 * two) * (D1 * one + D2 * two) + (C3 * one + C4 * two) * (D3 * one + D4 * two)
    return total * side**2


IDENTITIES = (
    Identity(
        label="bai2022.appendix-e.dimension",
        title="W_i has m_i n_i parameters: two layers have dn + md",
        statement=equation(sp.Sum(1, (i, 1, d), (j, 1, n)) + sp.Sum(1, (i, 1, m), (j, 1, d)), d * n + m * d),
        source=PAPER + ", before (40)",
        claim="proved",
        proof=_polynomials,
        note="Without biases, if every entry has a parameter of its own. One each for W_1 and W_2 means d = m = n = "
        "1.",
    ),
    Identity(
        label="bai2022.appendix-e.rows",
        title="φ_1(w)(x) = f_1[(A_w)_1^j x_j] in its first component, with the indices of A that the source uses later",
        statement=equation(sp.Subs(f1(t), t, (A * X)[0]), f1(A[0, 0] * X[0] + A[1, 0] * X[1])),
        source=PAPER + ", before (42), against the declaration of W_2 before (43)",
        claim="refuted",
        flaw="convention",
        note="Here the lower index counts the d rows of A. From (B_j^i), w_(2,a)^b with a ≤ d, b ≤ m, \"and similarly "
        "for A\" on, the upper one does, which is what (43) and (44) use.",
    ),
    Identity(
        label="sobolev.network-layer",
        title="φ_1(w)(x) in its first component, upper index the row: f_1(a_1^1 x_1 + a_2^1 x_2)",
        statement=equation(sp.Subs(f1(t), t, (A * X)[0]), f1(A[0, 0] * X[0] + A[0, 1] * X[1])),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        corrects=("bai2022.appendix-e.rows",),
    ),
    Identity(
        label="bai2022.eq42",
        title="(41), (42): layers compose from the right; for linear activations p z and q z the network is pq BA",
        statement=equation(
            e.dot(sp.Matrix([sp.Subs(f2(t), t, value) for value in B * (A * X).applyfunc(f1)])).subs(
                {c: 0 for name in "pq" for c in sp.symbols(f"{name}0 {name}2", real=True)}),
            sp.Symbol("p1", real=True) * sp.Symbol("q1", real=True) * e.dot(B * A * X)),
        source=PAPER + ", (40) to (42)",
        claim="proved",
        proof=_polynomials,
        note="An activation that is not linear acts on the entries of a vector: f·Id is no matrix, and the ∘ next to "
        "it is composition, not matrix multiplication.",
    ),
    Identity(
        label="bai2022.appendix-e.matrices",
        title="φ(w) consists of matrices, ⟨h_1, h_2⟩ = ∫ Tr(CD^T) dx: for the linear maps Cx and Dx, over a square",
        statement=equation(
            sp.Integral((C * X).dot(D * X), (X[0], -R, R), (X[1], -R, R)), 4 * R**2 * (C * D.T).trace()),
        oracle=_over_square,
        points=tuple({f"{name}{k}": k + shift for name in "CD" for k in range(1, 5)} | {"R": 2} for shift in (0, 1)),
        source=PAPER + ", after (42)",
        claim="refuted",
        flaw="slip",
        note="Network and tangent vectors are maps; their values at x are columns of height m, for which Tr(h_1 h_2ᵀ) "
        "= Σ_k h_1^k h_2^k. So the trace in the display of the component of the metric is right. A matrix C stands "
        "for the map Cx, and the matrix of the map is not its value.",
    ),
    Identity(
        label="sobolev.linear-maps-l2",
        title="The L² inner product of the linear maps Cx and Dx over the square of side 2R is (4/3)R^4 Tr(CD^T)",
        statement=equation(
            sp.Integral((C * X).dot(D * X), (X[0], -R, R), (X[1], -R, R)),
            sp.Rational(4, 3) * R**4 * (C * D.T).trace()),
        oracle=_over_square,
        points=tuple({f"{name}{k}": k + shift for name in "CD" for k in range(1, 5)} | {"R": 2} for shift in (0, 1)),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        corrects=("bai2022.appendix-e.matrices",),
        note="Tr(C ∫xxᵀ Dᵀ); infinite on R^n.",
    ),
    Identity(
        label="bai2022.appendix-e.unit-matrix",
        title="(∂/∂w_(2,r)^s) B = (δ_r^s (b_r^s)'), for r = 1, s = 2: what it does to a vector h, tested with e",
        statement=equation(sp.Derivative(e.dot(B_OF_W * _hidden), w), 0),
        source=PAPER + ", before (43)",
        claim="refuted",
        flaw="slip",
        note="δ_r^s vanishes off the diagonal. The entry (i, j) of the derivative is δ_i^s δ_j^r (b_r^s)'.",
    ),
    Identity(
        label="sobolev.network-unit-matrix",
        title="(∂/∂w_(2,r)^s) B has the one entry (b_r^s)' in row s and column r; r = 1, s = 2",
        statement=equation(sp.Derivative(e.dot(B_OF_W * _hidden), w), e[1] * beta * _hidden[0]),
        where=(sp.Ne(beta, 0),),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        corrects=("bai2022.appendix-e.unit-matrix",),
    ),
    Identity(
        label="bai2022.eq43",
        title="(43): the entry (b_r^s)' (f_1(A(x))) x_s in the slot s; r = 1, s = 2",
        statement=equation(_outer, e[1] * slope2(_y2) * beta * f1(_z1) * X[1]),
        source=PAPER + ", (43)",
        claim="refuted",
        flaw="slip",
        note="Read with the r-th component of f_1(Ax), an index that is not printed. The input of the second layer is "
        "f_1(Ax); there is no factor x_s, and no x_s at all if m > n. The slot is right, and f_2' acts as a diagonal "
        "matrix.",
    ),
    Identity(
        label="sobolev.network-outer-weight",
        title="∂φ/∂w_(2,r)^s = f_2'(y_s) (b_r^s)'(w) f_1(Ax)_r in the slot s, 0 in the others; r = 1, s = 2",
        statement=equation(_outer, e[1] * slope2(_y2) * beta * f1(_z1)),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        corrects=("bai2022.eq43",),
        note="y = B f_1(Ax). " + GENERAL,
    ),
    Identity(
        label="bai2022.eq44",
        title="(44): the entry (a_c^d)' x_d in the slot d; c = 1, d = 2, and B as a matrix",
        statement=equation(_inner, paths(A_OF_W, B) * alpha * X[1]),
        source=PAPER + ", (44)",
        claim="refuted",
        flaw="slip",
        note="c counts inputs, d hidden units (and names their number): x_c is meant. \"(a_c^d)'(x)\" is (a_c^d)' at "
        "the weight, once times x_c. For the factor B see `bai2022.eq44.point`.",
    ),
    Identity(
        label="sobolev.network-inner-weight",
        title="∂φ/∂w_(1,c)^d = f_2'(y) B f_1'(Ax) applied to (a_c^d)'(w) x_c in the slot d; c = 1, d = 2",
        statement=equation(_inner, paths(A_OF_W, B) * alpha * X[0]),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        corrects=("bai2022.eq44",),
        note="f_1' and f_2' are diagonal matrices, so the s-th component is f_2'(y_s) b_d^s f_1'(z_d) (a_c^d)' x_c. "
        + GENERAL,
    ),
    Identity(
        label="sobolev.network-bias",
        title="The derivative in a bias of the second hidden unit: f_2'(y) B f_1'(z) applied to 1 in the slot 2",
        statement=equation(sp.Derivative(e.dot(network(A, B, bias=w)), w), paths(A, B, bias=w)),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        note="Weights and biases of a layer share everything but the last factor: the inputs of the layer and 1. "
        + GENERAL,
    ),
    Identity(
        label="bai2022.eq44.point",
        title="(44): B applied to the point f_1(Ax), as a factor before f_1'(Ax); one unit in each layer",
        statement=equation(sp.Derivative(_line, w1), _top * _b * f1(_a * x) * slope1(_a * x) * alpha * x),
        source=PAPER + ", (44)",
        claim="refuted",
        flaw="slip",
        note="The derivative of the linear map B is B, with no point inserted; with more than one unit the printed "
        "product is one of a column with a matrix.",
    ),
    Identity(
        label="sobolev.network-line-inner",
        title="One unit in each layer: ∂φ/∂w_1 = f_2'(y) b f_1'(ax) a' x",
        statement=equation(sp.Derivative(_line, w1), _top * _b * slope1(_a * x) * alpha * x),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        corrects=("bai2022.eq44.point",),
    ),
    Identity(
        label="bai2022.appendix-e.line",
        title="The last display: the integrand [f_2' b' f_1(ax) x] [f_2' b f_1(ax) f_1'(ax) a' x]",
        statement=equation(
            _line_product,
            (_top * beta * f1(_a * x) * x) * (_top * _b * f1(_a * x) * slope1(_a * x) * alpha * x)),
        source=PAPER + ", last display",
        claim="refuted",
        flaw="slip",
        repeats="bai2022.eq43",
        note="The factor x of (43) in the first bracket and the factor f_1 of (44) in the second; also a z that "
        "belongs to nothing, and the brackets in the order opposite to that of the inner product above them.",
    ),
    Identity(
        label="sobolev.network-line",
        title="The last display, corrected: the integrand [f_2' b f_1'(ax) a' x] [f_2' b' f_1(ax)]",
        statement=equation(
            _line_product, (_top * _b * slope1(_a * x) * alpha * x) * (_top * beta * f1(_a * x))),
        source=OURS,
        claim="proved",
        proof=_polynomials,
        corrects=("bai2022.appendix-e.line",),
    ),
    Identity(
        label="bai2022.appendix-e.l2",
        title="The L² metric on R is finite: for w_2 tanh(ax), the squared norm of ∂/∂w_2 over [-R, R] stays below M",
        statement=sp.Le(sp.Integral(sp.Derivative(_scaled, w2) ** 2, (x, -R, R)), M, evaluate=False),
        points=({"a": 1, "R": 20, "M": 30, "w2": 1}, {"a": sp.Rational(1, 3), "R": 100, "M": 100, "w2": 3}),
        source=PAPER + ", the L² metric on Maps(R^n, R^m)",
        claim="refuted",
        flaw="hypothesis",
        note="The entries for output weights and biases diverge unless f_1 decays, for n ≥ 2 all do: "
        "`sobolev.network-l2-ridge`. A domain, or a finite measure such as the data's, is missing.",
    ),
    Identity(
        label="sobolev.network-l2-outer",
        title="The output weight of a tanh unit over [-R, R]: ∫ tanh²(ax) dx = 2R - 2 tanh(aR)/a",
        statement=equation(sp.Integral(sp.Derivative(_scaled, w2) ** 2, (x, -R, R)), 2 * R - 2 * T / a),
        points=({"a": 1, "R": 20, "w2": 1}, {"a": sp.Rational(1, 3), "R": 2, "w2": 3}),
        source=OURS,
        claim="proved",
        proof=_antiderivative(x - _unit / a),
        corrects=("bai2022.appendix-e.l2",),
    ),
    Identity(
        label="sobolev.network-l2-ridge",
        title="A second input, the bias of a tanh unit over a square: 4R (T - T³/3)/a, with T = tanh(aR)",
        statement=equation(
            2 * R * sp.Integral((1 - _unit**2) ** 2, (x, -R, R)),
            2 * R * (2 * T - sp.Rational(2, 3) * T**3) / a),
        points=({"a": 1, "R": 4}, {"a": sp.Rational(1, 3), "R": 2}),
        source=OURS,
        claim="proved",
        proof=_antiderivative((_unit - _unit**3 / 3) / a),
        note="A function of one direction is constant along the others, so it has infinite norm on R^n, n ≥ 2, unless "
        "it is 0. With a linear output this concerns every tangent function of one unit. With another f_2 the factor "
        "f_2'(y) may decay in all directions: tanh(z_1² + z_2²) is an example.",
    ),
    Identity(
        label="bai2022.appendix-e.off-diagonal",
        title="The two blocks are not orthogonal: w_2 tanh(ax) over [-R, R], the entry of a and w_2",
        statement=equation(
            sp.Integral(sp.Derivative(_scaled, a) * sp.Derivative(_scaled, w2), (x, -R, R)),
            w2 * (T / a**2 - R * (1 - T**2) / a)),
        points=({"a": 1, "R": 20, "w2": 1}, {"a": sp.Rational(1, 3), "R": 2, "w2": -3}),
        source=PAPER + ", after the last display",
        claim="proved",
        proof=_antiderivative(w2 * (x * _unit**2 / a - x / a + _unit / a**2) / 2),
        note="As R → ∞ it tends to w_2/a², while the diagonal entry of w_2 diverges. f_1(ax) · x f_1'(ax) = x/2 times "
        "the derivative of f_1² in its argument: of one sign for every f_1 whose modulus is monotone in |x|.",
    ),
    Identity(
        label="sobolev.network-scaling",
        title="w_2 exp(-(ax)²/2) on R: the entry of a and w_2 is -w_2 √π/(2a²), never 0",
        statement=equation(
            sp.Integral(-w2 * a * x**2 * sp.exp(-((a * x) ** 2)), (x, -sp.oo, sp.oo)),
            -w2 * sp.sqrt(sp.pi) / (2 * a**2)),
        points=({"a": 1, "w2": 1}, {"a": sp.Rational(1, 3), "w2": -2}),
        source=OURS,
        claim="proved",
        proof=gaussian_integrals,
        note="For every f_1 in L²(R): half the derivative of ‖w_2 f_1(ax)‖² = w_2² ‖f_1‖²/a in a, divided by w_2. No "
        "choice of f_1 makes the metric of this network block diagonal.",
    ),
    Identity(
        label="sobolev.network-parity",
        title="Zero by parity: output weight against bias of w_2 tanh(ax + bias) at bias 0, Pythagoras over [-R, R]",
        statement=equation(
            sp.Integral((_unit + w2 * (1 - _unit**2)) ** 2, (x, -R, R)),
            2 * R - 2 * T / a + w2**2 * (2 * T - sp.Rational(2, 3) * T**3) / a),
        points=({"a": 1, "R": 20, "w2": 1}, {"a": sp.Rational(1, 3), "R": 2, "w2": -3}),
        source=OURS,
        claim="proved",
        proof=_antiderivative(
            x - _unit / a + w2 * _unit**2 / a + w2**2 * (_unit - _unit**3 / 3) / a),
        note="The square of the sum is the sum of the squares (`sobolev.network-l2-outer`, "
        "`sobolev.network-l2-ridge`): tanh is odd and its derivative even.",
    ),
)
