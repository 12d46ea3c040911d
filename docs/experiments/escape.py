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
# # Does momentum escape from a local minimum?
#
# A parabola in function space, $v_\theta = \theta\, b\cdot\Phi + \theta^2\, b^\perp\!\cdot\Phi$ with
# $\Phi = (\sin 2\pi x, \cos 2\pi x)$, and a target inside it: the loss along the parabola has two minima. Somacal &
# Nouy (2025) show on it that momentum, transported in function space, can carry a run from the wrong one to the
# right.
#
# **What is tested.** One run that escapes proves little: momentum that carries one run out of the wrong basin carries
# another out of the right one. Here 250 starts run at each of 25 values of $\beta$, by every method: gradient and
# natural gradient ($\beta = 0$), heavy ball and Nesterov in the parameters and in function space, with the transports
# LM, FD and LG, the last with both signs of $\beta$. Counted are the starts that are *rescued* (without momentum they
# end in the local minimum, with it in the global one) and the good starts that are *lost* (they end in the local
# minimum, or never come to rest). Steps are fixed, because a line search that only accepts decrease forbids escape.
# The control is a larger step.

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import sympy as sp
from matplotlib.colors import ListedColormap

import sobolevkernels as sk

# %% [markdown]
# ## The problem
#
# $L^2$ is that of $[-1, 1]$. Three points, a trapezoidal rule on one period, are exact for products of two functions
# of $\operatorname{span}\Phi$. On coordinates the norm of the loss has a matrix $K$ with the eigenvalues 1 and 0.3
# and axes turned by 0.6; in the values at the points it is the matrix of weights `norm_k`. $b = (1, 0)$.

# %%
x, t = sp.symbols("x theta")
points, weights = np.arange(3) / 3, np.full(3, 2 / 3)
basis = np.stack([np.sin(2 * np.pi * points), np.cos(2 * np.pi * points)], axis=-1)
assert np.allclose(2 / 3 * basis.T @ basis, np.eye(2), rtol=0, atol=1e-15)
parabola = sk.models.expression(t * sp.sin(2 * sp.pi * x) + t**2 * sp.cos(2 * sp.pi * x), t, x)


def weights_of(matrix, basis, w):
    """Weights with vᵀWv = cᵀ matrix c on the span of an orthonormal basis, and L² on its complement."""
    weights = w**2 * basis @ matrix @ basis.T + w * (np.eye(len(basis)) - w * basis @ basis.T)
    return (weights + weights.T) / 2


turn = np.array([[np.cos(0.6), -np.sin(0.6)], [np.sin(0.6), np.cos(0.6)]])
K = turn @ np.diag([1, 0.3]) @ turn.T
norm_k = weights_of(K, basis, 2 / 3)
target = np.array([0.35, 1.5])
weighted = sk.losses.least_squares(points, basis @ target, norm_k)
L2, EUCLIDEAN = sk.metrics.l2(points, weights), sk.metrics.euclidean()


def coordinates(theta):
    """c of v_θ."""
    return np.stack([theta, theta**2], axis=-1)


def stationary(values):
    """Places of the stationary points on a grid; if there are three, global minimum, local minimum, barrier."""
    turns = np.flatnonzero(np.diff(np.sign(np.diff(values)))) + 1
    return [*sorted(turns[[0, 2]], key=lambda i: values[i]), turns[1]] if len(turns) == 3 else turns


def landscape(loss):
    """Global minimum, local minimum and barrier of the loss along θ, and the losses there; with a picture."""
    line = np.linspace(-2.5, 2.5, 100_001)
    values = sk.Objective(parabola, loss).value(line[:, None])
    order = stationary(values)
    assert len(order) == 3
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    left.semilogy(line[::200], values[::200], color="#0072B2")
    across, up = np.linspace(-2.6, 2.6, 150), np.linspace(-0.7, 5, 150)
    around = loss.value((np.stack(np.meshgrid(across, up), axis=-1) @ basis.T)[..., None, :])
    right.contour(across, up, around, around.max() * np.linspace(0.01, 1, 14) ** 2, colors="0.8", linewidths=0.7)
    right.plot(*coordinates(np.linspace(-2.2, 2.2, 100)).T, color="#0072B2", label="the model")
    for i, marker, name in zip(order, "^vx", ("global minimum", "local minimum", "barrier"), strict=True):
        left.plot(line[i], values[i], marker, color="black", label=name)
        right.plot(*coordinates(line[i]), marker, color="black")
        print(f"{name:15} θ = {line[i]:6.3f}, loss {values[i]:.3f}")
    right.plot(*target, "*", color="#D55E00", markersize=10, label="target u")
    for panel, across, up in ((left, r"$\theta$", "loss"), (right, "$c_1$", "$c_2$")):
        panel.set(xlabel=across, ylabel=up)
        panel.legend(fontsize="small")
    plt.show()
    return (*line[order], values[order[2]], values[order[0]])  # θ of the three, height of the barrier, least loss


place = landscape(weighted)

# %% [markdown]
# ## Methods
#
# As in the later version of the talk, the gradient is natural in the loss Hessian, and momentum is projected with the
# plain $L^2$ Gram matrix. With the Euclidean metric for both, heavy ball and Nesterov are the classical ones, in the
# parameters. The steps are 0.1 (natural) and 0.02 (Euclidean: the curvature of the loss at the outermost starts does
# not allow more than 0.05).

# %%
TRANSPORTS = {"parameters": ("LM", 1), "LM": ("LM", 1), "FD": ("FD", 1), "LG, β < 0": ("LG", -1),
              "LG, β > 0": ("LG", 1)}
RULES = {"heavy ball": sk.heavy_ball_step, "Nesterov": sk.nesterov_step}
METHODS = [f"{rule}, {way}" for rule in RULES for way in TRANSPORTS]
betas, starts = np.linspace(0, 0.96, 25), np.linspace(-2.5, 2.5, 250)


def ends(objective, method, theta, strength, projection=L2, steps=200):
    """θ at the end and all losses; |β| = strength, with the sign of the method. All runs are one array."""
    rule, way = method.split(", ", 1)
    transport, sign = TRANSPORTS[way]
    metric, rate = sk.metrics.loss_hessian(*objective.losses), 0.1
    if way == "parameters":
        metric, projection, rate = EUCLIDEAN, EUCLIDEAN, 0.02
    # Runs that leave for infinity make their metric singular; the cutoff says that this is no news.
    step = partial(RULES[rule], metric=metric, projection=projection, step=rate, momentum=sign * strength,
                   transport=transport, cutoff=1e-12)
    run = objective.descend(theta, step, max_steps=steps)
    return run.state.theta, run.losses


def sweep(loss, method, projection=L2):
    """The same over (β, start), for the parabola."""
    theta = np.broadcast_to(starts[:, None], (len(betas), len(starts), 1))
    end, losses = ends(sk.Objective(parabola, loss), method, theta, betas[:, None], projection)
    return end[..., 0], losses


KINDS = ("good start, global minimum", "rescued", "local minimum as without momentum", "lost to the local minimum",
         "not at rest")
COLOURS = ("#56B4E9", "#009E73", "#DDDDDD", "#D55E00", "#000000", "#000000")


def outcome(end, losses, begin, best, other, barrier, height):
    """0 to 3, the index in KINDS, of each run; 4 for a good start that does not come to rest, 5 for a bad one.

    Starts are good on the side of the barrier where the global minimum is. A run is at rest if its loss stayed below
    that of the barrier for the last 50 steps, and it is near a minimum or still going down.
    """
    late = losses[-50:]
    near = np.minimum(np.abs(end - best), np.abs(end - other)) < 0.2
    settled = (late.max(axis=0) < height) & (near | (np.diff(late, axis=0) <= 0).all(axis=0))
    good, reached = ((theta > barrier) == (best > barrier) for theta in (begin, end))
    return np.select([settled & reached & good, settled & reached, settled & ~good, settled, good & ~settled],
                     [0, 1, 2, 3, 4], default=5)


def counted(kind):
    """Shares of the starts that are rescued and lost."""
    return (kind == 1).mean(axis=-1), ((kind == 3) | (kind == 4)).mean(axis=-1)


def taken(kind, losses, least):
    """Median of the steps until the excess of the loss stays below 1e-6, of good starts that stay good, at each β."""
    above = losses - least > 1e-6
    steps = np.where(above[-1], np.inf, len(above) - np.argmax(above[::-1], axis=0))
    return np.array([np.median(row[same]) if same.sum() > 20 else np.inf
                     for row, same in zip(steps, kind == 0, strict=True)])


# %% [markdown]
# A map over the start and $|\beta|$ for each method, triangles being the minima; the shares of all starts; and the
# price in steps where nothing changes sides (no line where 200 are not enough).


# %%
def report(results, place):
    """Maps, shares and a table; the kinds of all runs."""
    best, other, barrier, height, least = place
    kinds = {method: outcome(*run, starts, best, other, barrier, height) for method, run in results.items()}
    figure, axes = plt.subplots(2, len(kinds) // 2, figsize=(11, 4.8), layout="constrained", sharex=True, sharey=True)
    for panel, (method, kind) in zip(axes.flat, kinds.items(), strict=True):
        panel.pcolormesh(starts, betas, kind, cmap=ListedColormap(COLOURS), vmin=-0.5, vmax=5.5, rasterized=True)
        panel.plot([best], [0.0], "^", [other], [0.0], "v", color="black", clip_on=False)
        panel.set_title(method, fontsize="medium")
        panel.set(xlabel=r"start $\theta_0$", ylabel=r"$|\beta|$")
        panel.label_outer()
    figure.legend([plt.Rectangle((0, 0), 1, 1, color=colour) for colour in COLOURS[:5]], KINDS,
                  loc="outside lower center", ncols=3, fontsize="small")
    plt.show()

    colours = dict(zip(TRANSPORTS, ("#999999", "#0072B2", "#009E73", "#D55E00", "#CC79A7"), strict=True))
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained")
    print("                              at the best β, in hindsight        at any β")
    print("                          |β|   rescued    lost  right in all   most lost   fewest steps, at |β|")
    for method, kind in kinds.items():
        rule, way = method.split(", ", 1)
        (rescued, lost), steps = counted(kind), taken(kind, results[method][1], least)
        for panel, numbers in zip(axes, (rescued, lost, np.where(steps < np.inf, steps, np.nan)), strict=True):
            panel.plot(betas, numbers, "-" if rule == "heavy ball" else "--", color=colours[way], label=method)
        i, j = np.argmax(rescued - lost), np.argmin(steps)
        print(f"{method:23}{betas[i]:6.2f}{rescued[i]:9.1%}{lost[i]:9.1%}{(kind[i] < 2).mean():12.1%}{lost.max():13.1%}"
              f"{steps[j]:12.0f}{betas[j]:9.2f}")
    for panel, name, top in zip(axes, ("rescued", "lost", "steps to 1e-6"), (0.32, 0.32, None), strict=True):
        panel.set(title=name, xlabel=r"$|\beta|$", ylim=(0, top))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize="small")
    plt.show()
    return kinds


results = {method: sweep(weighted, method) for method in METHODS}
kinds = report(results, place)
assert counted(kinds["heavy ball, FD"])[0].max() > 0.1
assert all(set(kind[0]) == {0, 2} for kind in kinds.values())  # without momentum nothing changes sides

# %% [markdown]
# Momentum carries runs over the barrier, in both directions. Rescued runs come from far away, and pass through the
# local well without being caught. None that begins in it, lower than the barrier, gets out: from rest, momentum is
# the sum of past gradients (`sobolev.heavy-ball-memory`), and gives back what the run has come down, less friction.
# At the local minimum itself every method stays for ever.

# %%
best, other, barrier, height, least = place
inside = (results[METHODS[0]][1][0, 0] < height) & ((starts > barrier) == (other > barrier))
escaped = sum(int((kind[:, inside] == 1).sum()) for kind in kinds.values())
print(f"{inside.sum()} of {len(starts)} starts are in the local well, lower than the barrier; rescued: {escaped}")
assert escaped == 0

# %% [markdown]
# ## The control: a larger step
#
# Heavy ball moves, in the long run, as if its step were $\alpha/(1-\beta)$. So 39 steps from 0.1 to 2, without
# momentum:

# %%
rates = np.linspace(0.1, 2.0, 39)
step = partial(sk.natural_step, metric=sk.metrics.loss_hessian(weighted), step=rates[:, None])
run = sk.Objective(parabola, weighted).descend(np.broadcast_to(starts[:, None], (39, 250, 1)), step, max_steps=200)
control = outcome(run.state[..., 0], run.losses, starts, best, other, barrier, height)
(rescued, lost), steps = counted(control), taken(control, run.losses, least)
print(f"rescued at most {rescued.max():.1%}, lost at most {lost.max():.1%}; median of the steps to 1e-6: "
      f"{steps[0]:.0f} at step 0.1, fewest {steps.min():.0f} at {rates[np.argmin(steps)]:.2f}")
assert rescued.max() == lost.max() == 0

# %% [markdown]
# No step size changes the minimum that is reached; but for speed a larger step is enough.
#
# ## A loss that is not a norm
#
# The slides distort the distance: $\mathcal L(v) = \frac12\|f(u) - f(v)\|^2$,
# $f(v) = (1 + \omega\|v-q\|^2)(v-q) + q$, with a $q$ that is printed as $R(u-v)+v$. If $q$ moves with $v$ like that,
# $f(u) - f(v) = e + \omega\|Re\|^2Re$, $e = u-v$ (`somacal2025.warp-centre`): for a rotation $R$ the loss is a
# function of $\|e\|$ alone, and nothing is distorted. So $q$ is read as a fixed function, the target turned about the
# origin, $q = Ru$; then $u$ is the only zero of the loss (`sobolev.warp-monotone`). Here $R$ turns by 90° and
# $\omega = 0.5$.


# %%
def distorted(points, target, q, omega, w):
    """½|f(u) - f(v)|² in L² as a loss of functions; u = target and q are given by their values at the points."""
    def inner(g, h):
        return (w * g * h).sum(axis=-1, keepdims=True)

    def f(v):
        return (1 + omega * inner(v - q, v - q)) * (v - q) + q

    def slope(v, h):  # f'(v)h; f'(v) is symmetric in L²
        return (1 + omega * inner(v - q, v - q)) * h + 2 * omega * inner(v - q, h) * (v - q)

    def hessian(v, h):
        d, rest = v - q, f(v) - f(target)
        bent = inner(h, rest) * d + inner(d, h) * rest + inner(d, rest) * h
        return w * (slope(v, slope(v, h)) + 2 * omega * bent)

    return sk.losses.Loss(
        points[:, None], ((0,),), 1, value=lambda v: inner(f(v) - f(target), f(v) - f(target))[..., 0, 0] / 2,
        gradient=lambda v: w * slope(v, f(v) - f(target)), hessian=hessian,
        root=lambda v, dv: (np.sqrt(w) * slope(v, dv[..., 0, :, :].swapaxes(-1, -2))).swapaxes(-1, -2),
        residual=lambda v: (np.sqrt(w) * (f(v) - f(target)))[..., 0, :], name="distorted distance")


bent = distorted(points, basis @ target, basis @ [-target[1], target[0]], 0.5, weights)
v, h, small = *np.random.default_rng(0).standard_normal((2, 1, 3)), 1e-5
forward, backward = v + small * h, v - small * h
errors = (abs((bent.value(forward) - bent.value(backward)) / (2 * small) - (bent.gradient(v) * h).sum()),
          np.abs((bent.gradient(forward) - bent.gradient(backward)) / (2 * small) - bent.hessian(v, h)).max(),
          np.abs(bent.root(v, np.eye(3)[None]).T @ bent.residual(v) - bent.gradient(v)[0]).max())
print("gradient, Hessian and least-squares form against differences:", " ".join(f"{error:.0e}" for error in errors))
assert max(errors) < 1e-7

place = landscape(bent)

# %% [markdown]
# The methods in the parameters are left out here: the curvature at the outermost starts allows them steps of about
# 1e-5 only, and in 200 of these nothing happens. LG needs a change. What it carries is a gradient, not a distance:
# its $\beta$ has the unit of a step size, and in the plain $L^2$ metric that would have to be below the inverse of
# the curvature of the loss. So LG is projected with the loss Hessian, as the gradient is; the first line says what
# happens otherwise.

# %%
crude = outcome(*sweep(bent, "heavy ball, LG, β < 0"), starts, *place[:4])[1]
print(f"heavy ball, LG, β = -{betas[1]:.2f}, projected in plain L²: not at rest {(crude > 3).mean():.0%} of the starts")
kinds = report({method: sweep(bent, method, sk.metrics.loss_hessian(bent) if "LG" in method else L2)
                for method in METHODS if "parameters" not in method}, place)

# %% [markdown]
# LM and FD do what they did before. LG with $\beta < 0$, the sign of momentum, rescues more, and loses as much or
# more; the black regions are cycles through both wells. With $\beta > 0$, as printed, nearly nothing comes to rest,
# for either loss, once $\beta$ is larger than the step size (linear models are unstable there, `sobolev.linear-lg`).
#
# ## Other targets
#
# Is that a property of one target? 60 targets with two minima, drawn from $[-1.5, 1.5] \times [0, 3]$, with the first
# loss; 40 starts and 4 values of $\beta$ each, 9600 runs as one array. The target is part of the model.

# %%
rng, line, targets, wells = np.random.default_rng(1), np.linspace(-2.5, 2.5, 2001), [], []
while len(targets) < 60:
    c = rng.uniform([-1.5, 0.0], [1.5, 3.0])
    along = np.einsum("...i,ij,...j", coordinates(line) - c, K, coordinates(line) - c) / 2
    turns = stationary(along)
    if len(turns) == 3:
        targets.append(c)
        wells.append([*line[turns], along[turns[2]]])
wells = np.array(wells).T[:, :, None]  # best, other, barrier, height
offset = np.array(targets)[:, None] @ basis.T
difference = sk.Objective(
    sk.models.given(lambda theta, x: coordinates(theta[..., 0]) @ basis.T - offset,
                    lambda theta, x: (np.concatenate([theta**0, 2 * theta], axis=-1) @ basis.T)[..., None],
                    parameters=1, dim=1, vectorized=True),
    sk.losses.least_squares(points, np.zeros(3), norm_k))
strengths, many, escaped, shares = np.array([0.7, 0.8, 0.9, 0.95]), np.linspace(-2.5, 2.5, 40), 0, {}
print("rescued / lost        " + "".join(f"     β = {beta:.2f}  " for beta in strengths))
for method in ("heavy ball, parameters", "heavy ball, LM", "heavy ball, FD", "Nesterov, LM", "Nesterov, FD"):
    end, losses = ends(difference, method, np.broadcast_to(many[:, None], (4, 60, 40, 1)), strengths[:, None, None])
    kind = outcome(end[..., 0], losses, many, *wells)
    shares[method] = [share.mean(axis=1) for share in counted(kind)]
    print(f"{method:23}" + "".join(f"{r:8.1%} /{lost:5.1%}" for r, lost in zip(*shares[method], strict=True)))
    inside = (losses[0] < wells[3]) & ((many > wells[2]) == (wells[1] > wells[2]))
    escaped += int((kind == 1)[inside].sum())
print(f"{inside[0].sum()} starts are in a local well, lower than its barrier; rescued: {escaped}")
assert escaped == 0
assert (shares["heavy ball, FD"][1] <= shares["heavy ball, LM"][1]).all()

# %% [markdown]
# ## Two parameters
#
# With one parameter there is one way over the barrier, and every metric has the same descent direction. So once more
# with $v = \theta_1\phi_1 + \theta_2\phi_2 + \theta_1^2\phi_3 + \theta_2^2\phi_4$, four trigonometric functions, a
# target that leaves three minima, and a $K$ that couples the parameters. 900 starts, without momentum and with
# $\beta = 0.9$; the colours are those of the maps above.

# %%
a, b = sp.symbols("theta1 theta2")
phi = [f(k * sp.pi * x) for k in (2, 4) for f in (sp.sin, sp.cos)]
surface = sk.models.expression(a * phi[0] + b * phi[1] + a**2 * phi[2] + b**2 * phi[3], (a, b), x)
five, axis = np.arange(5) / 5, np.linspace(-2.5, 2.5, 30)
four = np.stack([sp.lambdify(x, f)(five) for f in phi], axis=-1)
coupling = np.eye(4) + 0.35 * np.eye(4)[[2, 3, 0, 1]] - 0.3 * np.eye(4)[[1, 0, 3, 2]]
loss = sk.losses.least_squares(five, four @ [0.4, 0.3, 1.5, 1.2], weights_of(coupling, four, 2 / 5))
plane, l2 = sk.Objective(surface, loss), sk.metrics.l2(five, np.full(5, 2 / 5))
grid = np.broadcast_to(np.stack(np.meshgrid(axis, axis), axis=-1), (2, 30, 30, 2))
minima = np.array([[1.007, 0.857], [-1.304, -1.182], [-0.910, 0.691]])
assert np.abs(plane.gradient(minima)).max() < 0.01
figure, axes = plt.subplots(1, 3, figsize=(9, 3.3), layout="constrained", sharey=True)
for panel, method in zip(axes, ("heavy ball, parameters", "heavy ball, LM", "heavy ball, FD"), strict=True):
    end, _ = ends(plane, method, grid, np.array([[[0.0]], [[0.9]]]), l2, 400 if "parameters" in method else 200)
    without, reached = np.linalg.norm(end - minima[0], axis=-1) < 0.2
    kind = np.select([without & reached, reached, ~without], [0, 1, 2], default=3)
    panel.pcolormesh(axis, axis, kind, cmap=ListedColormap(COLOURS), vmin=-0.5, vmax=5.5, rasterized=True)
    panel.plot(*minima[0], "^", *minima[1:].T, "v", color="black")
    panel.set(title=method, xlabel=r"$\theta_1$", ylabel=r"$\theta_2$")
    panel.label_outer()
    print(f"{method:23} global minimum without momentum {without.mean():.1%}, with {reached.mean():.1%}: rescued "
          f"{(kind == 1).mean():.1%}, lost {(kind == 3).mean():.1%}")
plt.show()

# %% [markdown]
# ## What was seen
#
# * *Momentum in function space reaches the global minimum where natural gradient descent does not*: supported. At the
#   best of 25 values of $\beta$ FD brings the share of good ends from 62 % to 76 % for the first loss, LM from 67 %
#   to 77 % for the second; over 60 targets, at $\beta = 0.9$, FD rescues 10.4 % of all starts and loses 1.0 %; with
#   two parameters it rescues 18.6 % and loses 2.1 %. A larger step of the natural gradient rescues none.
# * *It escapes from local minima*: not in the sense of the words. No method at any $\beta$ rescued a start in a local
#   well, lower than its barrier (45 with the first loss, 622 over the targets). Momentum helps a run not to be caught
#   on its way in; how often, depends on the starts, here those with $|\theta_0| \le 2.5$.
# * *It throws good starts away*, for the same reason: LM up to 13 %, the heavy ball in the parameters up to 9 %, FD
#   up to 4 % (first loss). That FD loses little is its most consistent merit.
# * *It has to be the natural version*: not supported. Over the 60 targets the classical heavy ball in the parameters
#   rescues about as many (11.4 %), though it loses more than FD (3.5 %).
# * *LG* as printed, with $\beta > 0$, is no method. With $\beta < 0$ it rescues nothing for the first loss, where it
#   acts like a larger step (`sobolev.lg-is-fd`, for $K = 1$), and 5 % at its best for the second, where large
#   $|\beta|$ loses up to 25 %.
# * *It improves learning*, read as speed: heavy ball at its best $\beta$ takes 19 steps, the natural gradient 71 with
#   the same step and 3 with step 1. The values of $\beta$ that rescue are the slow ones.
#
# $\beta$ is best in hindsight, steps are fixed, models have one parameter or two.
