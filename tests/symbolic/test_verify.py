"""The verb: formulas of one's own, what counts as what, and what is refused."""

import subprocess
import sys

import pytest
import sympy as sp

import sobolevkernels as sk

x, r, n, s = sp.symbols("x r n s")
FOURIER = sp.Integral(sp.cos(r * x) / (1 + x**2) ** 2, (x, -sp.oo, sp.oo))


def test_a_right_formula_for_an_integral_is_checked():
    verdict = sk.verify(FOURIER, sp.pi / 2 * (1 + r) * sp.exp(-r), where=[r > 0])
    assert verdict.status == "checked"
    assert verdict
    assert "quadrature" in verdict.detail


@pytest.mark.parametrize(
    "wrong",
    [
        sp.pi / 2 * (2 - r) * sp.exp(-r),
        sp.pi / 2 * (1 + r) * sp.exp(-r) * sp.Rational(10**12 + 1, 10**12),
        sp.pi / 2 * (1 + r + r**2 / 10**9) * sp.exp(-r),
    ],
)
def test_a_wrong_formula_is_refuted_with_a_witness(wrong):
    verdict = sk.verify(FOURIER, wrong, where=[r > 0])
    assert verdict.status == "refuted"
    assert not verdict
    point = verdict.witness.point
    value = wrong.xreplace({r: next(iter(point.values()))}).evalf(20)
    assert abs(sp.Float(str(verdict.witness.right), 17) - value) < abs(value) * 1e-15
    assert "r = " in str(verdict)


def test_a_closed_form_is_proved_by_simplification():
    verdict = sk.verify(sp.gamma(n + 1), n * sp.gamma(n), where=n > 0)
    assert verdict.status == "proved"
    assert verdict.residuals == (0,)


def test_symbols_are_matched_by_name():
    positive = sp.Symbol("r", positive=True)
    assert sk.verify(sp.sqrt(r**2), positive).status == "proved"
    assert sk.verify(sp.sqrt(r**2), r).status == "refuted"  # without a condition r is any real number
    assert sk.verify(sp.sqrt(r**2), r, where=[r > 0]).status == "proved"


def test_contradicting_assumptions_are_refused():
    with pytest.raises(ValueError, match="positive=True and positive=False"):
        sk.verify(sp.Symbol("r", positive=True), sp.Symbol("r", positive=False))


def test_the_whole_region_is_sampled():
    edge = sp.Piecewise((1, s > n + sp.Rational(1, 100)), (2, True))  # wrong only within 1/100 of the border
    assert sk.verify(edge, 1, where=[s > n, n > 0]).status == "refuted"
    far = sp.Piecewise((1, r < 20), (2, True))
    assert sk.verify(far, 1, where=[r > 0]).status == "refuted"


def test_the_answer_is_reproducible():
    verdicts = {str(sk.verify(sp.besselk(n, r), sp.besselk(n + 1, r), where=[n > 0, r > 0])) for _ in range(2)}
    assert len(verdicts) == 1


def test_inequalities():
    assert sk.verify(sp.sin(x) <= 1).status == "checked"
    assert sk.verify(sp.sin(x) < sp.Rational(9, 10)).status == "refuted"
    assert sk.verify(sp.Ne(x**2 + 1, 0)).status == "checked"


def test_parity_conditions_are_obeyed():
    verdict = sk.verify(sp.cos(sp.pi * n), -1, where=[sp.Q.odd(n)])
    assert verdict
    assert sk.verify(sp.cos(sp.pi * n), -1, where=[sp.Q.integer(n)]).status == "refuted"


def test_a_statement_that_cannot_be_evaluated_is_unknown_and_not_a_pass():
    f = sp.Function("f")
    verdict = sk.verify(f(x), f(x) + f(0), points=[{"x": 1}])
    assert verdict.status == "unknown"
    assert not verdict
    assert "f(1)" in verdict.detail


def test_a_quadrature_that_does_not_settle_refutes_nothing():
    slow = sp.Integral(x ** sp.Rational(-999, 1000) / (1 + x), (x, 0, sp.oo))
    assert sk.verify(slow, sp.pi / sp.sin(sp.pi / 1000)).status == "unknown"


def test_zero_on_one_side_is_compared_on_the_scale_of_its_terms():
    assert sk.verify(sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6) + sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, 0)
    assert sk.verify(sp.besselk(1, r) - sp.besselk(1, r) * (1 + sp.Rational(1, 10**20)), 0, where=[r > 0]).status == (
        "refuted"
    )


def test_equations_that_sympy_decides_at_once():
    assert sk.verify(sp.Eq(sp.Integer(2) + 2, 4)).status == "proved"
    assert sk.verify(sp.Eq(sp.Integer(2) + 2, 5)).status == "refuted"


def test_a_kernel_is_verified_against_a_formula_of_ones_own():
    kernel = sk.SobolevKernel(dim=3, order=3)
    assert sk.verify(kernel.expr, (1 + r) * sp.exp(-r) / (32 * sp.pi), where=[r > 0]).status == "proved"
    assert sk.verify(kernel.expr, (1 + r) * sp.exp(-r) / (16 * sp.pi), where=[r > 0]).status == "refuted"


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        (("x**2",), {}, TypeError, "verify\\(lhs, rhs\\)"),
        ((x, x), {"where": [x]}, TypeError, "relation or predicate"),
        ((x, 1), {"where": [x > 1, x < 0]}, ValueError, "contradict"),
        ((x, 1), {"points": [{"y": 1}]}, ValueError, "exactly the symbols"),
        ((x, 1), {"where": [x > 2], "points": [{"x": 1}]}, ValueError, "violates"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(arguments, options, error, words):
    with pytest.raises(error, match=words):
        sk.verify(*arguments, **options)


def test_an_identity_brings_its_own_conditions():
    record = sk.identities["bai2022.lemma9"]
    assert record.verify().status == sk.verify(record).status == "proved"
    with pytest.raises(TypeError, match="alone"):
        sk.verify(record, where=[r > 0])


def test_a_wrong_label_names_near_ones():
    with pytest.raises(KeyError, match=r"bai2022\.lemma9"):
        sk.identities["bai2022.lema9"]
    with pytest.raises(ValueError, match="no chapter 'euclidian'"):
        sk.identities.find(chapter="euclidian")


WITHOUT_FLINT = """
import sys
sys.modules["flint"] = None
import sympy as sp
import sobolevkernels as sk
true, false = sk.identities["sobolev.radial"].verify(), sk.identities["bai2022.eq39"].verify()
print(true.status, false.status, "Arb" in true.detail + false.detail, "mpmath" in true.detail)
"""


def test_without_python_flint_mpmath_answers_and_the_verdict_says_so():
    answer = subprocess.run([sys.executable, "-c", WITHOUT_FLINT], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["proved", "refuted", "False", "True"]


third = sp.Rational(1, 3)
w = sp.Symbol("w")
k = sp.Symbol("k")


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        (sp.Integral(sp.Abs(x - third), (x, 0, 1)), sp.Rational(5, 18), []),
        (sp.Integral(sp.exp(-sp.Abs(x - w)) / 2, (w, 0, 1)), 1 - (sp.exp(-x) + sp.exp(x - 1)) / 2, [x > 0, x < 1]),
        (
            sp.Integral(sp.exp(-sp.I * x * w - x**2 / 2), (x, -sp.oo, sp.oo)) / sp.sqrt(2 * sp.pi),
            sp.exp(-(w**2) / 2),
            [],
        ),
        (
            sp.Integral(x * sp.exp(sp.I * r * x) / (1 + x**2) ** 2, (x, -sp.oo, sp.oo)),
            sp.I * sp.pi * r * sp.exp(-r) / 2,
            [r > 0],
        ),
        (sp.Sum(1 / k**2, (k, 1, sp.oo)), sp.pi**2 / 6, []),
        (sp.Integral(sp.exp(-(x**2)), (x, -sp.oo, sp.oo)) * x, sp.sqrt(sp.pi) * x, []),  # x bound and free
        (sp.sqrt(x) ** 2, x, [sp.sqrt(x) > 1]),
    ],
)
def test_right_formulas_that_are_easily_lost(left, right, where):
    assert sk.verify(left, right, where=where)


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        (sp.Integral(sp.Min(x, third), (x, 0, 1)), third, []),
        (sp.Integral(sp.cos(16 * sp.pi * x) * sp.exp(-(x**2)), (x, -sp.oo, sp.oo)), sp.sqrt(sp.pi), []),  # aliasing
        (sp.Integral(sp.exp(-(x**2)) + sp.exp(-((x - 50) ** 2)), (x, -sp.oo, sp.oo)), sp.sqrt(sp.pi), []),  # far bump
        (sp.Sum(2**k, (k, 0, sp.oo)), -1, []),
        (sp.Sum((-1) ** k, (k, 0, sp.oo)), sp.Rational(1, 2), []),
        (sp.Integral(sp.sin(x), (x, 0, sp.oo)), 1, []),
        (sp.Integral(x, (x, -sp.oo, sp.oo)), 0, []),
        (sp.tanh(r), 1, [r > 40]),
        (sp.cosh(r) - sp.sinh(r), 0, [r > 50]),
        (sp.Derivative(sp.besselk(n, x), n), x, [x > 0, n > 0]),
    ],
)
def test_wrong_and_meaningless_formulas_never_pass(left, right, where):
    assert not sk.verify(left, right, where=where)


def test_a_refutation_shows_where_the_numbers_part():
    text = str(sk.verify(sp.tanh(r), 1, points=[{"r": 41}]))
    assert "0.99999999999" in text


@pytest.mark.parametrize(
    ("statement", "error", "words"),
    [
        (True, TypeError, "=="),
        (sk.SobolevKernel(dim=3, order=3), TypeError, r"\.expr"),
        (sp.Eq(sp.Symbol("z", imaginary=True) ** 2, -1, evaluate=False), ValueError, "give points"),
    ],
    ids=["bool", "kernel", "imaginary"],
)
def test_what_cannot_be_a_statement_says_so(statement, error, words):
    with pytest.raises(error, match=words):
        sk.verify(statement)
