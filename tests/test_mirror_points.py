"""Mirror maps at single points: against SciPy and quadrature, at the edge of their domains, and beyond it."""

from pathlib import Path

import numpy as np
import pytest
from mpmath import mp
from scipy import optimize, special

import sobolevkernels as sk
from sobolevkernels import mirror
from sobolevkernels.evaluation import mirror_maps, mirror_vectors
from sobolevkernels.symbolic.mirror_formulas import functions, mirror_maps_module

EPS = 2.0**-52


def test_the_printed_module_is_up_to_date():
    assert mirror_maps_module() == Path(mirror_maps.__file__).read_text(encoding="utf-8")


@pytest.mark.parametrize("function", functions(), ids=lambda function: function.name)
def test_printed_functions_are_their_formulas(function):
    values = [0.3, 0.7, 1.6][:len(function.arguments)]
    values = [-value if symbol.is_negative else value for value, symbol in zip(values, function.arguments, strict=True)]
    wanted = function.expr.subs(dict(zip(function.arguments, values, strict=True)))
    assert getattr(mirror_maps, function.name)(*map(np.float64, values)) == pytest.approx(float(wanted), rel=1e-14)


# --- against others -----------------------------------------------------------------------------


def test_entropy_is_that_of_scipy():
    rng = np.random.default_rng(0)
    y, x = rng.dirichlet(np.ones(6), size=(2, 50))
    simplex, orthant = mirror.entropy(), mirror.entropy(domain="orthant")
    assert np.allclose(simplex.divergence(y, x), special.rel_entr(y, x).sum(axis=-1), rtol=1e-12)
    assert np.allclose(orthant.divergence(3 * y, 2 * x), special.kl_div(3 * y, 2 * x).sum(axis=-1), rtol=1e-13)
    assert np.allclose(simplex.potential(y), -special.entr(y).sum(axis=-1), rtol=1e-14)
    z = rng.normal(size=(50, 6)) * 100
    assert np.allclose(simplex.inverse_gradient(z), special.softmax(z, axis=-1), rtol=1e-13, atol=0)
    assert np.allclose(simplex.conjugate(z), special.logsumexp(z, axis=-1), rtol=1e-14)


def test_the_gaussian_partition_is_an_integral():
    phi = mirror.gaussian(1)
    for theta in ([0.5, -1.0], [-2.0, -0.25]):
        def moment(power, theta=theta):
            return mp.quad(lambda t: t**power * mp.exp(theta[0] * t + theta[1] * t * t), [-mp.inf, 0, mp.inf])

        assert phi.potential(theta) == pytest.approx(float(mp.log(moment(0))), rel=1e-14)
        mean = [float(moment(power) / moment(0)) for power in range(5)]
        assert phi.gradient(theta) == pytest.approx(mean[1:3], rel=1e-13)
        fisher = [[mean[i + j] - mean[i] * mean[j] for j in (1, 2)] for i in (1, 2)]
        assert np.allclose(phi.hessian(theta), fisher, rtol=1e-12)


def test_gaussian_divergence_is_kullback_leibler_the_other_way_round():
    rng = np.random.default_rng(1)
    half = rng.normal(size=(2, 3, 3))
    covariance = half @ half.swapaxes(-1, -2) + np.eye(3)
    mean = rng.normal(size=(2, 3))
    x, y = mirror.gaussian_parameters(mean, covariance)
    precision = np.linalg.inv(covariance[1])
    shift = mean[1] - mean[0]
    below, above = np.linalg.slogdet(covariance)[1]
    wanted = (np.trace(precision @ covariance[0]) - 3 + above - below + shift @ precision @ shift) / 2
    assert mirror.gaussian(3).divergence(y, x) == pytest.approx(wanted, rel=1e-12)
    assert mirror.gaussian(3).gradient(x)[:3] == pytest.approx(mean[0], rel=1e-12)
    second = covariance[0] + np.outer(mean[0], mean[0])
    assert mirror.gaussian(3).gradient(x)[3:] == pytest.approx(second[np.triu_indices(3)], rel=1e-12)


@pytest.mark.parametrize(("phi", "z", "start", "bounds"), [
    (mirror.entropy(domain="orthant"), [0.3, -1.2], [1.0, 1.0], [(1e-9, None)] * 2),
    (mirror.burg(), [-0.3, -2.0], [1.0, 1.0], [(1e-9, None)] * 2),
    (mirror.p_norm(1.5), [0.3, -1.2], [0.1, -0.1], None),
    (mirror.p_norm(5), [0.3, -1.2], [0.1, -0.1], None),
    (mirror.quadratic([[2.0, 1.0], [1.0, 3.0]]), [0.3, -1.2], [0.0, 0.0], None),
    (mirror.gaussian(1), [0.5, 2.0], [0.0, -1.0], [(None, None), (None, -1e-9)]),
], ids=repr)
def test_conjugates_are_suprema_by_brute_force(phi, z, start, bounds):
    found = optimize.minimize(lambda x: phi.potential(x) - np.dot(z, x), start, bounds=bounds, tol=1e-14)
    assert phi.conjugate(z) == pytest.approx(-found.fun, rel=1e-9)
    assert phi.inverse_gradient(z) == pytest.approx(found.x, rel=1e-3)


def test_sobolev_is_its_multiplier():
    rng = np.random.default_rng(2)
    symbol = sk.sobolev_multiplier(order=1.5, kappa=2.0)
    f, g = rng.normal(size=(2, 3, 8, 6))
    phi, same = mirror.sobolev(1.5, 2.0, (0.5, 0.25)), mirror.sobolev(multiplier=symbol, spacing=(0.5, 0.25))
    assert np.array_equal(phi.gradient(f), symbol.apply(f, (0.5, 0.25)))
    assert np.array_equal(same.gradient(f), phi.gradient(f))
    assert phi.potential(f).shape == (3,)
    wanted = [0.5**4 * (field * image).sum() for field, image in zip(f, phi.gradient(f), strict=True)]
    assert phi.potential(f) == pytest.approx(wanted)
    one = mirror.sobolev(1.5, 2.0, 0.5)  # every axis is space
    assert np.shape(one.divergence(f, g)) == ()
    assert one.divergence(f, g) == pytest.approx(one.potential(f - g))
    assert phi.hessian(f).shape == (8, 6, 8, 6)


# --- at the edge --------------------------------------------------------------------------------


def test_the_boundary_belongs_to_the_domain_where_the_potential_is_finite():
    simplex, orthant = mirror.entropy(), mirror.entropy(domain="orthant")
    vertex = [1.0, 0.0]
    assert simplex.potential(vertex) == 0
    assert simplex.divergence(vertex, [0.25, 0.75]) == pytest.approx(np.log(4))
    assert orthant.divergence([0.0, 0.0], [2.0, 3.0]) == 5
    with pytest.raises(ValueError, match=r"needs x > 0 and Σx = 1: entry 1 is 0\.0"):
        simplex.gradient(vertex)
    with pytest.raises(ValueError, match="x > 0"):
        simplex.divergence([0.5, 0.5], vertex)


def test_large_and_small_numbers_do_not_overflow():
    orthant, burg = mirror.entropy(domain="orthant"), mirror.burg()
    assert orthant.divergence([1e-200], [1e200]) == 1e200
    assert orthant.divergence([1e200], [1e-200]) == pytest.approx(1e200 * (400 * np.log(10) - 1))
    assert orthant.divergence([3e-300], [1e-300]) == pytest.approx(1e-300 * (3 * np.log(3) - 2), rel=1e-14)
    assert orthant.divergence([1.6e308], [1.1e308]) == pytest.approx(1e308 * (1.6 * np.log(1.6 / 1.1) - 0.5), rel=1e-13)
    assert burg.divergence([1.6e308], [1.1e308]) == pytest.approx(0.5 / 1.1 - np.log(1.6 / 1.1), rel=1e-13)
    assert burg.divergence([1e-200], [1e100]) == pytest.approx(300 * np.log(10) - 1)
    assert mirror.entropy().conjugate([1e300, 1e300]) == 1e300
    assert mirror.entropy().inverse_gradient([1e5, 0.0]).tolist() == [1, 0]
    assert orthant.inverse_gradient([1e3]) == np.inf
    assert mirror.p_norm(3).potential([3e150, 0.0]) == pytest.approx(4.5e300)
    assert mirror.p_norm(1.5).gradient([1e-100, 1e100]) == pytest.approx([1.0, 1e100], rel=1e-12)


@pytest.mark.parametrize(("phi", "oracle"), [
    (mirror.entropy(domain="orthant"), lambda y, x: y * mp.log(y / x) - y + x),
    (mirror.burg(), lambda y, x: y / x - 1 - mp.log(y / x)),
], ids=["entropy", "burg"])
def test_scalar_divergences_are_right_to_six_units_in_the_last_place(phi, oracle):
    rng = np.random.default_rng(3)
    x = 10 ** rng.uniform(-8, 8, 1200)
    y = x * (1 + rng.choice([-1, 1], 1200) * 10 ** rng.uniform(-14, -0.01, 1200))
    y[::4] = x[::4] * 10 ** rng.uniform(-6, 6, 300)
    x, y = x[x != y], y[x != y]
    found = phi.divergence(y[:, None], x[:, None])
    with mp.workdps(60):
        wanted = [oracle(mp.mpf(b), mp.mpf(a)) for b, a in zip(y, x, strict=True)]
        errors = [abs(mp.mpf(value) / true - 1) for value, true in zip(found, wanted, strict=True)]
    assert max(errors) < 6 * EPS
    assert max(error for error, b, a in zip(errors, y, x, strict=True) if abs(b - a) < 1e-3 * a) < 3 * EPS


def test_p_norm_at_zero():
    phi = mirror.p_norm(1.5)
    assert phi.gradient([0.0, 0.0]).tolist() == [0, 0]
    assert phi.divergence([3.0, 0.0], [0.0, 0.0]) == pytest.approx(4.5)
    assert phi.divergence([1.0, 1e-8], [1.0, 0.0]) == pytest.approx(1e-12 / 1.5, rel=1e-7)
    with pytest.raises(ValueError, match=r"p_norm\(1.5\) needs x ≠ 0 in every entry because p < 2: entry 0 is 0.0"):
        phi.hessian([0.0, 1.0])
    with pytest.raises(ValueError, match="because p > 2: x is 0"):
        mirror.p_norm(3).hessian([0.0, 0.0])
    assert mirror.p_norm(3).hessian([0.0, 1.0])[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="≠ 0"):
        mirror.p_norm(3).conjugate_hessian([0.0, 1.0])


def test_power_excess_has_no_cancellation():
    t = np.concatenate([-np.logspace(-12, -0.01, 40), np.logspace(-12, 1, 40)])
    for w in (0.3, 1.1, 1.5, 2.0, 3.7, 12.0):
        found = mirror_vectors.power_excess(t, w)
        with mp.workdps(60):
            wanted = [(1 + mp.mpf(a)) ** mp.mpf(w) - 1 - mp.mpf(w) * mp.mpf(a) for a in t]
        errors = [abs(float((mp.mpf(a) - b) / b)) for a, b in zip(found, wanted, strict=True)]
        assert max(errors) < 100 * EPS
        assert max(e for e, a in zip(errors, t, strict=True) if abs(a) < 0.01) < 4 * EPS


def test_overflow_is_infinite_without_a_warning_and_never_nan():
    orthant, burg = mirror.entropy(domain="orthant"), mirror.burg()
    assert orthant.hessian([5e-324, 1.0]).tolist() == [[np.inf, 0], [0, 1]]
    assert orthant.hessian_apply([5e-324, 1.0], [0.0, 1.0]).tolist() == [0, 1]
    assert burg.hessian_solve([1e200, 1.0], [0.0, 1.0]).tolist() == [0, 1]
    assert burg.divergence([0.5, 1e308], [5e-324, 1e308]) == np.inf
    assert mirror.entropy().inverse_gradient([-1e308, 1e308]).tolist() == [0, 1]
    assert mirror.euclidean().potential([1e200]) == np.inf
    with pytest.raises(ValueError, match="the sum is inf"):
        mirror.entropy().potential([1e308, 1e308])


@pytest.mark.parametrize("p", [1.1, 1.5, 2, 3, 50.0])
def test_p_norms_of_very_different_and_of_huge_entries(p):
    def norm(v):
        return mp.fsum(abs(entry) ** mp.mpf(p) for entry in v) ** (1 / mp.mpf(p))

    phi = mirror.p_norm(p)
    with mp.workdps(700):
        for x in ([1e-200, 1e200], [-3e150, 2e160], [1e-300, 1e-310]):
            exact = [mp.mpf(entry) for entry in x]
            factor = norm(exact) ** (2 - mp.mpf(p))
            wanted = [float(mp.sign(entry) * abs(entry) ** (mp.mpf(p) - 1) * factor) for entry in exact]
            assert phi.gradient(x) == pytest.approx(wanted, rel=1e-12, abs=1e-320)
            assert phi.divergence(x, x) == 0
        # homogeneous of degree 2, though the squares of the norms overflow
        near, far = np.array([1.0, 2.0 + 2**-20]), np.array([1.0, 2.0])
        assert phi.divergence(near * 2.0**520, far * 2.0**520) == phi.divergence(near, far) * 2.0**1000 * 2.0**40


def test_a_p_norm_divergence_may_be_small_for_distant_points():
    x, y, p = [1.0, 0.05], [1.0, 0.6], 20
    with mp.workdps(60):
        a, b = (mp.mpf(entry) for entry in (x[1], y[1]))
        before, after = 1 + a**p, 1 + b**p
        wanted = (after ** (mp.mpf(2) / p) - before ** (mp.mpf(2) / p)) / 2
        wanted -= a ** (p - 1) * before ** (mp.mpf(2) / p - 1) * (b - a)
    assert wanted < 1e-5
    assert mirror.p_norm(p).divergence(y, x) == pytest.approx(float(wanted), rel=1e-13)


def test_a_p_norm_of_a_hundred_thousand_entries_needs_no_dense_hessian():
    rng = np.random.default_rng(5)
    x, h = rng.normal(size=(2, 100_000)) + 3
    phi = mirror.p_norm(1.5)
    np.testing.assert_allclose(phi.hessian_solve(x, phi.hessian_apply(x, h)), h, rtol=1e-9)
    with pytest.raises(ValueError, match="≠ 0"):
        mirror.p_norm(3).hessian_solve([0.0, 1.0], [1.0, 1.0])


def test_divergences_of_nearly_singular_matrices():
    y = np.diag([1e-20, 1.0])
    wanted = 20 * np.log(10) - 1
    assert mirror.log_det().divergence(y, np.eye(2)) == pytest.approx(wanted, rel=1e-14)
    wide, narrow = (mirror.gaussian_parameters([0.0], [[variance]]) for variance in (1e20, 1.0))
    assert mirror.gaussian(1).divergence(wide, narrow) == pytest.approx(wanted / 2, rel=1e-14)
    batch = mirror.log_det().divergence(np.stack([y, np.diag([1.0, 1 + 1e-9])]), np.eye(2))
    assert batch == pytest.approx([wanted, 5e-19], rel=1e-7)


def test_one_point_gives_a_number_and_custom_maps_say_what_they_are():
    assert isinstance(mirror.euclidean().potential([3.0, 4.0]), np.float64)
    assert isinstance(mirror.euclidean().pairing([1.0], [1.0]), np.float64)
    assert repr(mirror.MirrorMap.from_callables(np.cosh, np.sinh, name="cosh")) == "<MirrorMap cosh>"


def test_an_asymmetric_direction_counts_by_its_symmetric_part():
    x, h = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[0.0, 1.0], [0.0, 0.0]])
    phi = mirror.log_det()
    np.testing.assert_allclose(phi.hessian_apply(x, h), np.einsum("ijkl,kl->ij", phi.hessian(x), h))
    np.testing.assert_allclose(phi.hessian_solve(x, phi.hessian_apply(x, h)), (h + h.T) / 2, atol=1e-15)


def test_an_empty_batch_is_a_batch():
    assert mirror.sobolev(order=1, spacing=(0.5,)).potential(np.zeros((0, 8))).shape == (0,)
    assert mirror.euclidean().potential(np.zeros((0, 3))).shape == (0,)


# --- beyond it ----------------------------------------------------------------------------------

NAN = float("nan")


@pytest.mark.parametrize(("call", "message"), [
    (lambda: mirror.entropy().gradient([[0.5, 0.6, 0.0, -0.1]]),
     r"entropy\(domain='simplex'\) needs x > 0 and Σx = 1: entry 2 of row 0 is 0.0"),
    (lambda: mirror.entropy().potential([[[0.5, 0.5], [0.5, 0.6]]]),
     r"the sum of row 1 of batch 0 is 1.1; divide by the sum"),
    (lambda: mirror.entropy().potential([0.5, 0.6]), r"the sum is 1.1"),
    (lambda: mirror.entropy(domain="orthant").potential([1.0, -2.0]), "needs x ≥ 0: entry 1 is -2.0"),
    (lambda: mirror.entropy(domain="orthant").gradient([1.0, NAN]), "all finite: entry 1 is nan"),
    (lambda: mirror.entropy(domain="cube"), "'simplex' or 'orthant'"),
    (lambda: mirror.burg().potential([0.0]), r"burg\(\) needs x > 0: entry 0 is 0.0"),
    (lambda: mirror.burg().inverse_gradient([[-1.0], [2.0]]),
     r"dual variable of burg\(\) needs z < 0: entry 0 of row 1 is 2.0"),
    (lambda: mirror.euclidean().gradient([np.inf]), "all finite: entry 0 is inf"),
    (lambda: mirror.euclidean().gradient(3.0), r"needs x of shape \(…, n\)"),
    (lambda: mirror.euclidean().gradient([]), "n ≥ 1"),
    (lambda: mirror.euclidean().divergence([1.0, 2.0], [1.0]), r"needs y shaped like x, \(1,\), got \(2,\)"),
    (lambda: mirror.euclidean().hessian_apply([1.0], [1.0, 2.0]), "needs h shaped like x"),
    (lambda: mirror.burg().hessian_apply([1.0], [NAN]), r"burg\(\) needs real h, all finite: entry 0 is nan"),
    (lambda: mirror.quadratic([[1.0, 2.0], [2.0, 1.0]]),
     "symmetric positive definite matrix: it has the eigenvalue -1"),
    (lambda: mirror.quadratic([[1.0, 2.0], [0.0, 5.0]]),
     r"entry \(0, 1\) is 2.0, but entry \(1, 0\) is 0.0; symmetrise"),
    (lambda: mirror.quadratic([1.0, 2.0]), "one square matrix"),
    (lambda: mirror.quadratic(np.eye(3)).gradient([1.0, 2.0]), r"shape \(…, 3\), got \(2,\)"),
    (lambda: mirror.p_norm(1), "p must exceed 1"),
    (lambda: mirror.p_norm(NAN), "finite"),
    (lambda: mirror.p_norm(1e17), "the dual exponent"),
    (lambda: mirror.log_det().potential(np.zeros((2, 2))), "eigenvalue 0.0, which is 0 up to rounding"),
    (lambda: mirror.euclidean().divergence(np.ones((3, 4)), np.ones((2, 4))), r"axes that broadcast, got .*\(3, 4"),
    (lambda: mirror.sobolev(order=1, spacing=0.5).divergence(np.ones((5, 8)), np.ones(8)), r"shaped like x, \(8,\)"),
    (lambda: mirror.sobolev(order=1, spacing=(0.5, 0.5)).pairing(np.ones(8), np.ones(8)), r"shape \(…, n, n\)"),
    (lambda: mirror.log_det().potential(np.diag([1.0, -2.0])), "positive definite matrix: X has the eigenvalue -2"),
    (lambda: mirror.log_det().potential([[1.0, 2.0, 3.0]]), r"shape \(…, n, n\)"),
    (lambda: mirror.log_det().gradient(np.stack([np.eye(2), [[1, 1], [0, 1.0]]])),
     r"entry \(0, 1\) of matrix 1 is 1.0"),
    (lambda: mirror.log_det().inverse_gradient(np.diag([-1.0, 3.0])),
     "-Z symmetric positive definite: -Z has the eigenvalue -3"),
    (lambda: mirror.gaussian(1).gradient([0.0, 1.0]),
     "precision matrix in its natural parameters: the precision matrix has the"),
    (lambda: mirror.gaussian(1).inverse_gradient([2.0, 1.0]),
     "positive definite covariance .* the covariance has the eigenvalue -3"),
    (lambda: mirror.gaussian(2).gradient([0.0, 1.0]), r"shape \(…, 5\)"),
    (lambda: mirror.gaussian(0), "dim must be at least 1"),
    (lambda: mirror.gaussian_parameters([0.0], np.eye(2)), r"shapes \(…, n\) and \(…, n, n\)"),
    (lambda: mirror.gaussian_parameters([0.0], [[-1.0]]), "positive definite covariance: it has the eigenvalue -1"),
    (lambda: mirror.sobolev(order=1, spacing=-1.0), "spacing must be positive"),
    (lambda: mirror.sobolev(multiplier=sk.laplacian_power(1), spacing=0.5).inverse_gradient(np.ones(4)), "symbol"),
])
def test_what_is_outside_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: mirror.sobolev(order=1), "needs spacing="),
    (lambda: mirror.sobolev(spacing=1.0), "either order= .* or multiplier="),
    (lambda: mirror.sobolev(order=1, multiplier=sk.sobolev_multiplier(1), spacing=1.0), "either"),
    (lambda: mirror.euclidean().gradient(["a"]), "real numbers"),
    (lambda: mirror.euclidean().gradient([1j]), "real numbers"),
    (lambda: mirror.bregman_divergence(np.log, [1.0], [1.0]), "must be a MirrorMap, got .*from_callables"),
    (lambda: mirror.MirrorMap.from_callables(1.0, np.sinh), "potential must be callable, got 1.0"),
    (lambda: mirror.MirrorMap.from_callables(np.cosh, np.sinh).inverse_gradient([1.0]), "pass inverse_gradient= to"),
    (lambda: mirror.MirrorMap.from_callables(np.cosh, np.sinh).conjugate([1.0]), "pass inverse_gradient= to"),
    (lambda: mirror.MirrorMap.from_callables(np.cosh, np.sinh).expr, "has no formula"),
])
def test_what_is_missing_is_named(call, message):
    with pytest.raises(TypeError, match=message):
        call()


# --- formulas -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("phi", "values"), [
    (mirror.euclidean(), {"z": 1.5}), (mirror.burg(), {"x": 1.5}), (mirror.entropy(domain="orthant"), {"x": 1.5}),
    (mirror.p_norm(1.5), {"x": 1.5, "c": 0}), (mirror.sobolev(1, 2, 1.0), {"f": 1.5, "xi": 0}),
], ids=repr)
def test_formulas_are_what_is_computed(phi, values):
    numbers = {symbol: values[symbol.name] for symbol in phi.expr.free_symbols if symbol.name in values}
    assert float(phi.expr.subs(numbers)) == pytest.approx(float(phi.potential([1.5])), rel=1e-14)
    assert set(phi.formulas()) == {"potential", "gradient", "inverse_gradient", "conjugate"}


@pytest.mark.parametrize("phi", [mirror.entropy(), mirror.log_det(), mirror.gaussian(2), mirror.quadratic(np.eye(2))],
                         ids=repr)
def test_formulas_print(phi):
    assert r"\nabla\varphi^* = " in phi.latex()


def test_latex_names_the_four_formulas():
    assert mirror.burg().latex() == (
        r"\varphi = - \log{\left(x \right)},\quad \nabla\varphi = - \frac{1}{x},\quad "
        r"\nabla\varphi^* = - \frac{1}{z},\quad \varphi^* = - \log{\left(- z \right)} - 1")
