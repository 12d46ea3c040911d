"""The guarantees of bai2022, Appendix F, along real runs: decrease and rate with their constants; where they fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar

import sobolevkernels as sk
from sobolevkernels.descent.steps import mirror_step

Array = np.ndarray
rng = np.random.default_rng(17)
FEATURES, OFFSETS = rng.normal(size=(6, 2)), rng.normal(size=6)
BENT = np.array([[2.0, 0.7], [0.7, 0.8]])


@dataclass(frozen=True)
class Problem:
    """A convex loss in the plane with its Lipschitz constant, and a metric with C g ≥ 1."""

    loss: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    lipschitz: float
    metric: Callable[[Array], Array]
    constant: float
    start: tuple[float, float]


def log_cosh(x: Array) -> float:
    return float(np.logaddexp(FEATURES @ x - OFFSETS, OFFSETS - FEATURES @ x).sum())


def logistic(x: Array) -> float:
    return float(np.logaddexp(0, FEATURES @ x).sum() - 3 * np.sum(x * FEATURES.mean(axis=0)))


def logistic_gradient(x: Array) -> Array:
    return FEATURES.T @ (1 / (1 + np.exp(-FEATURES @ x))) - 3 * FEATURES.mean(axis=0)


LARGEST = float(np.linalg.eigvalsh(FEATURES.T @ FEATURES)[-1])
PROBLEMS = {
    "log cosh, growing multiple of the identity": Problem(
        log_cosh, lambda x: FEATURES.T @ np.tanh(FEATURES @ x - OFFSETS), LARGEST,
        lambda x: (1 + x @ x) * np.eye(2), 1.0, (3.0, -2.0)),
    "logistic, the Hessian of a potential": Problem(
        logistic, logistic_gradient, LARGEST / 4, lambda x: np.diag(1 + x**2), 1.0, (2.0, 2.0)),
    "quadratic, a metric that turns": Problem(
        lambda x: float(x @ BENT @ x / 2), lambda x: BENT @ x, float(np.linalg.eigvalsh(BENT)[-1]),
        lambda x: np.eye(2) / 4 + np.outer(x, x) + np.outer((-x[1], 1), (-x[1], 1)), 4.0, (1.0, -2.5)),
    "log cosh, a constant metric": Problem(
        log_cosh, lambda x: FEATURES.T @ np.tanh(FEATURES @ x - OFFSETS), LARGEST,
        lambda x: BENT, 1 / float(np.linalg.eigvalsh(BENT)[0]), (-4.0, 1.0)),
}


def run(problem: Problem, steps: int, constant: float | None = None) -> tuple[Array, Array]:
    """The iterates of x - g(x)^-1 ∇f(x)/(CL), and ‖∇^g f‖²_g at each."""
    C = problem.constant if constant is None else constant
    points, squares = [np.array(problem.start)], []
    for _ in range(steps):
        slope = problem.gradient(points[-1])
        natural = np.linalg.solve(problem.metric(points[-1]), slope)
        squares.append(slope @ natural)
        points.append(points[-1] - natural / (C * problem.lipschitz))
    return np.array(points), np.array(squares)


def minimum(problem: Problem) -> Array:
    found = minimize(problem.loss, problem.start, jac=problem.gradient, method="BFGS", options={"gtol": 1e-7}).x
    for _ in range(4):  # Newton, with a Hessian by central differences
        hessian = np.stack([problem.gradient(found + e) - problem.gradient(found - e) for e in 1e-5 * np.eye(2)]) / 2e-5
        found = found - np.linalg.solve(hessian, problem.gradient(found))
    assert np.abs(problem.gradient(found)).max() < 1e-12
    return found


def squared_radius(problem: Problem, best: Array, at: Array | None = None) -> float:
    """sup ‖x - x*‖²_(g,x) over f(x) ≤ f(x_0), from below: ray by ray out to the boundary."""
    level, largest = problem.loss(np.array(problem.start)), 0.0
    start = np.array(problem.start) - best
    for angle in np.linspace(0, 2 * np.pi, 181) + np.arctan2(start[1], start[0]):
        ray = np.array([np.cos(angle), np.sin(angle)])
        end = brentq(lambda s, ray=ray: problem.loss(best + s * ray) - level - 1e-9, 0, 1e3)
        for s in np.linspace(0, end, 60):
            metric = problem.metric(best + s * ray if at is None else at)
            largest = max(largest, s**2 * ray @ metric @ ray)
    return largest


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_the_constants_are_what_they_are_said_to_be(problem):
    points = rng.normal(size=(300, 2)) * 3
    assert min(np.linalg.eigvalsh(problem.metric(x))[0] for x in points) >= (1 - 1e-12) / problem.constant
    slopes = np.array([problem.gradient(x) for x in points])
    quotients = np.linalg.norm(np.diff(slopes, axis=0), axis=1) / np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert quotients.max() <= problem.lipschitz * (1 + 1e-12)
    for x, slope in zip(points[:20], slopes, strict=False):
        differences = [(problem.loss(x + e) - problem.loss(x - e)) / 2e-5 for e in 1e-5 * np.eye(2)]
        assert np.allclose(differences, slope, atol=1e-6)


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_corollary_14_at_every_step(problem):
    points, squares = run(problem, 400)
    losses = np.array([problem.loss(x) for x in points])
    promised = squares / (2 * problem.constant * problem.lipschitz)
    assert (losses[:-1] - losses[1:] >= promised - 1e-14 * (1 + np.abs(losses[0]))).all()
    assert promised[0] > 1e-4


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=PROBLEMS)
def test_lemma_16_at_every_step(problem):
    best = minimum(problem)
    points, _ = run(problem, 400)
    distance = np.array([problem.loss(x) for x in points]) - problem.loss(best)
    bound = 2 * problem.lipschitz * problem.constant * squared_radius(problem, best)
    T = np.arange(len(points))
    assert (distance[1:] <= bound / T[1:]).all()
    assert (distance <= bound / (T + 4)).all()  # sobolev.descent-rate
    assert distance[400] < distance[0] / 100  # the run goes somewhere


@pytest.mark.parametrize("name", ["quadratic, a metric that turns", "log cosh, a constant metric"])
def test_a_constant_that_is_too_small_breaks_corollary_14(name):
    problem = PROBLEMS[name]
    points, squares = run(problem, 50, constant=problem.constant / 5)
    losses = np.array([problem.loss(x) for x in points])
    promised = squares / (2 * problem.constant / 5 * problem.lipschitz)
    assert (losses[:-1] - losses[1:] < promised).any()


@pytest.mark.parametrize("constant", [1.0, 4.0])
def test_the_misprinted_decrease_fails_in_a_real_run(constant):
    """D_k - D_(k+1) ≥ ‖∇^g f‖²/(CL), as the proof of Lemma 16 prints it: half of it for f = 3|x|²/2 and g = 1/C."""
    problem = Problem(lambda x: float(1.5 * x @ x), lambda x: 3 * x, 3.0, lambda x: np.eye(2) / constant, constant,
                      (1.0, 2.0))
    points, squares = run(problem, 1)
    decrease = problem.loss(points[0]) - problem.loss(points[1])
    assert decrease < squares[0] / (constant * 3.0)
    assert decrease == pytest.approx(squares[0] / (2 * constant * 3.0), rel=1e-14)
    assert problem.loss(points[1]) < 1e-30  # one step reaches the minimum: the proof's 1/D_1 does not exist


def test_the_misprinted_gradient_of_the_model_gives_a_step_that_is_too_short():
    """Line 4 of the proof of Lemma 13 set to zero is a step of half the length, which breaks Corollary 14."""
    x = np.array([1.0, 2.0])
    half = x - x / 2  # f = |x|²/2, g = 1, C = L = 1
    assert (x @ x - half @ half) / 2 < x @ x / 2
    assert (x @ x - half @ half) / 2 == pytest.approx(3 / 8 * x @ x)


def test_grad_and_prog_are_argmin_and_minus_min():
    dim = 5
    root = rng.normal(size=(dim, dim))
    metric, slope, x, CL = root @ root.T + np.eye(dim), rng.normal(size=dim), rng.normal(size=dim), 2.5
    model = lambda y: slope @ (y - x) + CL / 2 * (y - x) @ metric @ (y - x)
    found = minimize(model, x, method="BFGS", options={"gtol": 1e-9})
    natural = np.linalg.solve(metric, slope)
    assert np.allclose(found.x, x - natural / CL, atol=1e-7)
    assert -found.fun == pytest.approx(natural @ metric @ natural / (2 * CL), rel=1e-12)


def test_the_radius_must_be_measured_where_the_iterates_are():
    k = 1000.0
    problem = Problem(lambda x: float(x @ x / 2), lambda x: x, 1.0, lambda x: (1 + k * x @ x) * np.eye(2), 1.0,
                      (1.0, 0.0))
    points, _ = run(problem, 60)
    distance = np.sum(points**2, axis=1) / 2
    T = np.arange(len(points))
    at_minimum, along = (squared_radius(problem, np.zeros(2), at) for at in (np.zeros(2), None))
    assert distance[8] > 2 * at_minimum / 8
    assert (distance[8:] > 2 * at_minimum / T[8:]).all()
    assert (distance <= 2 * along / (T + 4)).all()
    assert (distance >= (1 - 2 * T / k) / 2 - 1e-15).all()  # sobolev.slow-steps


# --- mirror descent in the dual variable --------------------------------------------------------


def test_mirror_descent_on_the_orthant_is_natural_gradient_descent_in_the_dual_variable():
    matrix = BENT
    x, z, alpha = np.array([0.4, 1.9]), np.log([0.4, 1.9]), 3.0
    for _ in range(50):
        x = mirror_step(x, matrix @ x - 1, sk.mirror.entropy(domain="orthant"), step=1 / alpha)
        h = np.exp(z)
        slopes = h * (matrix @ h - 1)  # ∇_z f(h(z))
        z = z - np.linalg.solve(np.diag(h), slopes) / alpha
    assert np.allclose(np.exp(z), x, rtol=1e-13)


def test_mirror_descent_on_the_simplex_is_natural_gradient_descent_in_the_dual_variable():
    target = np.array([0.2, 0.5])
    z, alpha = np.array([1.0, -0.5]), 0.7
    weights = np.append(np.exp(z), 1) / (1 + np.exp(z).sum())
    start = weights.copy()
    for _ in range(30):
        weights = mirror_step(weights, np.append(weights[:2] - target, 0), sk.mirror.entropy(), step=1 / alpha)
        h = np.exp(z) / (1 + np.exp(z).sum())
        hessian = np.diag(h) - np.outer(h, h)
        z = z - np.linalg.solve(hessian, hessian @ (h - target)) / alpha
    assert np.allclose(np.exp(z) / (1 + np.exp(z).sum()), weights[:2], rtol=1e-12)
    assert np.abs(weights[:2] - target).max() < 0.1 * np.abs(start[:2] - target).max()


@pytest.mark.parametrize("size", [1e-1, 1e-2, 1e-3])
def test_natural_gradient_in_the_primal_variable_parts_from_it_at_second_order(size):
    x, slope = np.array([0.4, 1.9]), np.array([1.0, -0.6])
    mirror = mirror_step(x, slope, sk.mirror.entropy(domain="orthant"), step=size)
    natural = x - size * x * slope  # g = ∇²w = 1/x
    assert np.allclose((mirror - natural) / size**2, x * slope**2 / 2, rtol=size)


def test_proposition_17_takes_another_mirror_map_at_every_step():
    problem = PROBLEMS["quadratic, a metric that turns"]
    points, _ = run(problem, 100)
    step = 1 / (problem.constant * problem.lipschitz)
    frozen = sk.mirror.quadratic(problem.metric(points[0]))
    x = points[0]
    for before, after in pairwise(points):
        current = sk.mirror.quadratic(problem.metric(before))
        assert np.allclose(mirror_step(before, problem.gradient(before), current, step=step), after, rtol=1e-13)
        x = mirror_step(x, problem.gradient(x), frozen, step=step)
    travelled = np.linalg.norm(points[-1] - points[0])
    assert np.linalg.norm(x - points[-1]) > 0.25 * travelled  # mirror descent for w^a, a = x_0, goes elsewhere


class Family:
    """H = log cosh z + εz²/2 and f = x²/2: every printed hypothesis, but F = f(h) is not convex."""

    def __init__(self, epsilon: float) -> None:
        self.epsilon, self.L, self.C = epsilon, (1 + epsilon) ** 2, 1 / epsilon

    def h(self, z):
        return np.tanh(z) + self.epsilon * z

    def metric(self, z):
        return 1 / np.cosh(z) ** 2 + self.epsilon

    def F(self, z):
        return self.h(z) ** 2 / 2


@pytest.mark.parametrize(("epsilon", "start", "steps", "factor"), [(1e-2, 6.0, 400, 1.5), (1e-3, 6.0, 4000, 2),
                                                                  (1e-3, 14.0, 12000, 5)])
def test_without_convexity_the_dual_rate_fails_and_the_divergence_bound_holds(epsilon, start, steps, factor):
    family = Family(epsilon)
    grid = np.linspace(-start, start, 40001)
    curvature = np.gradient(np.gradient(family.F(grid), grid), grid)
    assert np.abs(curvature).max() <= family.L * (1 + 1e-6)  # F is E-Lipschitz
    assert curvature.min() < -0.2  # and not convex
    assert (family.C * family.metric(grid)).min() >= 1  # ∇²H is E-compatible
    radius2 = float((family.metric(grid) * grid**2).max())
    alpha = family.C * family.L
    z = [start]
    for _ in range(steps):
        z.append(z[-1] - family.h(z[-1]) / alpha)  # [∇²H]^-1 ∇_z F = ∇f(h) = h
    values = family.F(np.array(z))
    T = np.arange(1, steps + 1)
    assert values[-1] > factor * 2 * family.L * family.C * radius2 / steps
    divergence = np.log(np.cosh(start)) + epsilon * start**2 / 2
    assert (values[1:] <= alpha * divergence / T).all()  # sobolev.mirror-rate
    squares = family.h(np.array(z[:-1])) ** 2 * family.metric(np.array(z[:-1]))  # F'²/g
    assert (values[:-1] - values[1:] >= squares / (2 * alpha) - 1e-16).all()  # Corollary 14 does not ask for convexity


@pytest.mark.parametrize(("epsilon", "start"), [(1e-2, 6.0), (1e-3, 6.0), (1e-1, 30.0)])
def test_with_convexity_the_dual_rate_holds(epsilon, start):
    """The same H with F = z²/2, which is f(h) for the convex f with f'(h(z)) = z/h'(z)."""
    family = Family(epsilon)
    grid = np.linspace(-start, start, 4001)
    slopes = grid / family.metric(grid)
    assert (np.diff(slopes) > 0).all()  # f' increases with x = h(z)
    radius2 = float((family.metric(grid) * grid**2).max())
    z = [start]
    for _ in range(2000):
        z.append(z[-1] - z[-1] / (family.C * family.metric(z[-1])))  # L = 1
    values = np.array(z) ** 2 / 2
    assert (values <= 2 * family.C * radius2 / (np.arange(2001) + 4)).all()
    assert values[-1] < values[0] / 5


def test_the_dual_run_of_the_family_is_mirror_descent():
    """One step of the run against the argmin it stands for, with w computed as a supremum."""
    family = Family(0.01)
    alpha, z = 5.0, 1.3
    H = lambda z: np.log(np.cosh(z)) + 0.005 * z**2
    w = lambda x: -minimize_scalar(lambda z: H(z) - x * z, bounds=(-20, 20), method="bounded",
                                   options={"xatol": 1e-12}).fun
    x = family.h(z)
    objective = lambda y: x * (y - x) + alpha * (w(y) - w(x) - z * (y - x))
    found = minimize_scalar(objective, bounds=(0, 1), method="bounded", options={"xatol": 1e-10}).x
    assert found == pytest.approx(family.h(z - x / alpha), abs=1e-6)


def test_a_step_leaves_the_hyperbolic_strip():
    """R × (0, A] with A = 1, C = 1 and f(x, y) = -4y + y²/2, L = 1: the argmin over the strip is not the free one."""
    height, slope = 0.9, -4 + 0.9
    free = height - height**2 * slope
    assert free > 1
    model = lambda y: slope * (y - height) + (y - height) ** 2 / height**2 / 2
    inside = np.linspace(1e-3, 1, 1000)
    assert inside[model(inside).argmin()] == 1
    assert -model(1.0) < slope**2 * height**2 / 2  # Prog(x) is less than Lemma 13 says
    loss = lambda y: -4 * y + y**2 / 2
    assert loss(height) - loss(1.0) >= -model(1.0)  # Corollary 15, the strip being closed above
