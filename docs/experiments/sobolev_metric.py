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
# # When does the Sobolev metric help?
#
# bai2022 takes the natural gradient in the metric of a Sobolev space, approximated by $J^\top K^{-1} J$ with the Gram
# matrix $K$ of the reproducing kernel at the data (22), and reports for two image classifiers that it converges faster
# than the natural gradient in $L^2$, with a similar test error at the end (section 6.3). We ask the same of least
# squares, where every step can be solved exactly.
#
# **What is tested.** One network, the same data and the same loss under $L^2$, $H^1$ and $H^2$ by derivatives, and the
# kernel metric of several orders and length scales, the order $(n+3)/2$ of bai2022 among them: how fast the loss of
# data without noise falls; whether stopping early helps against noise of 5 % and 20 %, for a smooth function, a kink
# and a jump; and training by mini-batches, in one and in four dimensions, as in section 6.3. Metrics differ by a unit,
# which is a step size. So each gets its own best step and damping, and what happens if it does not is a test of its
# own.

# %%
import matplotlib.pyplot as plt
import numpy as np

import sobolevkernels as sk

targets = {
    "smooth": lambda x: np.sin(3 * x) + 0.5 * np.cos(7 * x),
    "kink": lambda x: 2 * np.abs(x - 0.1) - 1,
    "jump": lambda x: np.sign(x - 0.1),
}


def kernel_metric(x, order, kappa, nugget=0.0):
    """vᵀK⁻¹v with K in the unit in which it is the mean of v² where all points are far apart."""
    k = sk.SobolevKernel(dim=x.shape[1], order=order, kappa=kappa)
    return sk.metrics.kernel(lambda points: len(points) / k.at_zero * k(points), x, nugget)


def derivative_metric(x, order, kappa):
    """The weight (1 + |ξ|²/κ²)^order."""
    return sk.metrics.sobolev(x, order, kappa, weights=np.full(len(x), kappa ** (-2 * order) / len(x)))


def damped_step(theta, here, metric, strength, step):
    """A natural gradient step with the damping λ = strength · trace G."""
    trace = np.square(here.factor(metric)).sum(axis=(-2, -1))
    return sk.natural_step(theta, here, metric=metric, step=step, damping=strength * trace)


# %% [markdown]
# ## What the metric does to the error
#
# Let the parameters be at least as many as the points, $J$ of full row rank, $W$ the weights of the loss, $e = v - y$.
# In the metric $v^\top M v$ the natural gradient is the $d$ of least norm with $J d = M^{-1} W e$. In $L^2$, $M = W$,
# the tangent function is $e$ itself: one full step removes all of the error, up to the curvature of the model. In the
# kernel metric it is $K W e$: the functional gradient descent of bai2022 (13), which multiplies the part of the error
# along an eigenvector of $KW$ with eigenvalue $\lambda$ by $1-\eta\lambda$ (`sobolev.error-factor`). The condition
# number of $K$ is then that of the iteration, and no step size makes it faster than `sobolev.optimal-rate` says. The
# loss has the order 0; a metric of any other order can only worsen the condition ($t_F = 0$ in
# `jo2026.any-order-helps.precise`). This is seen here, with 12 points and 46 parameters:

# %%
model = sk.models.network((1, 15, 1), "tanh")
few = np.linspace(-1, 1, 12)[:, None]
fit = sk.Objective(model, sk.losses.least_squares(few, targets["kink"](few[:, 0])))
theta = model.initial(0)
here, error = fit.linearize(theta), model(theta, few) - targets["kink"](few[:, 0])
k = sk.SobolevKernel(dim=1, order=1, kappa=1.0)
for name, metric, expected in (("L²", sk.metrics.l2(few), error),
                               ("kernel", kernel_metric(few, 1, 1.0), k(few) / k.at_zero @ error)):
    moved = model.jacobian(theta, few) @ sk.natural_gradient(here, metric, cutoff=1e-14).direction
    deviation = np.abs(moved - expected).max() / np.abs(expected).max()
    print(f"{name:7} tangent function against {'e' if name == 'L²' else 'KWe'}: {deviation:.0e}")
    assert deviation < 1e-6

# %% [markdown]
# ## No noise, all data, best step in every iteration
#
# 40 points, 12 starts. Every metric takes the best of the steps $2^{10}, 2^9, \dots, 2^{-13}$ in every iteration and
# the better of two dampings ($10^{-4}$ and $10^{-6}$ of the trace), by the median loss at that iteration. Beside each
# metric stands the condition number of $K$. Dividing the inputs by 20, as in Appendix D of bai2022, is $\kappa =
# 1/20$. No nugget is needed.

# %%
x = np.linspace(-1, 1, 40)[:, None]
full = {"L²": sk.metrics.l2(x), "H¹, κ=10": derivative_metric(x, 1, 10.0), "H¹, κ=1": derivative_metric(x, 1, 1.0),
        "H², κ=10": derivative_metric(x, 2, 10.0)}
conditions = {}
for order, kappa in ((0.6, 1.0), (1, 10.0), (1, 1.0), (2, 10.0), (2, 1.0), (2, 0.05), (3, 10.0), (4, 10.0)):
    name = f"kernel {order}, κ={kappa:g}"
    conditions[name] = np.linalg.cond(sk.SobolevKernel(dim=1, order=order, kappa=kappa)(x))
    full[name] = kernel_metric(x, order, kappa)
starts, search = model.initial(1, batch=(12,)), sk.geometric_grid(largest=2.0**10, count=24)


def medians(name, metric, strength, steps=25):
    fit = sk.Objective(model, sk.losses.least_squares(x, targets[name](x[:, 0])))
    run = fit.descend(starts, lambda theta, here: damped_step(theta, here, metric, strength, search), max_steps=steps)
    return np.median(run.losses, axis=1)


curves = {(key, name): np.min([medians(name, metric, strength) for strength in (1e-4, 1e-6)], axis=0)
          for key, metric in full.items() for name in targets}
print("median loss after 5 and 25      cond K" + "".join(f"{name:>18}" for name in targets))
for key in full:
    shown = f"{conditions[key]:.0e}" if key in conditions else ""
    print(f"{key:22}{shown:>16}"
          + "".join(f"{curves[key, name][5]:10.0e}{curves[key, name][25]:8.0e}" for name in targets))

for name in targets:
    assert all(curves["L²", name][-1] < curves[key, name][-1] for key in full if key != "L²")

# %%
colours = {"L²": "k", "H¹, κ=10": "#E69F00", "H², κ=10": "#D55E00", "kernel 0.6, κ=1": "#56B4E9",
           "kernel 1, κ=10": "#0072B2", "kernel 2, κ=10": "#009E73", "kernel 2, κ=1": "#CC79A7",
           "kernel 2, κ=0.05": "0.6"}
figure, axes = plt.subplots(1, 3, figsize=(11, 3.6), layout="constrained", sharey=True)
for place, name in zip(axes, targets, strict=True):
    for key, colour in colours.items():
        place.semilogy(curves[key, name], color=colour, label=key)
    place.set(title=name, xlabel="iterations")
axes[0].set_ylabel("median loss, no noise")
axes[2].legend(fontsize="x-small", loc="lower left")
plt.show()

# %% [markdown]
# The choice of dampings is not what decides this. For the smooth function, the median loss after 25 iterations:

# %%
exponents = 10.0 ** np.arange(-2, -13, -2)
lines = ["damping, over trace G  " + "".join(f"{strength:8.0e}" for strength in exponents)]
for key in ("L²", "H¹, κ=10", "kernel 2, κ=10", "kernel 2, κ=0.05"):
    lines.append(f"{key:23}" + "".join(f"{medians('smooth', full[key], strength)[-1]:8.0e}" for strength in exponents))
print("\n".join(lines))

# %% [markdown]
# ## Noise, and stopping early
#
# A smoothing step could be of use where the data should not be met. Here are 30 random points, as many for validation,
# 10 seeds (of the data and of the start), fixed steps of 1, 0.3 or 0.1 and dampings of $10^{-2}$ and $10^{-4}$ of the
# trace: for each metric and seed the validation data choose both, and the iteration to stop at, of 30 at most. The
# test error is that of the exact function, relative to its standard deviation; the training error that of the noisy
# data at the same iteration.

# %%
small = sk.models.network((1, 12, 1), "tanh")
grid = np.linspace(-1, 1, 201)[:, None]
noisy_metrics = {
    "L²": sk.metrics.l2, "H¹, κ=10": lambda x: derivative_metric(x, 1, 10.0),
    "kernel 2, κ=30": lambda x: kernel_metric(x, 2, 30.0, 1e-12),
    "kernel 2, κ=3": lambda x: kernel_metric(x, 2, 3.0, 1e-12),
}
strengths, steps = (a.ravel() for a in np.meshgrid([1e-2, 1e-4], [1.0, 0.3, 0.1], indexing="ij"))


def root_mean_square(theta, x, y):
    return np.sqrt(np.mean(np.square(small(theta, x) - y), axis=-1))


def stopped_early(f, noise, seed, make):
    """Training and test error where the validation error is least, relative to the spread of f."""
    rng = np.random.default_rng(seed)
    truth = f(grid[:, 0])
    x, other = rng.uniform(-1, 1, (2, 30, 1))
    y, other_y = (f(points[:, 0]) + noise * truth.std() * rng.standard_normal(30) for points in (x, other))
    theta = np.tile(small.initial(rng), (len(steps), 1))
    metric, seen = make(x), []
    fit = sk.Objective(small, sk.losses.least_squares(x, y))
    fit.descend(theta, lambda theta, here: damped_step(theta, here, metric, strengths, steps), max_steps=30,
                callback=lambda _, theta: seen.append([root_mean_square(theta, *data) for data in (
                    (other, other_y), (x, y), (grid, truth))]))
    validation, training, test = np.array(seen).transpose(1, 0, 2).reshape(3, -1)
    best = np.argmin(validation)
    return training[best] / truth.std(), test[best] / truth.std()


levels = (0.0, 0.05, 0.2)
errors = {(key, name, noise): np.array([stopped_early(f, noise, seed, make) for seed in range(10)])
          for key, make in noisy_metrics.items() for name, f in targets.items() for noise in levels}
print("training and test error in %, medians of 10; in brackets: seeds on which the test error is below that of L²")
print(f"{'':17}" + "".join(f"{name + f', {noise:.0%}':>22}" for name in targets for noise in levels[1:]))
for key in noisy_metrics:
    cells = []
    for name in targets:
        for noise in levels[1:]:
            wins = (errors[key, name, noise][:, 1] < errors["L²", name, noise][:, 1]).sum()
            training, test = 100 * np.median(errors[key, name, noise], axis=0)
            cells.append(f"{training:10.1f}{test:7.1f} ({wins:2})")
    print(f"{key:17}" + "".join(cells))

# %%
figure, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
for place, name in zip(axes, targets, strict=True):
    for i, key in enumerate(noisy_metrics):
        tests = 100 * np.array([errors[key, name, noise][:, 1] for noise in levels])
        low, middle, high = np.quantile(tests, [0.25, 0.5, 0.75], axis=1)
        place.errorbar(np.arange(3) + 0.12 * (i - 1.5), middle, [middle - low, high - middle], fmt="o", markersize=4,
                       color=("k", "#E69F00", "#0072B2", "#D55E00")[i], label=key)
    place.set(title=name, xticks=range(3), xticklabels=[f"{level:.0%}" for level in levels], xlabel="noise of the data")
    place.set_ylim(bottom=0)
axes[0].set_ylabel("test error, %\n(median and quartiles of 10)")
axes[2].legend(fontsize="small", loc="lower center")
plt.show()

# %% [markdown]
# ## Mini-batches
#
# 400 points with 20 % noise, batches of 32, the metric taken at the points of the batch as in section 6.3, 100 steps,
# and the schedule of Appendix D: a fifth of the step after 40 % of the time and a fifth again after 60 %. Once in one
# dimension (the kink) and once in four. Nine settings for each metric, steps 1, 0.3, 0.1 and dampings of $10^{-2}$,
# $10^{-4}$ and $10^{-6}$ of the trace, run side by side.

# %%
problems = {
    "kink, 1-D": (1, lambda x: targets["kink"](x[:, 0])),
    "smooth, 4-D": (4, lambda x: np.sin(2 * x[:, 0] + x[:, 1]) + 0.5 * np.cos(3 * x[:, 2] - x[:, 3])),
}
batch_kernels = {"L²": None, "order (n+1)/2, κ=10": (1, 10.0), "order (n+3)/2, κ=3": (3, 3.0)}


def batch_metric(x, chosen):
    return sk.metrics.l2(x) if chosen is None else kernel_metric(x, (x.shape[1] + chosen[0]) / 2, chosen[1], 1e-10)


batch_strengths, batch_steps = (a.ravel() for a in np.meshgrid([1e-2, 1e-4, 1e-6], [1.0, 0.3, 0.1], indexing="ij"))


def stochastic(dim, f, seed, chosen, count=100):
    """Test errors (count, settings) relative to the spread of f."""
    rng = np.random.default_rng(seed)
    network = sk.models.network((dim, 15, 1), "tanh")
    x, test = rng.uniform(-1, 1, (400, dim)), rng.uniform(-1, 1, (500, dim))
    y, truth = f(x), f(test)
    y = y + 0.2 * truth.std() * rng.standard_normal(400)
    theta, history = np.tile(network.initial(rng), (len(batch_steps), 1)), []
    batches = [part for _ in range(count) for part in np.split(rng.permutation(400)[:384], 12)][:count]
    for k, part in enumerate(batches):
        fit = sk.Objective(network, sk.losses.least_squares(x[part], y[part]))
        rate = batch_steps * (1 if k < 0.4 * count else 0.2 if k < 0.6 * count else 0.04)
        theta = damped_step(theta, fit.linearize(theta), batch_metric(x[part], chosen), batch_strengths, rate)
        theta = np.clip(theta, -1e4, 1e4)  # a run whose steps are too long must not stop the others
        history.append(np.sqrt(np.mean(np.square(network(theta, test) - truth), axis=-1)) / truth.std())
    return np.array(history)


runs = {(key, name): np.median([stochastic(*problem, seed, chosen) for seed in range(10)], axis=0)
        for key, chosen in batch_kernels.items() for name, problem in problems.items()}
equal = int(np.flatnonzero((batch_strengths == 1e-2) & (batch_steps == 0.1))[0])
for name, (dim, _) in problems.items():
    print(f"{name}: median test error in % after 20 and 100 steps, of 10 seeds")
    for key, chosen in batch_kernels.items():
        points, cond = np.random.default_rng(0).uniform(-1, 1, (32, dim)), ""
        if chosen is not None:
            k = sk.SobolevKernel(dim=dim, order=(dim + chosen[0]) / 2, kappa=chosen[1])
            cond = f"{np.linalg.cond(k(points)):.0e}"
        run, best = runs[key, name], [int(np.argmin(runs[key, name][k])) for k in (19, 99)]
        print(f"  {key:20} cond K {cond:6} step 0.1, damping 1e-2:"
              f"{100 * run[19, equal]:6.1f}{100 * run[99, equal]:6.1f}   best:{100 * run[19, best[0]]:6.1f}"
              f"{100 * run[99, best[1]]:6.1f} (step {batch_steps[best[1]]:g}, {batch_strengths[best[1]]:.0e})")

# %%
figure, axes = plt.subplots(1, 4, figsize=(12, 3.2), layout="constrained", sharey=True)
for j, name in enumerate(problems):
    for key, colour in zip(batch_kernels, ("k", "#0072B2", "#D55E00"), strict=True):
        run = runs[key, name]
        axes[2 * j].semilogy(100 * run[:, equal], color=colour, label=key)
        axes[2 * j + 1].semilogy(100 * run[:, int(np.argmin(run[-1]))], color=colour, label=key)
    axes[2 * j].set(title=f"{name}\nequal step and damping", xlabel="steps")
    axes[2 * j + 1].set(title=f"{name}\neach with its best at the end", xlabel="steps")
axes[0].set(ylabel="median test error, %", ylim=(2, 400))
axes[3].legend(fontsize="x-small")
plt.show()

# %% [markdown]
# ## The scale of the inputs in high dimension
#
# In one dimension the points crowd and $K$ is ill-conditioned. For points like normalised pixels of a $32\times 32$
# image with three colours it is the reverse, which is why Appendix D divides the inputs by 20. For independent normal
# numbers:

# %%
pixels = np.random.default_rng(0).standard_normal((128, 3072))
distances = np.linalg.norm(pixels[:, None] - pixels, axis=-1)
image = sk.SobolevKernel(dim=3072, order=3075 / 2)
for scale in (1, 20, 200):
    correlation = image.correlation(distances / scale)
    off = correlation[~np.eye(len(pixels), dtype=bool)].max()
    values = np.linalg.eigvalsh(correlation)
    print(f"inputs / {scale:3}: largest correlation of two points {off:.0e}, eigenvalues of K/d(0) from "
          f"{values[0]:.2g} to {values[-1]:.3g}")
print(f"log10 d(0) = {image.log_radial(0.0) / np.log(10):.0f}")

# %% [markdown]
# ## What was seen
#
# * **Without noise the $L^2$ metric, which is the Hessian of the loss, wins.** After 25 iterations its median loss is
#   below that of all eleven other metrics for all three targets. The nearest kernels, of order 0.6 or 1 with a
#   condition number of about 20, stay above it by factors of 2 to 4 for the smooth function, 4 to 8 for the kink and
#   20 to 70 for the jump: a rough target makes a smoothing metric worse, a smooth one does not make it better. In the
#   first five iterations $H^1$ with $\kappa=10$ is level, and none is better. The condition number is not all: order 4
#   with $\kappa=10$ and $10^6$ does much better than order 2 with $\kappa=1$ and $3\cdot 10^6$, because its weight is
#   nearly flat up to the frequency 10. With the inputs divided by 20 the loss stalls. A preconditioner for a loss of
#   order 0 has the order 0.
# * **Against noise a weakly smoothing metric is level with $L^2$, a strongly smoothing one worse.** The medians of
#   $H^1$ with $\kappa=10$ and of order 2 with $\kappa=30$ lie within the quartiles of $L^2$ or near them; the largest
#   differences in their favour are 12.4 against 15.0 % (on 6 of 10 seeds) and 4.7 against 5.3 % (on 9 of 10, the only
#   one of 12 cases with more than 7). Order 2 with $\kappa=3$ is worse in the median in all six.
# * **Mini-batches: with equal step and damping the kernel metric is much faster, with the best step of each it is
#   not.** With a step of 0.1 the kink has a test error of 51 % after 20 steps in $L^2$ and of 12 % in both kernel
#   metrics; with the best settings it is 6.4 against 7.0 and 11.6 %, at the end 4.3, 4.3 and 7.0 %. In four
#   dimensions: 57 against 47 % at equal settings, with the best 15.7 against 19.7 % after 20 steps and 9.7 against
#   11.1 % at the end, for the order $(n+3)/2$. (In the last picture that order is ahead for a while: the settings are
#   those that are best at the end, a step of 0.3 for it and of 1 for $L^2$.) With $\kappa=10$ the points of four
#   dimensions are so far apart that the kernel metric is the one of $L^2$.
# * **Why equal steps mislead.** In the unit in which $K$ is the identity for points far apart, its eigenvalues go up
#   to the number of points, and along a smooth error a step of 0.1 is as long as one of $0.1\lambda$ in $L^2$. For 128
#   normal random inputs of dimension 3072, divided by 20 as in Appendix D, $\lambda$ goes up to 13; without the
#   division $K/d(0)$ is the identity to 30 digits and both methods are one (`bai2022.appendix-d.identity`). The factor
#   $C_n = d(0)$ itself would be $10^{-5919}$ there, so it cannot have been kept in floating point.
# * **Section 6.3 of bai2022**: a similar test error in the end is what is seen here too, for weakly smoothing kernels.
#   Faster convergence is seen at equal steps and damping, which is how Appendix D chooses them (those of the baseline,
#   tuned for it, kept for the new method), and is not seen when each metric has its own. This does not refute the
#   observation: classifiers with convolutions, Kronecker factors and weight decay were not run here. It names what
#   such a comparison must exclude.
