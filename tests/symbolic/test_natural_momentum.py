"""Natural gradient with momentum: every verdict has its record, and what the records say is seen in numbers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad, solve_bvp, solve_ivp

from sobolevkernels.symbolic import (
    natural_flow,
    somacal2025_momentum,
    somacal2025_newton,
    somacal2025_problems,
    somacal2025_toys,
)
from sobolevkernels.symbolic.catalogue import identities

CHAPTERS = (natural_flow, somacal2025_newton, somacal2025_toys, somacal2025_problems, somacal2025_momentum)
RECORDS = [record for chapter in CHAPTERS for record in chapter.IDENTITIES]

# --- the page and the proofs --------------------------------------------------------------------


PAIRS = [
    (record, identities[label]) for record in RECORDS if record.proof for label in record.corrects
    if isinstance(record.statement, sp.Eq) == isinstance(identities[label].statement, sp.Eq)
    and record.statement != identities[label].statement  # where only a hypothesis was missing
]


@pytest.mark.parametrize(("correction", "misprint"), PAIRS, ids=lambda record: record.label)
def test_the_proof_of_a_correction_rejects_the_misprint(correction, misprint):
    assert any(residual != 0 for residual in correction.proof(misprint.statement))


def test_most_misprints_are_paired():
    assert len(PAIRS) >= 20


@pytest.mark.parametrize(("label", "name"), [
    ("somacal2025.preconditioned-step", "s"),
    ("somacal2025.natural-step", "s"),
    ("somacal2025.transport-fd", "a"),
    ("sobolev.warp-monotone", "omega"),
])
def test_a_proof_is_about_its_own_constants(label, name):
    """Another constant in the larger side only: the squares no longer fit."""
    record = identities[label]
    smaller, larger = record.statement.lts, record.statement.gts
    (symbol,) = (symbol for symbol in larger.free_symbols if symbol.name == name)
    changed = sp.Le(smaller, larger.subs(symbol, 2 * symbol), evaluate=False)
    assert tuple(record.proof(record.statement)) == (0,)
    assert any(residual != 0 for residual in record.proof(changed))


# --- coordinates: a model with two parameters in five dimensions, in θ and in η ------------------

FIXED = np.random.default_rng(3)
W, U, TARGET = FIXED.normal(size=(5, 2)), FIXED.normal(size=5), FIXED.normal(size=5)
AFFINE = np.array([[2.0, 0.3], [-0.5, 0.7]])


def model(theta):
    return U * np.tanh(W @ theta) + (W @ theta) ** 2 / 4


def jacobian(theta):
    return (U / np.cosh(W @ theta) ** 2 + (W @ theta) / 2)[:, None] * W


def bent(eta):
    """θ of a diffeomorphism that is not affine, and its Jacobian."""
    return (np.array([np.sinh(eta[0]) + 0.3 * eta[1], eta[1] + 0.2 * np.sin(eta[0])]),
            np.array([[np.cosh(eta[0]), 0.3], [0.2 * np.cos(eta[0]), 1.0]]))


def straight(eta):
    return AFFINE @ eta, AFFINE


def parameters(columns, function):
    return np.linalg.lstsq(columns, function, rcond=None)[0]


def direction(eta, chart, natural):
    theta, change = chart(eta)
    columns = jacobian(theta) @ change
    error = TARGET - model(theta)
    return parameters(columns, error) if natural else columns.T @ error


def start(chart):
    """η of θ = (0.4, 0.2), by Newton's method."""
    eta = np.zeros(2)
    for _ in range(20):
        theta, change = chart(eta)
        eta = eta - np.linalg.solve(change, theta - np.array([0.4, 0.2]))
    return eta


def flow(chart, natural):
    solution = solve_ivp(lambda _, eta: direction(eta, chart, natural), (0, 2.0), start(chart), rtol=1e-11, atol=1e-12)
    return model(chart(solution.y[:, -1])[0])


def identity_chart(theta):
    return theta, np.eye(2)


@pytest.mark.parametrize("chart", [bent, straight])
def test_natural_gradient_flow_does_not_see_the_coordinates_and_the_euclidean_one_does(chart):
    reference, natural = flow(identity_chart, True), flow(chart, True)
    assert np.abs(reference - model(np.array([0.4, 0.2]))).max() > 0.1  # it went somewhere
    np.testing.assert_allclose(natural, reference, atol=1e-9)
    apart = np.abs(flow(chart, False) - flow(identity_chart, False)).max()
    assert apart > 1e5 * np.abs(natural - reference).max()


def test_a_natural_step_sees_them_to_second_order_and_affine_ones_not_at_all():
    def step(chart, size):
        eta = start(chart)
        return chart(eta + size * direction(eta, chart, True))[0]

    sizes = [0.1 / 2**j for j in range(5)]
    np.testing.assert_allclose(step(straight, 1.0), step(identity_chart, 1.0), atol=1e-13)
    gaps = [np.abs(step(bent, size) - step(identity_chart, size)).max() for size in sizes]
    assert all(later / earlier == pytest.approx(0.25, abs=0.02) for earlier, later in pairwise(gaps))


def test_the_one_number():
    left = identities["sobolev.flow-in-two-coordinates"].statement.lhs.args[0]
    k, s = sp.symbols("k s", positive=True)
    for rate in (1, 2):
        euclidean = solve_ivp(lambda _, eta, rate=rate: rate * (1 - rate * eta), (0, 1), [0.0], rtol=1e-10, atol=1e-12)
        assert rate * euclidean.y[0, -1] == pytest.approx(float((rate * left).subs({k: rate, s: 1})), abs=1e-8)
    assert 1 - np.exp(-4) == pytest.approx(0.982, abs=5e-4)


# --- transports on the same model ---------------------------------------------------------------

BEFORE, NOW = np.array([0.1, -0.2]), np.array([0.4, 0.2])
STEP = NOW - BEFORE


def project(function):
    """Onto the tangent space at NOW, by an orthonormal basis."""
    q, _ = np.linalg.qr(jacobian(NOW))
    return q @ (q.T @ function)


def test_lm_and_fd_in_gram_form():
    columns, earlier = jacobian(NOW), jacobian(BEFORE)
    gram = columns.T @ columns
    lm = np.linalg.solve(gram, columns.T @ earlier @ STEP)
    fd = np.linalg.solve(gram, columns.T @ (model(NOW) - model(BEFORE)))
    np.testing.assert_allclose(columns @ lm, project(earlier @ STEP), atol=1e-13)
    np.testing.assert_allclose(columns @ fd, project(model(NOW) - model(BEFORE)), atol=1e-13)
    assert np.abs(lm - fd).max() > 0.01


def test_lg_is_fd_with_another_step_and_brakes_as_printed():
    alpha, beta = 0.4, 0.3
    gradient, earlier = model(NOW) - TARGET, model(BEFORE) - TARGET
    chord = model(NOW) - model(BEFORE)
    lg = lambda sign: project(sign * beta * earlier - alpha * gradient)
    np.testing.assert_allclose(lg(-1), project(beta * chord - (alpha + beta) * gradient), atol=1e-13)
    np.testing.assert_allclose(lg(1), project(-beta * chord - (alpha - beta) * gradient), atol=1e-13)


def test_lg_does_not_use_the_gradient_in_the_parameters_of_the_step_before():
    columns, earlier = jacobian(NOW), jacobian(BEFORE)
    error = model(BEFORE) - TARGET
    right = np.linalg.solve(columns.T @ columns, columns.T @ error)
    mixed = np.linalg.solve(columns.T @ columns, earlier.T @ error)
    assert np.abs(right - mixed).max() > 0.05


def test_two_gram_matrices_agree_on_tangent_functions_only():
    columns = jacobian(NOW)
    square = np.random.default_rng(5).normal(size=(5, 5))
    weight = square @ square.T + np.eye(5)
    weighted = lambda function: np.linalg.solve(columns.T @ weight @ columns, columns.T @ weight @ function)
    np.testing.assert_allclose(weighted(columns @ STEP), STEP, atol=1e-12)
    chord = model(NOW) - model(BEFORE)
    normal = chord - project(chord)
    np.testing.assert_allclose(weighted(chord), parameters(columns, chord) + weighted(normal), atol=1e-12)
    assert np.abs(weighted(normal)).max() > 1e-3


# --- heavy ball as a recursion ------------------------------------------------------------------


def test_the_first_display_never_comes_to_rest():
    theta, momentum = 1.0, 0.0
    printed, true = [], []
    for _ in range(400):
        momentum -= 0.1 * theta
        theta += 0.9 * momentum
        printed.append(abs(theta))
    theta, momentum = 1.0, 0.0
    for _ in range(400):
        momentum = 0.9 * momentum - 0.1 * theta
        theta += momentum
        true.append(abs(theta))
    assert max(printed[-50:]) > 0.9
    assert max(true[-50:]) < 1e-6


def test_heavy_ball_follows_the_equation_with_friction_to_first_order():
    gamma, curvature, time = 1.0, 4.0, 2.0
    rate = np.sqrt(curvature - gamma**2 / 4)
    exact = np.exp(-gamma * time / 2) * (np.cos(rate * time) + gamma / (2 * rate) * np.sin(rate * time))
    errors = []
    for count in (400, 800, 1600, 3200):
        h = time / count
        earlier = now = 1.0  # at rest, to first order
        for _ in range(count):
            earlier, now = now, now - h**2 * curvature * now + (1 - gamma * h) * (now - earlier)
        errors.append(abs(now - exact))
    assert all(later / earlier == pytest.approx(0.5, abs=0.05) for earlier, later in pairwise(errors))


def test_on_a_linear_model_momentum_only_delays():
    beta, error, earlier = 0.5, 0.0, 1.0  # the natural step of size 1 has arrived
    sizes = []
    for _ in range(40):
        error, earlier = beta * (error - earlier), error
        sizes.append(max(abs(error), abs(earlier)))
    assert sizes[0] == beta
    assert (sizes[-1] / sizes[19]) ** (1 / 20) == pytest.approx(np.sqrt(beta), abs=0.03)


# --- the toys and the problems ------------------------------------------------------------------

BASES = {
    "unit": (lambda x: 1.0, lambda x: np.sqrt(2) * np.sin(2 * np.pi * x)),
    "printed": (lambda x: 1 / np.sqrt(2), lambda x: np.sin(2 * np.pi * x)),
    "later": (lambda x: np.sin(2 * np.pi * x), lambda x: np.cos(2 * np.pi * x)),
}


@pytest.mark.parametrize(("basis", "low", "expected"), [
    ("unit", 0, 1.0), ("unit", -1, 2.0), ("printed", 0, 0.5), ("printed", -1, 1.0), ("later", -1, 1.0),
    ("later", 0, 0.5),
])
def test_on_which_interval_a_basis_is_orthonormal(basis, low, expected):
    gram = [[quad(lambda x, f=f, g=g: f(x) * g(x), low, 1)[0] for g in BASES[basis]] for f in BASES[basis]]
    np.testing.assert_allclose(gram, expected * np.eye(2), atol=1e-12)


def test_how_many_minima_the_parabola_has():
    count = 0
    for p in np.linspace(-1.5, 1.5, 13):
        for q in np.linspace(-1, 2, 13):
            roots = np.roots([2, 0, 1 - 2 * q, -p])
            real = np.unique(np.round(roots[np.abs(roots.imag) < 1e-7].real, 6))
            if abs(gap := 2 * (2 * q - 1) ** 3 - 27 * p**2) > 1e-9:
                assert (len(real) == 3) == (gap > 0)
                count += len(real) == 3
            loss = lambda t, p=p, q=q: (t - p) ** 2 / 2 + (t**2 - q) ** 2 / 2
            assert p * min(real, key=loss) >= -1e-9
    assert count > 10


def test_the_printed_divergence_is_least_at_a_multiple_of_the_density():
    v = np.linspace(0.01, 3, 3000)
    u = 1.3
    assert v[np.argmin(v * np.log(v / u))] == pytest.approx(u / np.e, abs=2e-3)
    assert v[np.argmin(v * np.log(v / u) - v + u)] == pytest.approx(u, abs=2e-3)


@pytest.mark.parametrize("epsilon", [0.1, 0.3])
def test_the_layer_against_a_boundary_value_solver(epsilon):
    x = np.linspace(0, 1, 201)
    solved = solve_bvp(lambda _, y: np.array([y[1], (y[1] - 1) / epsilon]), lambda one, two: np.array([one[0], two[0]]),
                       x, np.zeros((2, x.size)), tol=1e-9)
    closed = x - (np.exp((x - 1) / epsilon) - np.exp(-1 / epsilon)) / (1 - np.exp(-1 / epsilon))
    np.testing.assert_allclose(solved.sol(x)[0], closed, atol=1e-7)
    slope = identities["sobolev.pinn-layer"].statement.rhs
    assert solved.sol(1)[1] == pytest.approx(float(slope.subs(sp.Symbol("epsilon", positive=True), epsilon)), rel=1e-6)


def test_the_warp_with_a_moving_centre_has_a_second_zero():
    """R = -1, ω = 1: f(v) = f(u) = u at distance 1 from u; with a fixed centre the distance never shrinks."""
    f = lambda v, q: (1 + (v - q) @ (v - q)) * (v - q) + q
    u = np.array([1.0, 0.0])
    v = np.zeros(2)
    np.testing.assert_allclose(f(v, -(u - v) + v), u)
    rng = np.random.default_rng(1)
    for one, other, q in rng.normal(size=(50, 3, 2)):
        assert np.linalg.norm(f(one, q) - f(other, q)) >= np.linalg.norm(one - other)
