"""Errors of the Matérn correlation in units in the last place, ours and others': `python tests/benchmarks/accuracy.py`.

Writes docs/accuracy.md and docs/accuracy.png. With `--nu 1.7 --at 0x1.8p+1` it prints what everybody computes at one
point instead.
"""

import argparse
import math
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
from machine import machine, versions
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent / "evaluation"))
from certified import DIGITS_BITS, at_zero_ball, ball, correlation_ball, middle, ulps

import sobolevkernels as sk

DOCS = Path(__file__).parent.parent.parent / "docs"
Array = NDArray[np.float64]
Library = Callable[[float, Array], Array | None]

SMOOTHNESS = (0.01, 0.1, 0.5, 1.0, 1.5, 1.7, 2.5, 3.4, 3.5, 4.5, 10.5, 50.0, 160.0, 172.0, 500.0)
#: Ends of the ranges of r; the last one ends where M(r) is no longer a normal number.
ENDS = (0.0, 1e-8, 1.0, 30.0, 600.0)
NORMAL = Fraction(2) ** -1022
RANDOM = 300
PACKAGES = ("sobolevkernels", "numpy", "scipy", "numba", "scikit-learn", "gpytorch", "torch", "python-flint")


# --- who is asked -------------------------------------------------------------------------------


def ours(fast: bool) -> Library:
    def correlation(nu: float, r: Array) -> Array:
        sk.set_fast(fast)
        kernel = sk.SobolevKernel(dim=1, order=Fraction(nu) + Fraction(1, 2))
        # Compiled code answers for large arrays only.
        return kernel.correlation(np.resize(r, 50_000))[: r.size]

    return correlation


def with_kv(nu: float, r: Array) -> Array:
    from scipy.special import gamma, kv

    return 2 ** (1 - nu) / gamma(nu) * r**nu * kv(nu, r)


def with_scikit_learn(nu: float, r: Array) -> Array:
    from sklearn.gaussian_process.kernels import Matern

    return Matern(length_scale=math.sqrt(2 * nu), nu=nu)(r[:, None], np.zeros((1, 1)))[:, 0]


def with_gpytorch(nu: float, r: Array) -> Array | None:
    import gpytorch
    import torch

    if nu not in (0.5, 1.5, 2.5):
        return None
    kernel = gpytorch.kernels.MaternKernel(nu=nu).double()
    kernel.lengthscale = torch.tensor(math.sqrt(2 * nu), dtype=torch.float64)  # it rounds Python's floats to float32
    with torch.no_grad():
        return kernel(torch.from_numpy(r[:, None]), torch.zeros((1, 1), dtype=torch.float64)).to_dense().numpy()[:, 0]


LIBRARIES: dict[str, Library] = {
    "sobolevkernels, NumPy": ours(False),
    "sobolevkernels, numba": ours(True),
    "scipy.special.kv": with_kv,
    "scikit-learn": with_scikit_learn,
    "GPyTorch": with_gpytorch,
}


def available() -> dict[str, Library]:
    needs = {"sobolevkernels, numba": "numba", "scikit-learn": "sklearn", "GPyTorch": "gpytorch"}
    return {name: library for name, library in LIBRARIES.items() if name not in needs or find_spec(needs[name])}


def values(library: Library, nu: float, r: Array) -> Array | None:
    """What a library returns; None where it does not offer this nu."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return library(nu, r)


# --- what is true -------------------------------------------------------------------------------


def exact(nu: float, r: float) -> Fraction:
    return middle(correlation_ball(Fraction(nu), 1, Fraction(r)))


def exact_slope(nu: float, r: float) -> Fraction:
    """d'(r) in dimension 1."""
    import flint

    precision = 160
    while True:
        with flint.ctx.workprec(precision):
            order, x = ball(Fraction(nu)), ball(Fraction(r))
            value = -2 * (x / 2) ** order / order.gamma() * x.bessel_k(order - 1) * at_zero_ball(1, Fraction(nu), 1)
        if value.rel_accuracy_bits() >= DIGITS_BITS:
            return middle(value)
        precision *= 2


def last_normal(nu: float) -> float:
    """The largest r (to a part in 2^40) at which M(r) is a normal number."""
    low, high = 600.0, 5000.0
    for _ in range(40):
        r = (low + high) / 2
        low, high = (r, high) if exact(nu, r) >= NORMAL else (low, r)
    return low


def points(low: float, high: float, seed: int) -> Array:
    """Random ones, half of them uniform and half log-uniform, and hard ones: ends, powers of two, table edges."""
    rng = np.random.default_rng(seed)
    bottom = math.log(max(low, 5e-324))
    edges = np.concatenate([[low, high], 2.0 ** np.arange(-40, 3), np.arange(1, 24) / 4, 2 + np.arange(1, 12) / 16,
                            [128.0, 256.0, 690.0], [0.0, 5e-324, 2.0**-1022, 1e-300, 1e-160]])
    r = np.concatenate([edges, np.nextafter(edges, 0), np.nextafter(edges, np.inf),
                        rng.uniform(low, high, RANDOM), np.exp(rng.uniform(bottom, math.log(high), RANDOM))])
    return np.unique(r[(low <= r) & (r <= high)])


# --- the comparison -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """One library, one nu, one range of r."""

    worst: float
    mean: float
    where: float  # of the worst error
    outcomes: tuple[tuple[float, str], ...]  # at each r: nothing, or what stands where a normal number is right

    def __str__(self) -> str:
        kinds = [kind for _, kind in self.outcomes if kind]
        if not kinds:
            return f"{number(self.worst)} ({number(self.mean)})"
        return "; ".join(f"**{kind}** {kinds.count(kind)}/{len(self.outcomes)}" for kind in dict.fromkeys(kinds))


Results = dict[float, list[Cell] | None]


def number(value: float) -> str:
    if math.isnan(value):
        return "–"
    if value >= 10_000:
        return f"{value:.0e}".replace("e+", "e").replace("e0", "e")
    return f"{value:.0f}" if value >= 100 else f"{value:.2g}"


def failure(value: float, right: Fraction) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "inf"
    return "0" if value == 0 and abs(right) >= NORMAL else ""


def compare(computed: Array, r: Array, true: list[Fraction]) -> Cell:
    outcomes, errors = [], []
    for value, point, right in zip(computed.tolist(), r.tolist(), true, strict=True):
        kind = failure(value, right)
        outcomes.append((point, kind))
        if not kind:
            errors.append((ulps(value, right), point))
    worst, where = max(errors, default=(math.nan, math.nan))
    return Cell(worst, sum(error for error, _ in errors) / max(len(errors), 1), where, tuple(outcomes))


def measure() -> tuple[dict[str, Results], Results]:
    """Cells by library and nu, one for each range; and those of our derivative."""
    libraries = available()
    results: dict[str, Results] = {name: {} for name in libraries}
    slopes: Results = {}
    for nu in SMOOTHNESS:
        ends = [*ENDS, last_normal(nu)]
        ranges = [points(low, high, seed) for seed, (low, high) in enumerate(pairwise(ends))]
        true = [[exact(nu, point) for point in r.tolist()] for r in ranges]
        for name, library in libraries.items():
            computed = [values(library, nu, r) for r in ranges]
            results[name][nu] = None if computed[0] is None else [
                compare(found, r, right) for found, r, right in zip(computed, ranges, true, strict=True)]
        if nu > 0.5:
            kernel = sk.SobolevKernel(dim=1, order=Fraction(nu) + Fraction(1, 2))
            positive = [r[r > 0] for r in ranges]
            slopes[nu] = [compare(-kernel.gradient(r, np.zeros(1))[:, 0, 0], r,
                                  [-exact_slope(nu, point) for point in r.tolist()]) for r in positive]
        print(f"nu = {nu:g}", file=sys.stderr)
    return results, slopes


# --- the page -----------------------------------------------------------------------------------


TEXT = """\
# Accuracy

<!-- written by tests/benchmarks/accuracy.py -->

How many digits are right. The quantity is the correlation $M(r) = 2^{{1-\\nu}}/\\Gamma(\\nu)\\, r^\\nu K_\\nu(r)$ at
$\\kappa = 1$; the true values are certified by Arb balls of relative radius below $2^{{-100}}$, for the exact binary
values of $\\nu$ and $r$.

![Worst error against smoothness, by library](accuracy.png)

**Units.** One ulp, a unit in the last place, is the distance between neighbouring floats at the true value; a result
that is rounded correctly is wrong by at most half of it. A relative error of 1.1e-16 to 2.2e-16 is 1 ulp, and an error
of 1e6 ulp leaves ten right digits of sixteen.

**Points.** In each range, {random} distances uniform in $r$ and {random} uniform in $\\log r$, from seeded generators,
and hard ones: the ends, powers of two, the edges of our own tables, numbers near the smallest float, each with both
its neighbours. The last range ends where $M(r)$ ceases to be a normal number, at r = {shortest:.0f} for ν = {first:g}
and at {longest:.0f} for ν = {last:g}.

**What we promise.** `correlation` stays within 2.5 ulp for every ν in [0.01, 500] and every r; within 5 ulp for
ν = 1/2, 3/2, 5/2 and 7/2, whose closed forms are faster, in NumPy. The tests hold it to that. Where κ is not a power
of two, the closed forms carry the rounding of κr along, and stay within 7.

**The others.** `scipy.special.kv` stands for the formula above written as it reads. scikit-learn and GPyTorch take a
length scale, which is sqrt(2ν) here; they divide by it and multiply again, so that their r is rounded before the
kernel sees it, which costs them up to about r ulp. Each is given a range of distances as one column of points
against the origin. GPyTorch offers ν = 1/2, 3/2 and 5/2, and forms distances from |x|² - 2xy + |y|² for so many
points, where digits cancel.

Machine: {machine}.
{versions}.

## The worst error, all ranges together

In ulp. **NaN**, **inf** or **0** means that at least one value was that, where a normal number is right.

{summary}

## By range of r

The worst error in ulp, and the mean in brackets; for failures, at how many points of how many. The last column is
the input of the worst error that is a number.

{details}
## Failures, in words

What stands where a normal number is right, and from which of our points to which.

{failures}

## The derivative

Ours, `gradient` in dimension 1 against certified values, ν > 1/2; the worst error in ulp and the mean, as above. No
bound is promised for it.

{slopes}

## To repeat it

```bash
pip install -e ".[bench,fast,certify,plot]"
python tests/benchmarks/accuracy.py
python tests/benchmarks/accuracy.py --nu 1.7 --at 0x1.8p+1
```

The first command measures everything and writes this page; the second shows what everybody computes at one point.
"""


def markdown(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *rows])


def worst_of(cells: list[Cell]) -> Cell:
    return max(cells, key=lambda cell: -1.0 if math.isnan(cell.worst) else cell.worst)


def by_range(results: Results) -> str:
    rows = [[f"{nu:g}", *map(str, cells), location(worst_of(cells).where)]
            for nu, cells in results.items() if cells is not None]
    ranges = [f"[{low:g}, {high:g}]" for low, high in pairwise(ENDS)]
    return markdown(["ν", *ranges, f"[{ENDS[-1]:g}, underflow]", "worst at r ="], rows)


def location(r: float) -> str:
    return "–" if math.isnan(r) else f"{r:.6g}, `{r.hex()}`"


def in_words(cells: list[Cell]) -> str:
    outcomes = sorted({outcome for cell in cells for outcome in cell.outcomes})
    runs = [(kind, [r for r, _ in run]) for kind, run in groupby(outcomes, key=lambda outcome: outcome[1])]
    return "; ".join(f"{kind} at r = {run[0]:.3g}" if len(run) == 1 else f"{kind} from {run[0]:.3g} to {run[-1]:.3g}"
                     for kind, run in runs if kind)


def page(results: dict[str, Results], slopes: Results) -> str:
    summary, failures = [], []
    for nu in SMOOTHNESS:
        row = [f"{nu:g}"]
        for by_nu in results.values():
            cells = by_nu[nu]
            kinds = dict.fromkeys(kind for cell in cells or [] for _, kind in cell.outcomes if kind)
            row.append("not offered" if cells is None else " ".join(
                [*(f"**{kind}**" for kind in kinds), number(worst_of(cells).worst)]))
        summary.append(row)
    for name, by_nu in results.items():
        words = {nu: in_words(cells) for nu, cells in by_nu.items() if cells is not None}
        lines = "\n".join(f"* ν = {nu:g}: {said}." for nu, said in words.items() if said)
        failures.append(f"{name}:\n\n{lines}" if lines else f"{name}: none.")
    return TEXT.format(
        random=RANDOM, first=SMOOTHNESS[0], last=SMOOTHNESS[-1], shortest=last_normal(SMOOTHNESS[0]),
        longest=last_normal(SMOOTHNESS[-1]), machine=machine(), versions=versions(PACKAGES),
        summary=markdown(["ν", *results], summary), failures="\n\n".join(failures), slopes=by_range(slopes),
        details="\n".join(f"### {name}\n\n{by_range(by_nu)}\n" for name, by_nu in results.items()))


def plot(results: dict[str, Results], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"font.size": 10.5, "axes.spines.top": False, "axes.spines.right": False,
                         "xtick.major.size": 0, "ytick.major.size": 0})
    # Okabe and Ito's colours, which the colour-blind can tell apart; markers differ as well.
    styles = {"sobolevkernels, NumPy": ("#0072B2", "o"), "sobolevkernels, numba": ("#56B4E9", "s"),
              "scipy.special.kv": ("#D55E00", "^"), "scikit-learn": ("#E69F00", "D"), "GPyTorch": ("#009E73", "v")}
    place = {nu: index for index, nu in enumerate(SMOOTHNESS)}
    figure, (errors, failures) = plt.subplots(2, 1, figsize=(9, 6.4), sharex=True, layout="constrained",
                                              height_ratios=[3, 1])
    for nu, x in place.items():
        errors.hlines(5 if nu in (0.5, 1.5, 2.5, 3.5) else 2.5, x - 0.4, x + 0.4, color="0.25", linewidth=1.1,
                      label=None if x else "promised by sobolevkernels")
    for row, (name, by_nu) in enumerate(results.items()):
        colour, marker = styles[name]
        offered = {place[nu]: cells for nu, cells in by_nu.items() if cells is not None}
        # Only neighbours are joined: between others nothing was measured.
        heights = [worst_of(offered[x]).worst if x in offered else math.nan for x in place.values()]
        errors.plot(list(place.values()), heights, color=colour, marker=marker, markersize=6.5, linewidth=1.3,
                    markeredgecolor="white", markeredgewidth=0.7, label=name)
        failed = [x for x, cells in offered.items() if any(kind for cell in cells for _, kind in cell.outcomes)]
        failures.plot(failed, [row] * len(failed), "x", color=colour, markersize=7, markeredgewidth=2)
        if not failed:
            failures.text(0, row, "none", color="0.35", ha="center", va="center", fontsize=9.5,
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})
    errors.set(yscale="log", ylim=(0.4, 1e17), ylabel="worst error, in ulp")
    errors.set_title("Matérn correlation, r from 0 to underflow: the worst error, where there is a number", loc="left",
                     fontsize=11.5)
    errors.set_yticks([10.0**power for power in range(0, 17, 2)])
    errors.minorticks_off()
    errors.grid(axis="y", color="0.92", linewidth=0.8)
    errors.legend(facecolor="white", edgecolor="none", framealpha=1, loc="upper right", ncols=2)
    failures.set_title("× where NaN, infinity or 0 stands for a normal number somewhere", loc="left", fontsize=11.5)
    failures.set(ylim=(len(results) - 0.4, -0.6), xlim=(-0.6, len(place) - 0.4), xlabel="smoothness ν")
    failures.set_yticks(range(len(results)), list(results))
    failures.set_xticks(list(place.values()), [str(Fraction(nu).limit_denominator(2)) if nu % 0.5 == 0 else f"{nu:g}"
                                               for nu in place])
    failures.grid(axis="y", color="0.92", linewidth=0.8)
    figure.savefig(path, dpi=140)
    plt.close(figure)


def at_one_point(nu: float, r: float) -> None:
    true = exact(nu, r)
    print(f"nu = {nu!r}, r = {r!r} = {r.hex()}: Arb {float(true)!r}")
    for name, library in available().items():
        computed = values(library, nu, np.array([r]))
        if computed is None:
            print(f"{name:24}not offered")
        else:
            value = float(computed[0])
            error = "failed" if failure(value, true) else f"{ulps(value, true):.3g} ulp"
            print(f"{name:24}{value!r:26}{error}")


def distance(text: str) -> float:
    return float.fromhex(text) if "0x" in text else float(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nu", type=float, help="with --at: one smoothness, taken at its binary value")
    parser.add_argument("--at", type=distance, help="with --nu: one distance, hexadecimal (0x1.8p+1) or decimal")
    arguments = parser.parse_args()
    if arguments.nu is not None and arguments.at is not None:
        at_one_point(arguments.nu, arguments.at)
        return
    if arguments.nu is not None or arguments.at is not None:
        parser.error("--nu and --at go together")
    results, slopes = measure()
    plot(results, DOCS / "accuracy.png")
    (DOCS / "accuracy.md").write_text(page(results, slopes), encoding="utf-8")


if __name__ == "__main__":
    main()
