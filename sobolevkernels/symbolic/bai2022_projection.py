"""bai2022, Section 6.1: the kernel metric (22) as a projection; and the Kronecker factors of Section 6.2.

Tangent functions enter by their values u and v at two points and a general Gram matrix K of two points; H itself
by a third section of the kernel, so that ‖f‖² need not be that of the projection. Lemma 8, (23), is the record
`bai2022.lemma8`.
"""

from __future__ import annotations

from itertools import product

import sympy as sp

from sobolevkernels.symbolic.algebraic_proofs import differentiated, rational, squares
from sobolevkernels.symbolic.euclidean import bessel_kernel_at_zero, half_integer_constant
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.kernel_metric import CORNER, FACTOR, M, a, b, c6, d, markov, metric, rho, values
from sobolevkernels.symbolic.plane import METRIC, POSITIVE, inner, norm2, squares_of, v
from sobolevkernels.symbolic.plane import x as coefficients
from sobolevkernels.symbolic.proofs import constants_cancel

PAPER = "Bai, Rosenberg & Xu 2022, Section 6"
TWO_POINTS = "Two points with any kernel; with E the evaluation at N points, K = EE∗ and P = E∗K^(-1)E for every N."

K, INVERSE = METRIC, METRIC.inv()
pairs = tuple(product(range(2), repeat=2))
norm = sp.Symbol("F", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
_sections = sp.Matrix(sp.symbols("x1:4", real=True))
_theta = sp.symbols("theta1:3", real=True)
_bent = sp.Matrix(sp.symbols("s1:3", real=True))

# --- Section 6.2: a layer with weights W, inputs a and D = ∂φ/∂(Wa), at two points -----------------

_left, _right = (sp.Matrix([[one, two], [two, three]])
                 for one, two, three in (sp.symbols(f"{name}1:4", real=True) for name in "AS"))
_gradient = sp.Matrix(2, 2, sp.symbols("V1:5", real=True))
_solution = _right.inv() * _gradient * _left.inv()
_test = sp.Matrix(sp.symbols("t1:5", real=True))
_regular = (sp.Ne(_left.det(), 0), sp.Ne(_right.det(), 0))


def _stacked(matrix: sp.Matrix) -> sp.Matrix:
    """vec: the columns of a matrix, one below the other."""
    return matrix.T.reshape(len(matrix), 1)


def _rows(matrix: sp.Matrix) -> sp.Matrix:
    """The rows of a matrix, one after the other, as arrays lie in memory."""
    return matrix.reshape(len(matrix), 1)


def _kronecker(one: sp.Matrix, other: sp.Matrix) -> sp.Matrix:
    return sp.Matrix(sp.kronecker_product(one, other))


_inputs = sp.Matrix(sp.symbols("p1:3", real=True))
_slopes = sp.Matrix(sp.symbols("q1:3", real=True))
_layer = sp.matrix_multiply_elementwise(_inputs, _slopes)
_block = sum(INVERSE[i, k] * _layer[i] * _layer[k] for i, k in pairs)
# The second Gram matrix of points on a grid, whose kernel is a product.
_f = sp.Symbol("f", real=True)
_across = sp.Matrix([[1, _f], [_f, 1]])
_grid = _kronecker(K, _across)
_ones = sp.ones(2, 1)

IDENTITIES = (
    Identity(
        label="bai2022.projection",
        title="P f = K^(-1)_ij f(x_i) K(x_j,·) is the orthogonal projection: nearest to f of all Σ c_i K(x_i,·)",
        statement=sp.Le(
            norm - 2 * values.dot(INVERSE * values) + norm2(INVERSE * values, K),
            norm - 2 * values.dot(coefficients) + norm2(coefficients, K), evaluate=False),
        where=POSITIVE,
        source=PAPER + ".1, before (22); the proof of Lemma 3",
        claim="proved",
        proof=squares("With the coefficients c on the right the difference is ‖c - K^(-1)u‖² in the norm of K.",
                      squares_of(K, coefficients - INVERSE * values), given=[a * d - b**2]),
        note="F = ‖f‖²; u_i = f(x_i) = ⟨f, K(x_i,·)⟩. " + TWO_POINTS,
    ),
    Identity(
        label="bai2022.projection.values",
        title="The projection has the values of f at the points: it is the interpolant of least norm",
        statement=equation(sum(INVERSE[i, k] * values[i] * K[k, 0] for i, k in pairs), values[0]),
        where=(*POSITIVE, sp.Ne(values[0], 0)),
        source=PAPER + ".1, before (22)",
        claim="proved",
        proof=rational,
        note=TWO_POINTS,
    ),
    Identity(
        label="bai2022.eq22",
        title="(22): ⟨P ∂_i φ, P ∂_j φ⟩, line 2, is ∂_i φ(x_a) K^(-1)_ac ∂_j φ(x_c), the last line",
        statement=equation(
            sum(INVERSE[p, q] * values[p] * INVERSE[r, s] * v[r] * K[q, s] for p, q in pairs for r, s in pairs),
            inner(INVERSE, values, v)),
        where=POSITIVE,
        source=PAPER + ".1, (22), lines 2 to 4",
        claim="proved",
        proof=rational,
        note="K^(-1)_ab K_bd K^(-1)_cd = K^(-1)_ac because K is symmetric; no index is wrong. For m outputs the sum "
        "runs over them too. " + TWO_POINTS,
    ),
    Identity(
        label="bai2022.eq22.below",
        title="(22), line 1: never above the pullback metric, u^T K^(-1)u ≤ ‖v‖², for v with a section off the data",
        statement=sp.Le(metric(CORNER * CORNER.T, (FACTOR * FACTOR.T * _sections)[:2, 0]),
                        norm2(_sections, FACTOR * FACTOR.T), evaluate=False),
        source=PAPER + ".1, (22), line 1",
        claim="proved",
        proof=squares("v = Σ x_a K(x_a,·) over three points, K = CCᵀ; the difference is (c_6 x_3)².",
                      [(c6 * _sections[2]) ** 2]),
        note="‖Pv‖ ≤ ‖v‖. Every direction in parameter space gives such a v, so JᵀK^(-1)J is below the pullback "
        "metric in the Loewner order, and steps with it are too long rather than too short. Equality if and only if v "
        "lies in the span of the sections at the data.",
    ),
    Identity(
        label="bai2022.eq22.bias",
        title="(22) approximates a finite number: for the bias of a linear output it is at most M at any N points",
        statement=sp.Le(markov(sp.Integer(1), (1 - rho) ** 2), M, evaluate=False),
        points=({"h": 1, "N": 40, "M": 30}, {"h": sp.Rational(1, 10), "N": 300, "M": 30}),
        source=PAPER + ".1, (22), for a network on R^n; here n = 1, s = 2",
        claim="refuted",
        flaw="hypothesis",
        note="The tangent functions must lie in H_s(R^n). That of a bias is 1, those of tanh or ReLU units do not "
        "decay either, and for n ≥ 2 no ridge function does: their norm is infinite, (22) is finite and depends on "
        "how far the points spread. What is meant is the norm of H_s on a domain that holds the data (the least norm "
        "of a continuation).",
    ),
    Identity(
        label="bai2022.eq22.identity",
        title="(22) with K = 1 is the Gauss-Newton matrix of ½ Σ (φ(x_a) - y_a)², its Hessian where φ(x_a) = y_a",
        statement=equation(
            sp.Subs(sp.Derivative(
                sum((values[i] * _theta[0] + v[i] * _theta[1] + _bent[i] * _theta[0] * _theta[1]) ** 2
                    for i in range(2)) / 2, *_theta), _theta, (0, 0)),
            inner(sp.eye(2), values, v)),
        source=PAPER + ".1, after (22)",
        claim="proved",
        proof=differentiated,
        note="For the loss (5), a sum. The Gauss-Newton matrix of a mean over N points is 1/N of it: with that loss, "
        "K = 1 takes steps N times shorter.",
    ),
    Identity(
        label="bai2022.appendix-d.identity",
        title="For points far from each other K is the identity: d(0) = 1",
        statement=equation(bessel_kernel_at_zero(n, n + 3), 1),
        source="Bai, Rosenberg & Xu 2022, Appendix D, second item",
        claim="refuted",
        flaw="convention",
        note="K tends to d(0) = C_n times the identity. (22) is then Gauss-Newton divided by C_n, which is 0.0099 for "
        "n = 3 and below 10^(-5900) for n = 3072, and a step is C_n times as long: learning rate and damping do not "
        "mean the same in the two methods that the source compares. With K divided by C_n the remark is right.",
    ),
    Identity(
        label="sobolev.kernel-far-apart",
        title="For s = n+3 the diagonal of K is C_n = 2^(-(n+1)) π^(-(n-1)/2)/Γ((n+3)/2)",
        statement=equation(bessel_kernel_at_zero(n, n + 3), half_integer_constant(n, n + 3)),
        source="Derived here",
        claim="proved",
        proof=constants_cancel,
        corrects=("bai2022.appendix-d.identity",),
    ),
    Identity(
        label="bai2022.eq13.initial",
        title="How far f_0 keeps f_T from the span: for f_0 = x K(x_3,·) the square is x² (K_33 - k^T K^(-1)k)",
        statement=equation(
            _sections[2] ** 2 * (FACTOR * FACTOR.T)[2, 2]
            - metric(CORNER * CORNER.T, _sections[2] * (FACTOR * FACTOR.T)[:2, 2]),
            _sections[2] ** 2 * c6**2),
        where=(sp.Ne(_sections[2], 0),),
        source=PAPER + ".1, before (22), from (13)",
        claim="proved",
        proof=rational,
        note="‖f_T - P f_T‖² = ‖f_0 - P f_0‖², since (12) adds sections at the data only; c_6² is the last pivot of "
        "K. So f_T is in the span for f_0 = 0, as (13) assumes. It is not f_T that (22) projects but the tangent "
        "functions of the network, which lie in the span in neither case.",
    ),
    # --- Section 6.2 --------------------------------------------------------------------------------
    Identity(
        label="bai2022.kfac.vec",
        title="The Kronecker product of A and S, symmetric, maps vec(S^(-1) V A^(-1)) to vec(V), vec stacking columns",
        statement=equation(_test.dot(_kronecker(_left, _right) * _stacked(_solution)), _test.dot(_stacked(_gradient))),
        where=_regular,
        source=PAPER + ".2, after (25)",
        claim="proved",
        proof=rational,
        note="2×2 factors, tested on any vector. An A that is not symmetric would stand transposed; the Kronecker "
        "factors are symmetric because K is.",
    ),
    Identity(
        label="sobolev.kfac-rows",
        title="With rows stacked, as arrays lie in memory, it is the Kronecker product of S and A that gives back V",
        statement=equation(_test.dot(_kronecker(_right, _left) * _rows(_solution)), _test.dot(_rows(_gradient))),
        where=_regular,
        source="Derived here",
        claim="proved",
        proof=rational,
    ),
    Identity(
        label="bai2022.eq24",
        title="(24) with E_K as defined, X(x_i) K^(-1)_ij Y(x_j) for the Kronecker product of X = aa^T and Y = DD^T",
        statement=equation(_block, sum(INVERSE[i, k] * _inputs[i] ** 2 * _slopes[k] ** 2 for i, k in pairs)),
        where=POSITIVE,
        source=PAPER + ".2, (24) and the definition below it",
        claim="refuted",
        flaw="convention",
        note="One input p, one output slope q = D, two points. The definition puts both p's at x_i and both q's at "
        "x_j; (22) has one factor of each at x_i and one of each at x_j, as the source itself does where it writes "
        "out the two Kronecker factors.",
    ),
    Identity(
        label="sobolev.kfac-block",
        title="The block of a layer in (22): Σ K^(-1)_ij a(x_i) a(x_j) D(x_i) D(x_j), for one input and one output",
        statement=equation(
            _block, (_layer[0] ** 2 * d - 2 * b * _layer[0] * _layer[1] + a * _layer[1] ** 2) / (a * d - b**2)),
        where=POSITIVE,
        source="Derived here",
        claim="proved",
        proof=rational,
        corrects=("bai2022.eq24",),
        note="∂φ/∂W = D aᵀ, and vec(D aᵀ) = a⊗D, so that more inputs and outputs give the Kronecker product in this "
        "order.",
    ),
    Identity(
        label="bai2022.eq25",
        title="(25): E_K of a product is the product of E_K",
        statement=equation(_block, metric(K, _inputs) * metric(K, _slopes)),
        where=POSITIVE,
        source=PAPER + ".2, (25)",
        claim="refuted",
        flaw="hypothesis",
        points=({"a": 1, "b": 0, "d": 1, "p1": 1, "p2": 1, "q1": 1, "q2": 1},
                {"a": 2, "b": 1, "d": 3, "p1": 1, "p2": 2, "q1": -1, "q2": 1}),
        note="Assumed in the source, not derived. It cannot hold as printed, because E_K is no mean: multiply K by c "
        "and the sides are divided by c and by c². For the homogeneous input a = 1 and K = 1 the right side is N "
        "times the left one. Dividing by E_K[1] = 1ᵀK^(-1)1 mends that; independence remains an assumption.",
    ),
    Identity(
        label="sobolev.kfac-independent",
        title="Where (25) holds, divided by E_K[1]: points on a grid, K a product, a and D functions of one axis each",
        statement=equation(
            metric(_grid, _kronecker(_inputs, _slopes)),
            metric(_grid, _kronecker(_inputs, _ones)) * metric(_grid, _kronecker(_ones, _slopes))
            / metric(_grid, _kronecker(_ones, _ones))),
        where=(*POSITIVE, sp.Lt(sp.Abs(_f), 1), sp.Ne(_inputs[0], 0), sp.Ne(_slopes[0], 0)),
        source="Derived here",
        claim="proved",
        proof=rational,
        corrects=("bai2022.eq25",),
        note="Two by two points, one kernel general, the other a correlation. It also holds for any K if a or D is "
        "the same at all points.",
    ),
)
