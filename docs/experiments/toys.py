# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From gradient descent to natural gradient, in the plane
#
# Somacal & Nouy (2025) introduce the natural gradient by a sequence of toy examples with two parameters, so small
# that everything can be drawn: a function is $v = c_1 \sin 2\pi x + c_2 \cos 2\pi x$ on $[-1, 1]$, and its
# coordinates $c$ are a point of the plane.
#
# **What is tested.** Each picture of that sequence makes a statement in words: gradient descent depends on the
# coordinates of the parameters, natural gradient does not; it is biased when the loss is not the norm of its metric;
# the Hessian of the loss as the metric takes the bias away, and is Newton's method for a linear model. Here each
# statement is a number with a prediction. Last comes the quadratic manifold, where none of the predictions needs to
# hold.

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import scipy.integrate
import scipy.linalg
import sympy as sp

import sobolevkernels as sk

COLOURS = {"gradient, good": "#E69F00", "gradient, bad": "#D55E00", "natural, L²": "#0072B2",
           "natural, loss Hessian": "#009E73", "Newton": "#CC79A7"}

# %% [markdown]
# ## Functions, coordinates, quadrature
#
# $\Phi = (\sin 2\pi x, \cos 2\pi x)$ is orthonormal in $L^2(-1, 1)$ (`somacal2025.toy-basis.later`). The trapezoidal
# rule with twelve points is exact for all products below. A model $v_\theta = \theta^T B \Phi$ has the coordinates
# $c = B^T\theta$. In the good coordinates $B = 1$; in the bad ones $B = \operatorname{diag}(1, 0.2)$.

# %%
x = sp.Symbol("x")
PHI = sp.Matrix([sp.sin(2 * sp.pi * x), sp.cos(2 * sp.pi * x)])
points, weight = np.arange(12) / 6 - 1, 1 / 6
weights = np.full(12, weight)
basis = np.stack([np.sin(2 * np.pi * points), np.cos(2 * np.pi * points)], axis=-1)
assert np.allclose(weight * basis.T @ basis, np.eye(2), rtol=0, atol=1e-15)

B = np.diag([1, 0.2])
good = sk.models.linear(list(PHI), x)
bad = sk.models.linear(list(sp.diag(1, sp.Rational(1, 5)) * PHI), x)
target, first = np.array([1.0, 1.0]), np.array([-1.0, -0.5])
u = basis @ target


def coordinates(model, theta):
    """c (..., 2) of v_θ."""
    return weight * model(theta, points) @ basis


def descent(fit, start, metric, step, steps=150):
    """All θ of a run with a fixed step, and their losses."""
    path = []
    run = fit.descend(start, partial(sk.natural_step, metric=metric, step=step), max_steps=steps,
                      callback=lambda _, theta: path.append(theta))
    return np.array(path), run.losses


# %% [markdown]
# Three panels for each example: paths in the parameters, and of $v$, with level lines of the loss; the losses. Dots
# are starts, the star is the target.


# %%
def levels(axes, loss, paths):
    """Level lines of a function of two numbers, around the paths."""
    everything = np.concatenate(paths)
    low, high = everything.min(axis=0), everything.max(axis=0)
    middle, half = (low + high) / 2, 0.65 * (high - low) + 0.2
    across, up = (np.linspace(m - h, m + h, 160) for m, h in zip(middle, half, strict=True))
    values = loss(np.stack(np.meshgrid(across, up), axis=-1))
    axes.contour(across, up, values, values.max() * np.linspace(0.02, 1, 12) ** 2, colors="0.8", linewidths=0.7)
    axes.set(xlim=across[[0, -1]], ylim=up[[0, -1]])


def side_by_side(fit, runs):
    """Runs, each a name, θ, c and losses; `fit` is the objective of all but the gradient in good coordinates."""
    _, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    levels(left, fit.value, [theta for name, theta, _, _ in runs if name not in ("gradient, good", "Newton")])
    levels(middle, lambda c: fit.losses[0].value((c @ basis.T)[..., None, :]),
           [c for name, _, c, _ in runs if name != "Newton"])
    for name, theta, c, losses in runs:
        dashed = name == "gradient, good"  # its parameters are others; in function space it lies on another line
        style = {"color": COLOURS[name], "label": name, "linestyle": "--" if dashed else "-", "zorder": 2 + dashed}
        if not dashed:
            left.plot(*theta.T, **style)
            left.plot(*theta[0], "o", color="black", markersize=4)
        middle.plot(*c.T, **style)
        right.semilogy(np.maximum(losses, 1e-17), **style)
    middle.plot(*first, "o", color="black", markersize=4)
    middle.plot(*target, "*", color="black", markersize=9)
    left.set(title="parameters", xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    middle.set(title="function space", xlabel="$c_1$", ylabel="$c_2$")
    right.set(title="convergence", xlabel="steps", ylabel="loss", ylim=(1e-12, 5 * runs[0][3][0]))
    right.legend(fontsize="small")
    plt.show()


# %% [markdown]
# ## The norm of $L^2$ as the loss
#
# $\mathcal L = \frac12\|u - v\|^2$ has the Hessian 1 in $V$, $BB^T$ in the parameters. With a metric whose Gram
# matrix is $G$ the error obeys $e \leftarrow (1 - sG^{-1}BB^T)e$. The eigenvalues $\lambda_1 \ge \lambda_2$ of
# $G^{-1}BB^T$ decide: with $\kappa = \lambda_1/\lambda_2$ the best fixed step is $2/(\lambda_1+\lambda_2)$ and the
# error then falls by $(\kappa-1)/(\kappa+1)$ a step. The paths are drawn with the step $0.1/\lambda_1$, small enough
# to see where they lead; the table uses the best step, and compares the factor that was predicted with the one that
# was seen.

# %%
flat = sk.losses.least_squares(points, u, weights)
L2, EUCLIDEAN = sk.metrics.l2(points, weights), sk.metrics.euclidean()


CASES = {"gradient, good": ("good", EUCLIDEAN), "gradient, bad": ("bad", EUCLIDEAN), "natural, L²": ("bad", L2)}
starts = {"good": first, "bad": first / np.diag(B)}


def spectrum(fit, metric):
    """Eigenvalues of G⁻¹H, ascending, from the least-squares factors of the metric and of the loss."""
    here = fit.linearize(np.zeros(2))
    factor = np.eye(2) if metric.is_euclidean else here.factor(metric)
    of_loss = here.factor(sk.metrics.loss_hessian(*fit.losses))
    return scipy.linalg.eigvalsh(of_loss.T @ of_loss, factor.T @ factor)


def compared(fits, cases):
    """Run all cases, a chart and a metric each, and print their table."""
    runs = []
    print("                       condition   factor: predicted       seen   steps to a loss of 1e-12")
    for name, (chart, metric) in cases.items():
        fit, start = fits[chart], starts[chart]
        low, high = spectrum(fit, metric)
        theta, losses = descent(fit, start, metric, 0.1 / high)
        runs.append((name, theta, coordinates(fit.model, theta), losses))
        best = descent(fit, start, metric, 2 / (low + high), steps=300)[1]
        factor, seen = (high - low) / (high + low), np.sqrt(best[1] / best[0])
        assert abs(seen - factor) < 1e-12
        print(f"{name:22}{high / low:10.2f}{factor:20.6f}{seen:11.6f}{np.argmax(best < 1e-12):15}")
    return runs


fits = {"good": sk.Objective(good, flat), "bad": sk.Objective(bad, flat)}
runs = compared(fits, CASES)
apart = np.abs(runs[0][2] - runs[2][2]).max()
print(f"distance in function space of natural gradient and gradient in good coordinates: {apart:.0e}")
assert apart < 1e-14

# %%
side_by_side(fits["bad"], runs)

# %% [markdown]
# Gradient descent is straight in good coordinates and curved in bad ones, for the same functions. The natural
# gradient, computed in the bad coordinates, is the gradient of the good ones to the last digit, and the factors are
# those predicted.
#
# ## A loss that is not isotropic
#
# Now $\mathcal L = \frac12\|u-v\|_K^2$ with $K$ acting on coordinates, of condition number 10, its axes turned by
# 1.3. In values at the points it is a matrix of weights: $K$ on $\operatorname{span}\Phi$, and the quadrature on the
# orthogonal complement, so that it is positive definite.

# %%
turn = np.array([[np.cos(1.3), -np.sin(1.3)], [np.sin(1.3), np.cos(1.3)]])
K = turn @ np.diag([1, 0.1]) @ turn.T
norm_k = weight**2 * basis @ K @ basis.T + weight * (np.eye(12) - weight * basis @ basis.T)
assert np.allclose(basis.T @ norm_k @ basis, K, rtol=0, atol=1e-15)

weighted = sk.losses.least_squares(points, u, (norm_k + norm_k.T) / 2)
HESSIAN = sk.metrics.loss_hessian(weighted)
fits = {"good": sk.Objective(good, weighted), "bad": sk.Objective(bad, weighted)}
runs = compared(fits, {**CASES, "natural, loss Hessian": ("bad", HESSIAN)})
print("angle in function space between the first step and the way to the target:")
for name, _, c, _ in runs:
    cosine = (c[1] - c[0]) @ (target - first) / np.linalg.norm(c[1] - c[0]) / np.linalg.norm(target - first)
    print(f"    {name:22}{np.degrees(np.arccos(min(cosine, 1.0))):6.1f}°")

# %%
side_by_side(fits["bad"], runs)

# %% [markdown]
# The natural gradient of $L^2$ is again gradient descent in good coordinates, and now that is curved as well: the
# metric knows the model but not the loss. With the Hessian of the loss as the metric the path is straight.
#
# ## For a linear model this is Newton's method
#
# One step of size 1 from the same start, and Newton's step with the Hessian $BKB^T$ formed and solved with
# (`somacal2025.linear-newton`). The last line is the same model with $B$ = `diag(1, 1e-10)`: the Gram matrix has a
# condition number above 1e19 and could not be inverted, but it is never formed.

# %%
arrived = descent(fits["bad"], starts["bad"], HESSIAN, 1.0, steps=1)[0][1]
newton = starts["bad"] - np.linalg.solve(B @ K @ B.T, B @ K @ (B.T @ starts["bad"] - target))
left_over = np.abs(coordinates(bad, arrived) - target).max()
print(f"error of v after one natural step {left_over:.0e}, against Newton's step {np.abs(arrived - newton).max():.0e}")
assert max(left_over, np.abs(arrived - newton).max()) < 1e-14

worst = sk.Objective(sk.models.linear([PHI[0], PHI[1] / 10**10], x), weighted)
arrived = descent(worst, first * [1, 1e10], HESSIAN, 1.0, steps=1)[0][1]
left_over = np.abs(coordinates(worst.model, arrived) - target).max()
print(f"condition {sk.natural_gradient(worst.linearize(first), HESSIAN).condition:.0e}, error of v {left_over:.0e}")
assert left_over < 1e-14

# %% [markdown]
# ## A quadratic manifold
#
# $v_\theta = (\theta^T B + \frac12\theta^T Q\theta)\Phi$. Two parameters and two functions: wherever the Jacobian is
# invertible the tangent space is the whole span, and the natural gradient *flow* of the loss Hessian still moves $v$
# on the straight line to the target, while its parameters follow a curve. $Q$ is not given in the slides; this one
# folds the plane along the curves $\det J = 0$ (dotted below), and the target has two preimages. The Hessian in the
# parameters now has the term that the Gram matrix leaves out, $\sum_q (K(c-u))_q Q_q$; Newton's method uses it.

# %%
Q = np.zeros((2, 2, 2))
Q[0, 0], Q[0, 1], Q[1, 0], Q[1, 1] = [0.0, 0.6], [0.12, 0.0], [0.12, 0.0], [0.1, 0.04]
bent = sk.models.quadratic_manifold(list(PHI), B, Q, x)
curved = sk.Objective(bent, weighted)


def jacobian(theta):
    """∂c/∂θ (..., 2, 2)."""
    return B + np.einsum("ijq,...j->...iq", Q, theta)


def newton_steps(theta, steps):
    """Newton's method with the full Hessian in the parameters, step 1, from θ (..., 2)."""
    path = [theta]
    for _ in range(steps):
        theta, slope = path[-1], jacobian(path[-1])
        covector = (coordinates(bent, theta) - target) @ K
        hessian = slope @ K @ slope.swapaxes(-1, -2) + np.einsum("...q,ijq->...ij", covector, Q)
        path.append(theta - np.linalg.solve(hessian, np.einsum("...iq,...q->...i", slope, covector)[..., None])[..., 0])
    return np.array(path)


start = np.array([1.0, -3.0])
first = coordinates(bent, start)
METRICS = {"gradient, bad": EUCLIDEAN, "natural, L²": L2, "natural, loss Hessian": HESSIAN}
paths = {name: descent(curved, start, metric, 0.1)[0] for name, metric in METRICS.items()}
paths["Newton"] = newton_steps(start, 12)
runs = [(name, theta, coordinates(bent, theta), curved.value(theta)) for name, theta in paths.items()]


def bend(c):
    """The largest distance of a path from the straight line to the target, relative to its length."""
    way = target - first
    return np.abs((c - first) @ [-way[1], way[0]]).max() / (way @ way)


for name, _, c, losses in runs:
    print(f"{name:22} distance from the straight line {bend(c):.3f}, last loss {losses[-1]:.0e}")
fine = bend(coordinates(bent, descent(curved, start, HESSIAN, 0.005, steps=3000)[0]))
print(f"natural, loss Hessian, with a twentieth of the step: {fine:.4f}")
assert fine < 5e-3
side_by_side(curved, runs)

# %% [markdown]
# With a step of 1 neither is exact any more, and from this start neither goes straight to the target. Near a target
# on the manifold the term left out vanishes with the residual, and both converge quadratically. From the states after
# 20 and 40 of the small steps:

# %%
for taken in (20, 40):
    near = paths["natural, loss Hessian"][taken]
    full, newton = descent(curved, near, HESSIAN, 1.0, steps=5)[1], curved.value(newton_steps(near, 5))
    print(f"after {taken}: natural, step 1:", "  ".join(f"{loss:.0e}" for loss in full))
    print("          Newton:         ", "  ".join(f"{loss:.0e}" for loss in newton))
    assert full[-1] < 1e-25
assert newton[-1] < 1e-25

# %% [markdown]
# ## Where it gets stuck
#
# 2500 starts, run as one array for each method: 300 steps of size 0.1, and 60 of Newton. The colour is the loss at
# the end.

# %%
across, up = np.linspace(-4, 2, 50), np.linspace(-9, 7, 50)
grid = np.stack(np.meshgrid(across, up), axis=-1)
ends = {name: curved.descend(grid, partial(sk.natural_step, metric=metric, step=0.1), max_steps=300).losses[-1]
        for name, metric in METRICS.items()}
ends["Newton"] = curved.value(newton_steps(grid, 60)[-1])
figure, axes = plt.subplots(1, 4, figsize=(11, 3.2), layout="constrained", sharey=True)
for panel, (name, losses) in zip(axes, ends.items(), strict=True):
    picture = panel.pcolormesh(across, up, np.log10(np.maximum(losses, 1e-12)), vmin=-12, vmax=0, cmap="viridis")
    panel.contour(across, up, np.linalg.det(jacobian(grid)), [0], colors="white", linestyles=":")
    panel.set(title=name, xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    panel.label_outer()
figure.colorbar(picture, ax=axes, label="log₁₀ of the last loss")
plt.show()
for name, losses in ends.items():
    print(f"{name:22} loss below 1e-2: {np.mean(losses < 1e-2):4.0%}, below 1e-6: {np.mean(losses < 1e-6):4.0%}")

# %% [markdown]
# Gradient descent and the natural gradient of $L^2$ are slow near the target, as they were for the linear model. The
# loss Hessian is not; it fails where a run meets a fold, across which the straight line cannot be followed: the
# speckled starts jump to and fro over it. Newton's method fails elsewhere, where its Hessian is indefinite and a
# saddle point attracts it.
#
# ## Invariance, as one number
#
# A curved surface in three dimensions, $c = (\theta_1, \theta_2, \theta_1\theta_2)$ with the third function
# $\sin 4\pi x$, a target beside it, and other parameters $\eta$ with
# $\theta = (2\eta_1 + \frac12\eta_2^2,\ \eta_2 + \frac13\eta_2^3)$. The flows $\dot\theta = -n$ are integrated by a
# Runge–Kutta method of order 8 with the tolerance 1e-10 in both parameters, and compared as functions.

# %%
eta = sp.symbols("eta1 eta2")
theta = sp.symbols("theta1 theta2")
change = {theta[0]: 2 * eta[0] + eta[1] ** 2 / 2, theta[1]: eta[1] + eta[1] ** 3 / 3}
surface = theta[0] * PHI[0] + theta[1] * PHI[1] + theta[0] * theta[1] * sp.sin(4 * sp.pi * x)
three = np.column_stack([basis, np.sin(4 * np.pi * points)])
beside = sk.losses.least_squares(points, three @ [1.0, 1.2, 0.0], weights)
eta_start = np.array([-0.6, -0.8])
charts = {"θ": (sk.Objective(sk.models.expression(surface, theta, x), beside),
                np.array([float(value.subs(dict(zip(eta, eta_start, strict=True)))) for value in change.values()])),
          "η": (sk.Objective(sk.models.expression(surface.subs(change), eta, x), beside), eta_start)}
assert np.allclose(*(fit.model(at, points) for fit, at in charts.values()), rtol=0, atol=1e-15)


def flow(fit, start, metric, times):
    """Coordinates c (T, 3) of v along the flow of the natural gradient."""
    run = scipy.integrate.solve_ivp(
        lambda _, at: -sk.natural_gradient(fit.linearize(at), metric).direction, times[[0, -1]], start, "DOP853",
        times, rtol=1e-10, atol=1e-12)
    return weight * fit.model(run.y.T, points) @ three


times = np.linspace(0, 4, 81)
flows = {(name, chart): flow(fit, start, metric, times) for chart, (fit, start) in charts.items()
         for name, metric in (("natural", L2), ("Euclidean", EUCLIDEAN))}
natural, euclidean = (np.linalg.norm(flows[name, "θ"] - flows[name, "η"], axis=-1).max()
                      for name in ("natural", "Euclidean"))
print(f"largest distance in L² of the two curves: natural flow {natural:.1e}, Euclidean flow {euclidean:.1e}")
assert natural < 1e-8 < 0.1 < euclidean

# %% [markdown]
# That is the flow (`sobolev.natural-flow-invariance`). A *step* is not invariant: $\theta - sn$ and its counterpart
# differ by terms of order $s^2$ (`sobolev.natural-step-second-order`), so that runs up to a fixed time differ by
# order $s$.

# %%
sizes = np.array([0.4, 0.2, 0.1, 0.05, 0.025, 0.0125])
gaps = []
for size in sizes:
    one, other = (weight * fit.model(descent(fit, start, L2, size, steps=round(2 / size))[0], points) @ three
                  for fit, start in charts.values())
    gaps.append(np.linalg.norm(one - other, axis=-1).max())
orders = -np.diff(np.log2(gaps))
print("step    ", "".join(f"{size:10}" for size in sizes))
print("distance", "".join(f"{gap:10.5f}" for gap in gaps))
print("order   ", " " * 10 + "".join(f"{order:10.2f}" for order in orders))
assert abs(orders[-1] - 1) < 0.1

# %%
_, (left, middle, right) = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
for panel, name in ((left, "Euclidean"), (middle, "natural")):
    panel.plot(*flows[name, "θ"].T[:2], color="#0072B2", linewidth=4, alpha=0.5, label=r"in $\theta$")
    panel.plot(*flows[name, "η"].T[:2], color="#D55E00", linestyle="--", label=r"in $\eta$")
    panel.plot(*flows[name, "θ"][0, :2], "o", color="black", markersize=4)
    panel.set(title=f"{name} flow, function space", xlabel="$c_1$", ylabel="$c_2$")
    panel.legend(fontsize="small")
right.loglog(sizes, gaps, "o-", color="#009E73", label="natural steps")
right.loglog(sizes, gaps[-1] * sizes / sizes[-1], ":", color="0.4", label="proportional to s")
right.set(title="steps of size s", xlabel="s", ylabel="distance in $L^2$", xticks=sizes, xticklabels=sizes)
right.minorticks_off()
right.legend(fontsize="small")
plt.show()

# %% [markdown]
# ## What was seen
#
# * *Gradient descent is biased in function space* (`somacal2025.gradient-bias`): yes. In bad coordinates it has the
#   predicted factor 0.923 a step, in good ones it is straight.
# * *Natural gradient descent is straight, whatever the coordinates* (`somacal2025.natural-descent`): yes, to 6e-16
#   for the linear model. For a curved surface in curved coordinates the two flows agree to 1.2e-10 at a tolerance of
#   1e-10, while the Euclidean ones are 0.77 apart; steps of size $s$ differ by order $s$.
# * *With a loss that is not isotropic it is biased* (`somacal2025.non-isotropic`): yes, by 33° at the first step. It
#   need not be better than gradient descent then: for this $K$ the bad coordinates happen to be better conditioned
#   than the good ones (8.1 against 10). What the $L^2$ metric gives is independence of coordinates, not speed.
# * *With the Hessian of the loss it is straight, and Newton's method for a linear model* (`somacal2025.linear-newton`):
#   yes, to rounding, also where the Gram matrix could not be inverted.
# * *On the quadratic manifold* the flow of the loss Hessian is straight in function space, steps are up to order $s$.
#   From 2500 starts it arrives more often than Newton's method (93 % against 80 %), without second derivatives of the
#   model. Both fail in places, at folds and at saddle points.
