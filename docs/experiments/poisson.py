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
# # The Poisson equation on the square
#
# $-\Delta v = 2\pi^2 \sin \pi x \sin \pi y$ on the unit square, $v = 0$ on its boundary, with the solution $\sin \pi
# x \sin \pi y$: the standard problem of the papers on energy natural gradients. The model is a network with one
# hidden layer of 64 units, the loss the squared residual of the equation.
#
# **What is tested.** How far a natural gradient in the Hessian of this loss (a Gauss-Newton step) gets with a line
# search, and what stops it. The bar is a relative error of 1e-8 in $H^1$ on nine of ten starts. Codes that form the
# Gram matrix stop near 1e-6; the claim is that this is the square of the condition number, and that the cutoff of
# the least-squares solve is what limits the error.

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp

import sobolevkernels as sk

# %% [markdown]
# ## The problem
#
# The boundary values are built into the model, by the factor $x(1-x)y(1-y)$. The loss is a Gauss-Legendre quadrature
# with 20 × 20 points of the squared residual; the error is measured on 40 × 40 points, exact to rounding for the
# solution.

# %%
x, y, z = sp.symbols("x y z")
v = sp.Function("v")(x, y)
equation = sp.Eq(-v.diff(x, 2) - v.diff(y, 2), 2 * sp.pi**2 * sp.sin(sp.pi * x) * sp.sin(sp.pi * y))
points, areas = sk.gauss_legendre([(0, 1), (0, 1)], 20)
loss = sk.losses.residual(points, equation, v, areas)
network = sk.models.network((2, 64, 1), sp.tanh(z / 10))
hard = sk.Objective(network.times(x * (1 - x) * y * (1 - y), (x, y)), loss)

# %%
fine, weights = sk.gauss_legendre([(0, 1), (0, 1)], 40)
(sine_x, sine_y), (cosine_x, cosine_y) = np.sin(np.pi * fine).T, np.pi * np.cos(np.pi * fine).T
solution = np.stack([sine_x * sine_y, cosine_x * sine_y, sine_x * cosine_y])


def error(model, theta):
    """Relative error in H¹, of each run."""
    difference = np.square(model.features(theta, fine, [(0, 0), (1, 0), (0, 1)]) - solution) @ weights
    return np.sqrt(difference.sum(axis=-1) / (np.square(solution) @ weights).sum())


# %% [markdown]
# ## The start
#
# A unit $\tanh((w \cdot (x, y) + b)/10)$ has its ridge where the argument vanishes. $w/10$ has a random direction and a
# length between 1 and 2, and $b$ puts a random point of the square $[-\frac12, \frac32]^2$ on the ridge. Output weights
# are normal with standard deviation 0.2. The factor 1/10 makes inner and outer weights comparable, see
# [the problems in one variable](physics_informed.md). Nothing was chosen seed by seed.

# %%
def start(seed):
    rng = np.random.default_rng(seed)
    angles, places = rng.uniform(0, 2 * np.pi, 64), rng.uniform(-0.5, 1.5, (64, 2))
    slopes = 10 * rng.uniform(1, 2, 64)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return np.concatenate([slopes.ravel(), -(slopes * places).sum(axis=1), 0.2 * rng.standard_normal(64), [0.0]])


starts = np.stack([start(seed) for seed in range(10)])

# %% [markdown]
# ## Ten starts
#
# All ten run as one array. The step size is the best of $2^{-k}$, $k \le 20$.

# %%
search = sk.geometric_grid(count=21)


def solve(problem, theta, cutoff, steps):
    """The last parameters, and all losses."""
    step = partial(sk.natural_step, metric=sk.metrics.loss_hessian(*problem.losses), step=search, cutoff=cutoff)
    run = problem.descend(theta, step, max_steps=steps)
    return run.state, run.losses


ends, losses = solve(hard, starts, 1e-8, 40)
errors = error(hard.model, ends)
print("relative H¹ errors:", *(f"{e:.1e}" for e in np.sort(errors)))
assert (errors < 1e-8).sum() >= 9

# %% [markdown]
# ## What the cutoff does
#
# Four of the starts, with cutoffs from 1e-3 to 1e-12, 40 steps each.

# %%
cutoffs = 10.0 ** np.arange(-3, -13, -1.5)
reached = np.array([error(hard.model, solve(hard, starts[:4], cutoff, 40)[0]) for cutoff in cutoffs])
for cutoff, row in zip(cutoffs, reached, strict=True):
    print(f"cutoff {cutoff:.0e}:", *(f"{e:.0e}" for e in np.sort(row)))

# %% [markdown]
# ## With the Gram matrix formed, and with a penalty on the boundary
#
# The published codes do not build the boundary values in: the network is free, and a second loss is the mean of
# $v^2$ on the boundary, here on 30 Gauss points a side. And they solve with the Gram matrix: the same steps, but
# with $G = B^T B$ and its pseudo-inverse, as codes do that solve with the Gram matrix: `numpy.linalg.lstsq` and its
# relatives cut off the eigenvalues of $G$ below 257 units of rounding, which are singular values of $B$ below 2.4e-7
# times the largest.

# %%
side, lengths = sk.gauss_legendre((0, 1), 30)
edges = np.concatenate([np.c_[side, np.full((30, 1), end)] for end in (0.0, 1.0)]
                       + [np.c_[np.full((30, 1), end), side] for end in (0.0, 1.0)])
soft = sk.Objective(network, loss, sk.losses.least_squares(edges, np.zeros(120), np.tile(lengths, 4)))


def normal_step(theta, here):
    """θ - s G⁺ g, with the same line search."""
    factor = here.factor(sk.metrics.loss_hessian(*here.objective.losses))
    values, vectors = np.linalg.eigh(factor.swapaxes(-1, -2) @ factor)
    kept = values > 257 * np.finfo(float).eps * values[..., -1:]
    inverse = np.where(kept, 1 / np.where(kept, values, 1), 0)
    turned = vectors @ (inverse[..., None] * (vectors.swapaxes(-1, -2) @ here.gradient[..., None]))
    move = -turned[..., 0]
    value = here.objective.value
    along = search(lambda s: value(theta + s[..., None] * move), value(theta), None)
    return theta + along[..., None] * move


squared = hard.descend(starts[:4], normal_step, max_steps=60)
formed = error(hard.model, squared.state)
for name, values in (
        ("factor, Gram matrix formed:", formed),
        ("penalty, least squares:", error(network, solve(soft, starts[:4], 1e-8, 60)[0])),
        ("penalty, Gram matrix formed:", error(network, soft.descend(starts[:4], normal_step, max_steps=60).state))):
    print(f"{name:30}", *(f"{e:.0e}" for e in np.sort(values)))

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4), layout="constrained")
left.semilogy(losses, color="#0072B2", alpha=0.6)
left.semilogy(np.arange(squared.steps + 1), squared.losses, color="#D55E00", alpha=0.8)
left.plot([], [], color="#0072B2", label="least squares, ten starts")
left.plot([], [], color="#D55E00", label="Gram matrix formed, four starts")
left.set(xlabel="steps", ylabel="loss")
left.legend(fontsize="small")
right.loglog(cutoffs, reached, "o", color="#0072B2", markersize=4, alpha=0.7)
right.loglog(cutoffs, np.median(reached, axis=1), color="#0072B2", label="median of four starts, 40 steps")
right.axhline(np.median(formed), color="#D55E00", linestyle="--", label="Gram matrix formed, 60 steps")
right.set(xlabel="cutoff, relative to the largest singular value", ylabel="relative error in $H^1$")
right.legend(fontsize="small")
plt.show()

# %% [markdown]
# ## What was seen
#
# * *The bar is reached*: ten of the ten starts end below 2e-9 in $H^1$ within 40 steps (bar: 1e-8 on nine).
# * *The cutoff limits the error*: it is a tenth of the cutoff or a little more, down to 4e-12. At a cutoff of 1e-12 the
#   steps follow rounding, and all four starts are stuck.
# * *Forming the Gram matrix* ends at 3e-8, a tenth of 2.4e-7, as it should: the condition number was squared.
# * *A penalty* on the boundary costs two orders: 1e-7 to 2e-7 by least squares with the cutoff 1e-8. With the Gram
#   matrix formed it ends at 5e-6 to 8e-6. The 1e-6 at which the published code stops is of this size: the penalty and
#   the square of the condition number together explain it, neither does alone.
