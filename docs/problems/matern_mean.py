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
# # The mean of a Matérn field, with an estimated Fisher symbol
#
# Two instruments look at one field $\theta$ on the torus of period 1 in both axes, 16 times each:
#
# $$y_{ji} = \theta + a_j(x)\, e_{ji}, \qquad j = 1, 2,\quad i = 1, \dots, m_j = 16 .$$
#
# The $e_{ji}$ are independent stationary Matérn fields, and each instrument has its gain $a_j$. The most probable
# $\theta$ minimises
#
# $$J(\theta) = \sum_j \frac{m_j}{2} \Big\langle \frac{\bar y_j - \theta}{a_j},\; S^{-1}\, \frac{\bar y_j - \theta}{a_j}
# \Big\rangle ,$$
#
# $S$ the spectral density of the noise. It is the best linear unbiased estimate too.
#
# **What is tested.** With one stationary noise the Fisher metric is the multiplier $m/S$ (`sobolev.fisher-location`),
# the minimiser is the plain average, one step finds it, and nothing is proved. Here the Fisher metric is
# $\sum_j m_j\, a_j^{-1} S^{-1} a_j^{-1}$, no multiplier; and the metric of the descent knows neither $S$ nor the
# gains. It is the symbol $\sum_j m_j/\hat S_j$, with $\hat S_j$ estimated from the residuals of the same 16 samples.
# The claims: the number of steps does not depend on the grid; an estimate that is shrunk costs little against the true
# symbol, one that is not costs more; a Sobolev symbol of the right order needs a number that does not grow either, one
# of another order does not.

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import scipy.fft
from scipy.sparse.linalg import LinearOperator, cg, eigsh

import sobolevkernels as sk

# %% [markdown]
# ## One problem on every grid
#
# The noise is a Matérn field of smoothness $\nu = 1/2$, variance $0.3^2$ and $\kappa = 4\pi$: by
# `sobolev.fisher-matern`, $S = 4\pi\nu\,\kappa^{2\nu}\, 0.3^2\, (\kappa^2+|\xi|^2)^{-\nu-1}$, so $S^{-1}$ has the
# order $t = 3/2$. Its Fourier coefficients up to a frequency are the same numbers on every grid that has that
# frequency inside; only the Nyquist modes are a grid's own. The gains vary by a factor $e^{0.8} \approx 2.2$, in
# different directions.

# %%
order, kappa, samples = 1.5, 4 * np.pi, 16
density = 4 * np.pi * 0.5 * kappa * 0.3**2 * sk.sobolev_multiplier(order=order, kappa=kappa) ** -1
finest = 1024
shared = [
    [scipy.fft.rfft2(np.random.default_rng([j, i]).standard_normal((finest, finest)), workers=2) / finest
     for i in range(samples)]
    for j in range(2)
]


def white_noise(n, j, i, draw):
    """White noise of spectral density 1; in draw 0, the same below the Nyquist frequency on every grid."""
    low = n // 2
    spectrum = scipy.fft.rfft2(np.random.default_rng([j, i, n, draw]).standard_normal((n, n))) / n
    if draw:
        return scipy.fft.irfft2(n**2 * spectrum)
    spectrum[:low, :low] = shared[j][i][:low, :low]
    spectrum[1 - low:, :low] = shared[j][i][1 - low:, :low]
    return scipy.fft.irfft2(n**2 * spectrum)


class Problem:
    """The samples and the gradient on n × n points."""

    def __init__(self, n, draw=0):
        self.n = n
        x, y = np.arange(n)[:, None] / n, np.arange(n) / n
        self.mean = np.exp(np.sin(2 * np.pi * x) * np.cos(2 * np.pi * y)) - 1
        self.gains = [np.exp(0.4 * np.sin(2 * np.pi * x)) + 0 * y, np.exp(0.4 * np.cos(2 * np.pi * y)) + 0 * x]
        noise = density**0.5
        self.samples = [
            np.stack([self.mean + gain * noise.apply(white_noise(n, j, i, draw), 1 / n) for i in range(samples)])
            for j, gain in enumerate(self.gains)
        ]
        self.information = sum(samples / gain**2 for gain in self.gains)
        self.right_side = sum(self.fisher(j, y.mean(axis=0)) for j, y in enumerate(self.samples))
        self.exact = self.minimiser()

    def fisher(self, j, f):
        """What instrument j adds to the Fisher metric."""
        return samples / self.gains[j] * density.solve(f / self.gains[j], 1 / self.n)

    def hessian(self, f):
        return self.fisher(0, f) + self.fisher(1, f)

    def gradient(self, f):
        return self.hessian(f) - self.right_side

    def averaged(self):
        """The true symbol, with the gains averaged: mean(Σ m_j/a_j²)/S."""
        return self.information.mean() / density

    def operator(self, function):
        """A map of fields as a map of vectors."""
        n = self.n
        return LinearOperator((n * n, n * n), lambda f: function(f.reshape(n, n)).ravel(), dtype=float)

    def minimiser(self):
        """By preconditioned conjugate gradients."""
        symbol = self.averaged()
        solution, failure = cg(self.operator(self.hessian), self.right_side.ravel(), rtol=1e-13, maxiter=200,
                               M=self.operator(lambda g: symbol.solve(g, 1 / self.n)))
        assert not failure
        return solution.reshape(self.n, self.n)


sizes, small = [64, 128, 256, 512, 1024], [8, 12, 16, 24]
problems = {n: Problem(n) for n in small + sizes}
shared.clear()  # 270 MB

lines = ["grid    relative gradient   rms error of minimiser   of plain average"]
for n in sizes:
    problem = problems[n]
    left = np.linalg.norm(problem.gradient(problem.exact)) / np.linalg.norm(problem.right_side)
    average = np.concatenate(problem.samples).mean(axis=0)
    errors = [np.sqrt(np.mean((estimate - problem.mean) ** 2)) for estimate in (problem.exact, average)]
    lines.append(f"{n:4}² {left:20.1e} {errors[0]:24.4f} {errors[1]:18.4f}")
    assert left < 1e-11
print("\n".join(lines))

# %% [markdown]
# ## The estimated symbol
#
# `from_samples` averages the periodograms of the residuals $y_{ji} - \bar y_j$, which mode by mode are off by about
# $1/\sqrt{15}$, and shrinks them towards their average over shells of $|\xi|$, by a share that it chooses. The
# residuals are not stationary, because of the gain: what their periodogram estimates is $S$ convolved with
# $|\hat a_j|^2$, which is computed here to compare with.

# %%
def expected(problem, j):
    """The mean of the periodogram of instrument j: the transform of covariance × autocorrelation of the gain."""
    n, gain = problem.n, problem.gains[j]
    autocorrelation = scipy.fft.irfft2(np.abs(scipy.fft.rfft2(gain)) ** 2) / n**2
    return scipy.fft.rfft2(density.kernel((n, n), 1 / n) * autocorrelation).real / n**2


def estimates(problem, shrinkage=None, count=samples):
    """An estimate for each instrument, by default shrunk as much as from_samples finds right."""
    return [sk.multipliers.from_samples(y[:count], 1 / problem.n, shrinkage=shrinkage) for y in problem.samples]


shrunk = {n: estimates(problems[n]) for n in sizes}
raw = {n: estimates(problems[n], shrinkage=0.0) for n in sizes}

lines = ["        largest relative error    root mean square", "grid         raw     shrunk         raw     shrunk"]
for n in sizes:
    problem = problems[n]
    truth = [expected(problem, j) for j in range(2)]
    errors = [
        np.array([estimate.on_grid((n, n), 1 / n) / true - 1 for estimate, true in zip(pair, truth, strict=True)])
        for pair in (raw[n], shrunk[n])
    ]
    largest, mean_square = ([function(np.abs(error)) for error in errors]
                            for function in (np.max, lambda error: np.sqrt(np.mean(error**2))))
    lines.append(f"{n:4}² {largest[0]:11.2f} {largest[1]:10.2f} {mean_square[0]:11.3f} {mean_square[1]:10.3f}")
print("\n".join(lines))
print(shrunk[1024][0])

# %% [markdown]
# The largest errors of the raw periodogram grow slowly with the number of modes, as extremes do; that of the shrunk
# one is at $\xi = 0$, which is a shell of its own, and is the same on every grid. It is one mode of many, but the
# range of the quotient of two symbols, and with it the number of steps, is decided by the worst mode.
#
# ## Steps that do not grow
#
# Let $A$ be the true Fisher metric and $M_0 = \mathrm{mean}(\sum_j m_j/a_j^2)/S$ its averaged symbol. At high
# frequencies $A$ lies between the extremes of $\sum_j m_j/a_j^2$ over its mean, times $M_0$; at low frequencies
# $S^{-1}$ and the gains do not commute, and the range can be wider. The Lanczos method finds it, on the coarsest grid,
# for all grids.

# %%
coarse = problems[64]
root = coarse.averaged() ** -0.5
relative = coarse.operator(lambda f: root.apply(coarse.hessian(root.apply(f, 1 / 64)), 1 / 64))
ends = [float(eigsh(relative, k=1, which=which, tol=1e-6, v0=np.ones(64 * 64), return_eigenvectors=False)[0])
        for which in ("SA", "LA")]
ratio = coarse.information / coarse.information.mean()
print(f"Σ m/a² over its mean: from {ratio.min():.3f} to {ratio.max():.3f}")
print(f"A relative to M₀:     from {ends[0]:.3f} to {ends[1]:.3f}")

# %% [markdown]
# For another symbol $M$, the range of $A$ relative to $M$ is at most $[a, b]$, these ends times those of $M_0/M$ on
# the grid. The step size is $2/(a+b)$, and $(b-a)/(b+a)$ bounds the factor. (Where $S$ is unknown, a power iteration
# in the metric $M$ finds $a$ and $b$.) Errors are in $L^2$, relative to the minimiser. The rough start is white noise
# of standard deviation 1 at every point.
#
# The metrics: the averaged true symbol; the estimate $\sum_j m_j/\hat S_j$, shrunk and raw; the Sobolev symbol of the
# right order and half the right $\kappa$. The last two are left out where they would only take time.

# %%
def bounds(problem, metric):
    low, high = problem.averaged().ratio_range(metric, (problem.n, problem.n), 1 / problem.n)
    return low * ends[0], high * ends[1]


def descent(problem, metric, start, accuracy=1e-8, max_steps=40_000):
    """Descend in a metric with the best constant step size for its bounds."""
    low, high = bounds(problem, metric)
    size = np.linalg.norm(problem.exact)
    return sk.descend(
        problem.gradient,
        start(problem.n),
        partial(sk.spectral_step, multiplier=metric, step=2 / (low + high), spacing=1 / problem.n),
        residual=lambda f, gradient: np.linalg.norm(f - problem.exact) / size,
        tolerance=accuracy,
        max_steps=max_steps,
    )


def zero(n):
    return np.zeros((n, n))


def noise(n):
    return np.random.default_rng(7).standard_normal((n, n))


def fisher_symbol(pair):
    return sum(samples / estimate for estimate in pair)


runs, factors = {}, {}
for n in sizes:
    problem = problems[n]
    metrics = {"true": problem.averaged(), "shrunk": fisher_symbol(shrunk[n])}
    if n <= 512:
        metrics["raw"] = fisher_symbol(raw[n])
    if n <= 256:
        metrics["half κ"] = sk.sobolev_multiplier(order=order, kappa=kappa / 2)
    with scipy.fft.set_workers(2):
        for name, metric in metrics.items():
            low, high = bounds(problem, metric)
            factors[name, n] = (high - low) / (high + low)
            runs[name, n, noise] = descent(problem, metric, noise)
        runs["shrunk", n, zero] = descent(problem, metrics["shrunk"], zero)

columns = [("true", noise), ("shrunk", zero), ("shrunk", noise), ("raw", noise), ("half κ", noise)]
lines = ["grid  " + "".join(f"{name:>12}" for name, _ in columns),
         "      " + "".join(f"{'from ' + start.__name__:>12}" for _, start in columns)]
for n in sizes:
    counts = [runs[name, n, start].steps if (name, n, start) in runs else "" for name, start in columns]
    lines.append(f"{n:4}² " + "".join(f"{count:>12}" for count in counts))
print("\n".join(lines))
for name in ("true", "shrunk", "raw", "half κ"):
    errors = runs[name, 256, noise].residuals
    print(f"256², {name:8} factor: at most {factors[name, 256]:.4f}, observed {errors[-1] / errors[-2]:.4f}")

assert all(run.converged for run in runs.values())
for name, start in columns[:3]:
    counts = [runs[name, n, start].steps for n in sizes]
    assert max(counts) <= min(counts) + 1
for (name, n), factor in factors.items():
    errors = runs[name, n, noise].residuals
    assert errors[-1] / errors[-2] <= factor * (1 + 1e-3)

# %% [markdown]
# The count with the raw estimate grows, though only as fast as the extremes of more modes; half the right $\kappa$
# costs a factor that is the same on every grid. How much shrinkage matters depends on the number of samples. On 128²
# points, with the symbol estimated from fewer of them (the steps where $b/a < 100$):

# %%
lines = ["samples   raw: b/a    steps   shrunk: b/a    steps"]
problem = problems[128]
for count in (2, 4, 8, 16):
    row = f"{count:7}"
    for pair in (estimates(problem, 0.0, count), estimates(problem, None, count)):
        low, high = bounds(problem, fisher_symbol(pair))
        steps = descent(problem, fisher_symbol(pair), noise).steps if high / low < 100 else "-"
        row += f"{high / low:12.4g} {steps:>8}  "
    lines.append(row)
print("\n".join(lines))

# %% [markdown]
# The counts are as constant as they are because the low modes of the data are the same on every grid. With other data
# the estimate is another one, and so is the count:

# %%
lines = ["eight other draws, shrunk estimate, from noise:"]
for n in (64, 128):
    redrawn = [Problem(n, draw) for draw in range(1, 9)]
    counts = [descent(problem, fisher_symbol(estimates(problem)), noise).steps for problem in redrawn]
    lines.append(f"{n:4}² " + "".join(f"{count:4}" for count in counts))
print("\n".join(lines))

# %% [markdown]
# ## The plain gradient, and metrics of the wrong order
#
# In the metric $(\kappa^2+|\xi|^2)^{t'}$ the range $b/a$ grows like $n^{2|t-t'|}$; the plain gradient is $t' = 0$.
# Small grids show it, with noise as start, to a relative error of $10^{-4}$. The exponents are fitted to the last
# three; they approach the predicted ones from below, as $|\xi| \gg \kappa$ is not yet large here.

# %%
def exponent(values):
    """Slope of log(values) against log(n) on the last three grids."""
    return np.polyfit(np.log(small[-3:]), np.log(values[-3:]), 1)[0]


steps = {}
lines = ["order" + "".join(f"{n:8}²" for n in small) + "   exponent: steps   b/a   predicted"]
for trial in (0, 0.5, 1, 1.5, 2, 2.5):
    metric = sk.sobolev_multiplier(order=trial, kappa=kappa)
    results = [descent(problems[n], metric, noise, 1e-4) for n in small]
    assert all(run.converged for run in results)
    steps[trial] = [run.steps for run in results]
    ends_of = [bounds(problems[n], metric) for n in small]
    ranges, predicted = exponent([high / low for low, high in ends_of]), 2 * abs(order - trial)
    lines.append(f"{trial:<5}" + "".join(f"{count:9}" for count in steps[trial])
                 + f"{exponent(steps[trial]) + 0.0:18.2f} {ranges + 0.0:5.2f} {predicted:11.2f}")
    assert abs(exponent(steps[trial]) - predicted) < 0.25
print("\n".join(lines))

# %% [markdown]
# ## Where no multiplier would do
#
# The mean is $\theta$ and not a positive $e^\theta$ on purpose. With one instrument, no gain and $e^\theta$, the
# minimiser is $\log\bar y$, and the metric there is $\bar y\,S^{-1}\bar y$. At $f = g/\bar y$ with a smooth $g$ it has
# the value $\langle g, S^{-1} g\rangle$, whatever the grid. At $f = 1$ it is $\langle \bar y, S^{-1}\bar y\rangle$, to
# which the noise that is left in $\bar y$ adds $1/m$ for each mode, $n^2/m$ in all, and at other plane waves it is as
# large. A multiplier $M$ with $aM \le \bar y\,S^{-1}\bar y \le bM$ is at least as large as that over $b$ at every
# plane wave, hence at $g/\bar y$, which has a mean: $b/a$ grows like $n^2$ for every $M$. With a prior that smooths
# $\theta$ this would not happen.

# %%
lines = []
for n in sizes:
    left_over = problems[n].samples[0].mean(axis=0) - problems[n].mean
    value = (1 / density).inner(*[left_over / problems[n].gains[0]] * 2, 1 / n)
    lines.append(f"{n:4}²  ⟨ē, S⁻¹ē⟩ = {value:10.1f}   n²/m = {n**2 / samples:10.1f}")
    assert abs(value * samples / n**2 - 1) < 0.05
print("\n".join(lines))

# %% [markdown]
# ## Pictures

# %%
problem = problems[256]
pictures = {
    "mean": problem.mean,
    "a sample, instrument 1": problem.samples[0][0],
    "a sample, instrument 2": problem.samples[1][0],
    "minimiser": problem.exact,
}
figure, axes = plt.subplots(1, 4, figsize=(10, 2.7), dpi=67, layout="constrained")
for panel, (title, picture) in zip(axes, pictures.items(), strict=True):
    panel.imshow(picture, cmap="gray", vmin=-1.5, vmax=2.5)
    panel.set(title=title, xticks=[], yticks=[])
plt.show()

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 3.6), dpi=67, layout="constrained")
modes = np.arange(1, 129)
left.loglog(modes, raw[256][0].on_grid((256, 256), 1 / 256)[0, 1:], color="0.7", label="raw")
left.loglog(modes, shrunk[256][0].on_grid((256, 256), 1 / 256)[0, 1:], label="shrunk")
left.loglog(modes, expected(problem, 0)[0, 1:], "k:", label="expected")
left.set(title="spectral density, instrument 1", xlabel="|ξ|/2π along an axis")
left.legend()
for name in ("true", "shrunk", "raw", "half κ"):
    middle.semilogy(runs[name, 256, noise].residuals[:120], label=name)
middle.set(title="relative L² error, 256²", xlabel="steps, from noise", ylim=(1e-8, None))
middle.legend()
for trial, values in steps.items():
    right.loglog(small, values, "o-", label=f"order {trial:g}")
right.set(title="steps to 1e-4", xlabel="n", xticks=small, xticklabels=small)
right.minorticks_off()
right.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()
