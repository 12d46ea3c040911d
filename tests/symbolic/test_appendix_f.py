"""Appendix F of bai2022: every verdict has its record, misprints do not pass the proofs of their corrections."""

from __future__ import annotations

from itertools import pairwise

import mpmath
import pytest
import sympy as sp
from mpmath import mp

from sobolevkernels.symbolic import bai2022_guarantees, bai2022_mirror, bai2022_primal, bai2022_proposition17
from sobolevkernels.symbolic.algebraic_proofs import squares
from sobolevkernels.symbolic.catalogue import identities
from sobolevkernels.symbolic.evaluate import evaluate
from sobolevkernels.symbolic.plane import C, L, r1

CHAPTERS = (bai2022_primal, bai2022_guarantees, bai2022_mirror, bai2022_proposition17)
RECORDS = [record for chapter in CHAPTERS for record in chapter.IDENTITIES]


PAIRS = [
    (record, identities[label]) for record in RECORDS if record.proof for label in record.corrects
    if isinstance(record.statement, sp.Eq) == isinstance(identities[label].statement, sp.Eq)
]


@pytest.mark.parametrize(("correction", "misprint"), PAIRS, ids=lambda record: record.label)
def test_the_proof_of_a_correction_rejects_the_misprint(correction, misprint):
    residuals = tuple(correction.proof(misprint.statement))
    assert any(residual != 0 for residual in residuals)


def test_most_misprints_are_paired():
    assert len(PAIRS) >= 9


@pytest.mark.parametrize(("label", "old", "new"), [
    ("bai2022.eq46", L, 2 * L),
    ("bai2022.eq49", C, 2 * C),
    ("bai2022.eq50", L, 2 * L),
    ("bai2022.lemma13.grad", C, 2 * C),
    ("bai2022.corollary14", r1, 2 * r1),
    ("bai2022.lemma16", bai2022_guarantees.radius, 2 * bai2022_guarantees.radius),
    ("sobolev.descent-rate", bai2022_guarantees.j, bai2022_guarantees.j + 1),
    ("bai2022.eq56", bai2022_mirror.alpha, 2 * bai2022_mirror.alpha),
], ids=lambda part: part if isinstance(part, str) else "")
def test_a_proof_is_about_its_own_constants(label, old, new):
    """Another constant in the larger side only, whether or not it is still true: the squares no longer fit."""
    record = identities[label]
    smaller, larger = record.statement.lts, record.statement.gts
    changed = sp.Le(smaller, larger.subs(old, new), evaluate=False)
    assert tuple(record.proof(record.statement)) == (0,)
    assert any(residual != 0 for residual in record.proof(changed))


def test_squares_need_signs_that_sympy_can_see():
    free, positive = sp.Symbol("free", real=True), sp.Symbol("positive", positive=True)
    squares("fine", [positive * free**2])
    squares("fine under a condition", [free * positive**2], given=[free])
    with pytest.raises(ValueError, match="sign"):
        squares("free may be negative", [free * positive**2])
    with pytest.raises(ValueError, match="positive term"):
        squares("may be 0", [free**2])(sp.Gt(free**2, 0, evaluate=False))


def test_the_averaged_hessian_makes_every_loss_quadratic_along_a_segment():
    """f(y) - f(x) - p·v = ½ vᵀHv, with H = 2∫(1-t) ∇²f(x+tv) dt ≤ L, for f = Σ log cosh(a·x), L = λ_max(Σ aaᵀ)."""
    features = [mpmath.matrix(row) for row in ([1, 2], [-3, 1], [0.5, -1])]
    x, v = mpmath.matrix([0.3, -0.7]), mpmath.matrix([1.1, 0.4])
    dot = lambda one, other: (one.T * other)[0]
    f = lambda at: sum(mpmath.log(mpmath.cosh(dot(a, at))) for a in features)
    slope = sum(mpmath.tanh(dot(a, x)) * dot(a, v) for a in features)
    averages = [2 * mpmath.quad(lambda t, a=a: (1 - t) * mpmath.sech(dot(a, x + t * v)) ** 2, [0, 1]) for a in features]
    assert all(0 < average < 1 for average in averages)
    H = sum((average * a * a.T for average, a in zip(averages, features, strict=True)), mpmath.zeros(2))
    assert mpmath.almosteq(f(x + v) - f(x) - slope, (v.T * H * v)[0] / 2, rel_eps=1e-13)
    largest = max(mpmath.eigsy(sum((a * a.T for a in features), mpmath.zeros(2)), eigvals_only=True))
    assert max(mpmath.eigsy(H, eigvals_only=True)) < largest


@pytest.mark.parametrize("dim", [1, 3, 4])
def test_the_squares_are_norms_in_every_dimension(dim):
    """(50), Corollary 14 and Lemma 13 with exact random matrices: the same squares as in the plane."""
    entry = iter(sp.Rational(j * j % 31 - 12, 7) for j in range(3, 200))
    matrix = lambda rows, columns: sp.Matrix(rows, columns, lambda *_: next(entry))
    R, S, p, v, y = (matrix(dim, columns) for columns in (dim, dim, 1, 1, 1))
    c, l = sp.Rational(5, 3), sp.Rational(7, 2)
    H, g = l * sp.eye(dim) - R * R.T, (sp.eye(dim) + S * S.T) / c
    norm2 = lambda vector, metric: (vector.T * metric * vector)[0]
    change = lambda along: p.dot(along) + norm2(along, H) / 2
    model = lambda along: p.dot(along) + c * l / 2 * norm2(along, g)
    rest = lambda along: norm2(R.T * along, sp.eye(dim)) / 2 + l / 2 * norm2(S.T * along, sp.eye(dim))
    assert model(v) - change(v) == rest(v)
    step = -g.inv() * p / (c * l)
    assert -change(step) - norm2(g.inv() * p, g) / (2 * c * l) == rest(step)
    assert model(y) - model(step) == c * l / 2 * norm2(y - step, g)


# --- the family on which the rate of F fails ----------------------------------------------------


@pytest.mark.parametrize("epsilon", [sp.Rational(1, 10000), sp.Rational(1, 1000), sp.Rational(1, 10)])
def test_the_family_has_the_constants_that_the_record_uses(epsilon):
    record = identities["sobolev.dual-convexity"]
    curvature = record.statement.rhs.subs(bai2022_mirror.epsilon, epsilon)
    second = sp.lambdify(bai2022_mirror.dual, curvature, "mpmath")
    values = [second(mp.mpf(j) / 50) for j in range(-1500, 1501)]
    assert max(map(abs, values)) <= (1 + mp.mpf(epsilon.p) / epsilon.q) ** 2  # L
    assert min(values) < -0.25  # F is not convex
    assert all(mpmath.cosh(mp.mpf(j) / 50) ** 2 >= 2 * (mp.mpf(j) / 50) ** 2 for j in range(1501))  # R² ≤ 1/2 + εz²


def test_no_constant_saves_the_rate_of_a_function_that_is_not_convex():
    record = identities["bai2022.eq54.rate"]
    quotients = []
    for start in (6, 20, 60, 200):
        epsilon = sp.Rational(1, 30 * start**2)
        L, h = (1 + epsilon) ** 2, sp.tanh(start) + epsilon * start
        steps = sp.floor((start - 2) * L / (epsilon * h))  # until z = 2
        numbers = {"z": sp.Integer(start), "T": steps, "epsilon": epsilon}
        point = {symbol: numbers[symbol.name] for symbol in record.statement.free_symbols}
        left, right = (evaluate(side.xreplace(point)).middle for side in record.statement.args)
        quotients.append(left / right)
    assert all(later > 2.5 * earlier for earlier, later in pairwise(quotients))
    assert quotients[-1] > 50


@pytest.mark.parametrize("epsilon", [sp.Rational(1, 1000), sp.Rational(1, 10)])
def test_the_composition_is_not_convex_for_any_of_the_given_values(epsilon):
    left, right = identities["bai2022.eq54.convex"].statement.args
    assert evaluate((left - right).subs(bai2022_mirror.epsilon, epsilon)).middle > 0.01


def test_the_quartic_has_one_critical_point():
    x, y = sp.symbols("x y", real=True)
    f = bai2022_primal._quartic(x, y)
    assert sp.factor(sp.diff(f, x)) == 4 * x * (x**2 + 5 * y**2)
    assert sp.factor(sp.diff(f, y)) == 4 * y * (5 * x**2 + y**2)


@pytest.mark.parametrize("dual", [-1.0, 0.0, 2.0])
def test_the_supremum_of_the_final_remark(dual):
    """sup of xz - x²/2 over x > 0, by brute force."""
    left = identities["bai2022.final-remark"].statement.lhs
    brute = max(x * dual - x * x / 2 for x in (j / 1000 for j in range(1, 5000)))
    assert brute == pytest.approx(float(left.subs(sp.Symbol("z1", real=True), dual)), abs=2e-3)
