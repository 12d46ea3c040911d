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
# # Deconvolution of a photograph
#
# A scene $u$ on the torus of period 1 in both axes is seen through a blur and with noise, $y = h*u + e$. The most
# probable scene minimises
#
# $$J(u) = \int \frac{(h*u - y)^2}{2\,s(x)}\,dx + \frac{\alpha}{2}\int u\,(\kappa^2-\Delta)^{t} u\,dx .$$
#
# The noise is shot noise: its spectral density $s = a + b\,(h*u)$ is larger where the picture is brighter, by a factor
# up to 5. It is taken as known.
#
# **What is tested.** With constant $s$ the Hessian is the symbol $|\hat h|^2/s + \alpha\,(\kappa^2+|\xi|^2)^t$
# (`sobolev.fisher-deconvolution`), one step solves the problem, and nothing is proved. Here the Hessian
# $H\,\frac1s\,H + \alpha W$ is not a Fourier multiplier, and the metric is the symbol with $1/s$ replaced by its mean.
# The claims: the number of steps to a given accuracy does not depend on the grid, from any start; the contraction
# factor is the one that the range of $1/s$ predicts; and metrics of another order do need more steps on finer grids.

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import scipy.fft
from scipy.signal.windows import tukey
from scipy.sparse.linalg import LinearOperator, cg
from sklearn.datasets import load_sample_image

import sobolevkernels as sk

# %% [markdown]
# ## One scene on every grid
#
# The photograph is `china.jpg` of scikit-learn, by danielbuechele
# ([Flickr](https://www.flickr.com/photos/danielbuechele/6061409035/sizes/z/in/photostream/),
# [CC BY 2.0](https://creativecommons.org/licenses/by/2.0/)), here in grey, cropped to 420 × 420 pixels and faded to
# its mean at the edges, so that it is periodic. Its trigonometric polynomial is the scene; on a grid of $n^2$ points
# the frequencies $|k| < n/2$ of it are kept. The blur is a Gaussian of standard deviation 0.01: the heat flow up to
# time $0.01^2/2$.

# %%
grey = load_sample_image("china.jpg") @ [0.299, 0.587, 0.114] / 255
crop = grey[:420, 110:530]
fade = tukey(420, 0.2)
photograph = crop.mean() + (crop - crop.mean()) * np.outer(fade, fade)


def scene(n):
    """The photograph's trigonometric polynomial on n × n points, without its frequencies from n/2 on."""
    low = min(n, len(photograph)) // 2
    fine = scipy.fft.rfft2(photograph)
    coarse = np.zeros((n, n // 2 + 1), complex)
    coarse[:low, :low], coarse[1 - low:, :low] = fine[:low, :low], fine[1 - low:, :low]
    return scipy.fft.irfft2(coarse) * (n / len(photograph)) ** 2


order = 1.5
blur = sk.multipliers.heat(0.01**2 / 2)
prior = 0.3 * sk.sobolev_multiplier(order=order, kappa=2 * np.pi)

# %% [markdown]
# The noise is white with spectral density $s(x)$, so its variance in a pixel is $s(x)/\text{cell}$: finer pixels
# receive less light each. Then the sum over pixels of (residual)² / (2 variance) is the integral above, and data, loss
# and metric belong to one continuous problem. The prior is the Matérn field of smoothness 1/2, the roughest with
# half-integer smoothness. Of the strengths 0.02, 0.1, 0.3, 1 and 3, $\alpha = 0.3$ came nearest to the scene on
# $256^2$ pixels.
#
# The loss is quadratic. Its $L^2$ gradient, $H\,\frac1s\,(Hu - y) + \alpha W u$ with the product taken pixel by pixel,
# is the exact one of the discretised loss, the derivative by the pixel values over the cell: there is nothing to
# dealias. The symbols are radial, also at the Nyquist modes.


# %%
class Problem:
    """Data, gradient and averaged Fisher symbol on n × n pixels."""

    def __init__(self, n):
        self.n, self.spacing = n, 1 / n
        self.scene = scene(n)
        blurred = blur.apply(self.scene, 1 / n)
        s = 2.5e-7 * (0.2 + blurred)
        noise = np.random.default_rng(2026).standard_normal((n, n))
        self.data = blurred + n * np.sqrt(s) * noise
        self.information = 1 / s
        self.right_side = blur.apply(self.information * self.data, 1 / n)

    def hessian(self, u):
        return blur.apply(self.information * blur.apply(u, 1 / self.n), 1 / self.n) + prior.apply(u, 1 / self.n)

    def gradient(self, u):
        return self.hessian(u) - self.right_side

    def symbol(self):
        """|ĥ|² mean(1/s) + α w(ξ)."""
        return sk.multipliers.tikhonov(self.information.mean() * blur**2, 1, prior)

    def bounds(self, metric):
        """Numbers a, b with a M ≤ Hessian ≤ b M, from the range of 1/s and the symbols alone."""
        grid = (self.n, self.n), 1 / self.n
        fisher, penalty, m = (blur**2).on_grid(*grid), prior.on_grid(*grid), metric.on_grid(*grid)
        return (((self.information.min() * fisher + penalty) / m).min(),
                ((self.information.max() * fisher + penalty) / m).max())


sizes = [64, 128, 256, 512, 1024]
problems = {n: Problem(n) for n in sizes}

# %% [markdown]
# ## The exact solution
#
# Conjugate gradients, which use the metric only as a preconditioner and stop by their own residual, give the
# minimiser. What is left of its gradient is printed relative to $H\,\frac1s\,y$.

# %%
def minimiser(problem):
    """The minimiser by preconditioned conjugate gradients, and their number of iterations."""
    n, symbol, iterations = problem.n, problem.symbol(), []
    solution, failure = cg(
        LinearOperator((n * n, n * n), lambda u: problem.hessian(u.reshape(n, n)).ravel()),
        problem.right_side.ravel(),
        rtol=1e-13,
        maxiter=200,
        M=LinearOperator((n * n, n * n), lambda g: symbol.solve(g.reshape(n, n), 1 / n).ravel()),
        callback=iterations.append,
    )
    assert not failure
    return solution.reshape(n, n), len(iterations)


exact = {}
lines = ["grid    CG iterations   relative gradient   condition number of the Hessian, at most"]
for n, problem in problems.items():
    exact[n], iterations = minimiser(problem)
    left = np.linalg.norm(problem.gradient(exact[n])) / np.linalg.norm(problem.right_side)
    low, high = problem.bounds(sk.laplacian_power(0))
    lines.append(f"{n:4}²  {iterations:14} {left:19.1e} {high / low:29.3g}")
    assert left < 1e-11
print("\n".join(lines))

# %% [markdown]
# ## The averaged symbol: steps that do not grow
#
# For every $u$, $\;\min\frac1s\,\|Hu\|^2 \le \int \frac1s\,(Hu)^2 \le \max\frac1s\,\|Hu\|^2$. So the Hessian lies
# between $a$ and $b$ times the metric, with $a$ and $b$ the extremes of $\frac1s$ over its mean (the prior adds the
# ratio 1 between them). A step of size $2/(a+b)$ multiplies the error by at most $\rho = (b-a)/(b+a)$, in the norm of
# the metric, on every grid. The error is measured in $L^2$, relative to the minimiser, down to $10^{-8}$. The rough
# start is white noise, standard deviation 1 in every pixel.

# %%
def descent(problem, metric, start, accuracy=1e-8, max_steps=20_000):
    """Descend in a metric with the best constant step size for its bounds."""
    low, high = problem.bounds(metric)
    solution = exact[problem.n]
    size = np.linalg.norm(solution)
    return sk.descend(
        problem.gradient,
        start(problem.n),
        partial(sk.spectral_step, multiplier=metric, step=2 / (low + high), spacing=problem.spacing),
        residual=lambda u, gradient: np.linalg.norm(u - solution) / size,
        tolerance=accuracy,
        max_steps=max_steps,
    )


def zero(n):
    return np.zeros((n, n))


def noise(n):
    return np.random.default_rng(7).standard_normal((n, n))


with scipy.fft.set_workers(2):
    runs = {(n, start): descent(problem, problem.symbol(), start)
            for n, problem in problems.items() for start in (zero, noise)}

print("grid    from zero   from noise   factor: predicted   observed")
for n, problem in problems.items():
    low, high = problem.bounds(problem.symbol())
    predicted = (high - low) / (high + low)
    errors = runs[n, noise].residuals
    observed = errors[-1] / errors[-2]
    print(f"{n:4}²  {runs[n, zero].steps:9} {runs[n, noise].steps:12} {predicted:19.4f} {observed:10.4f}")
    assert observed < predicted

counts = [run.steps for run in runs.values()]
assert all(run.converged for run in runs.values())
assert max(counts) <= min(counts) + 1

# %% [markdown]
# The observed factor comes near the predicted one: the bound, which knows nothing of the picture but the range of its
# brightness, is nearly attained. Another mean of $1/s$ would change $a$, $b$ and the step size together and leave the
# factor as it is. Conjugate gradients took fewer iterations to a higher accuracy, as they may: the loss is quadratic.
#
# ## The plain gradient, and metrics of the wrong order
#
# The metric of order $t'$ has the symbol $|\hat h|^2\,\mathrm{mean}(1/s) + \alpha'\,(\kappa^2+|\xi|^2)^{t'}$, with
# $\alpha'$ such that it agrees with the right one at $|\xi| = 2\pi\cdot 20$. The plain gradient's symbol is 1. For
# each, the step size is $2/(a+b)$ with the bounds of that metric. At high frequencies the Hessian has the order
# $t = 3/2$, so $b/a$ should grow like $n^{2|t-t'|}$, and the steps with it; the exponents fitted to the last three
# grids are printed beside that. Each run starts from noise, which excites every mode, and stops at a relative error of
# $10^{-4}$.

# %%
small = [64, 96, 128, 192, 256]
for n in small:
    if n not in problems:
        problems[n] = Problem(n)
        exact[n], _ = minimiser(problems[n])


def of_order(problem, trial):
    """The averaged symbol with a prior of another order."""
    at = (2 * np.pi) ** 2 * (1 + 20**2)
    return problem.information.mean() * blur**2 + at ** (order - trial) * 0.3 * sk.sobolev_multiplier(
        order=trial, kappa=2 * np.pi)


def exponent(values):
    """Slope of log(values) against log(n) on the last three grids."""
    return np.polyfit(np.log(small[-3:]), np.log(values[-3:]), 1)[0]


steps = {}
lines = ["order   " + "".join(f"{n:7}²" for n in small) + "   exponent: steps   b/a   predicted"]
for trial in ("plain", 0.5, 1, 1.5, 2, 2.5):
    metrics = [sk.laplacian_power(0) if trial == "plain" else of_order(problems[n], trial) for n in small]
    results = [descent(problems[n], metric, noise, 1e-4) for n, metric in zip(small, metrics, strict=True)]
    assert all(run.converged for run in results)
    steps[trial] = [run.steps for run in results]
    bounds = [problems[n].bounds(metric) for n, metric in zip(small, metrics, strict=True)]
    ranges = exponent([high / low for low, high in bounds])
    predicted = 2 * abs(order - (0 if trial == "plain" else trial))
    lines.append(f"{trial!s:8}" + "".join(f"{count:8}" for count in steps[trial])
                 + f"{exponent(steps[trial]) + 0.0:18.2f} {ranges:5.2f} {predicted:11.2f}")
    assert abs(exponent(steps[trial]) - predicted) < 0.2
print("\n".join(lines))

# %% [markdown]
# The right order is not enough for few steps. The prior alone as metric, without $|\hat h|^2$, has bounds that do not
# grow with the grid either, but far apart; and its rate would be this:

# %%
for n in sizes:
    low, high = problems[n].bounds(prior)
    print(f"{n:4}²  b/a = {high / low:.4g}, about {np.log(1e8) / 2 * high / low:.2g} steps")

# %% [markdown]
# ## The Fisher symbol without the prior
#
# $|\hat h|^2$ alone is the Fisher symbol of the data, up to a factor. It is positive, yet no metric to compute with:
# the blur has destroyed the high frequencies, and the smallest value on the grid falls like a Gaussian. On the finest
# grid it underflows, and the step refuses.

# %%
for n in sizes:
    print(f"{n:4}²  condition number of |ĥ|²: {(blur**2).condition_number((n, n), 1 / n):.3g}")
try:
    sk.spectral_step(zero(1024), problems[1024].gradient(zero(1024)), blur**2, step=1e-7, spacing=1 / 1024)
except ValueError as refusal:
    print("ValueError:", refusal)
else:
    raise AssertionError("a symbol that underflows was inverted")

# %% [markdown]
# ## Pictures
#
# On 256² pixels, from zero. Five spectral steps show what the minimiser shows. The plain gradient is held to a small
# step by the highest frequencies, and creeps up from black.

# %%
problem = problems[256]
pictures = {"scene": problem.scene, "data": problem.data, "minimiser": exact[256]}
for count, name, metric in ((5, "spectral", problem.symbol()), (5, "plain", sk.laplacian_power(0)),
                            (50, "plain", sk.laplacian_power(0))):
    pictures[f"{count} {name} steps"] = descent(problem, metric, zero, max_steps=count).state
figure, axes = plt.subplots(2, 3, figsize=(6.5, 4.7), dpi=67, layout="constrained")
for panel, (title, picture) in zip(axes.flat, pictures.items(), strict=True):
    panel.imshow(picture, cmap="gray", vmin=0, vmax=1)
    panel.set(title=title, xticks=[], yticks=[])
plt.show()

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), dpi=70, layout="constrained")
for n in sizes:
    left.semilogy(runs[n, noise].residuals, label=f"{n}²")
low, high = problem.bounds(problem.symbol())
left.semilogy(((high - low) / (high + low)) ** np.arange(max(counts)), "k:", label="predicted slope")
left.set(xlabel="steps in the averaged symbol, from noise", ylabel="relative L² error")
left.legend()
for trial, values in steps.items():
    right.loglog(small, values, "o-", label=trial if trial == "plain" else f"order {trial:g}")
right.set(xlabel="n", ylabel="steps to 1e-4, from noise", xticks=small, xticklabels=small)
right.minorticks_off()
right.legend()
plt.show()
