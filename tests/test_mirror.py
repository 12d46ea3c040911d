"""What every mirror map has to satisfy. A new map joins `CATALOGUE`; a new promise becomes a law.

The oracle of a map is its potential, written once more in mpmath; derivatives of that are taken
numerically, with eighty digits. The end of the file breaks maps on purpose and sees the laws notice.
"""

import dataclasses
import inspect
import math
import pickle

import numpy as np
import pytest
from mpmath import mp

from sobolevkernels import mirror
from sobolevkernels.evaluation import mirror_vectors

EPS = 2.0**-52
MATRIX = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.25], [0.0, -0.25, 3.0]])


def total(function):
    return lambda x: mp.fsum(function(entry) for entry in x.ravel())


def gaussian_partition(theta):
    """log ∫ e^(θ·T) by completing the square, in two dimensions."""
    precision = mp.matrix([[-2 * theta[2], -theta[3]], [-theta[3], -2 * theta[4]]])
    linear = mp.matrix([theta[0], theta[1]])
    square = (linear.T * mp.inverse(precision) * linear)[0] / 2
    return square + mp.log(2 * mp.pi) - mp.log(mp.det(precision)) / 2


def sobolev_norm(spacing, order, kappa):
    """½ L Σ_k w |f_k|², the sum over the modes written out."""
    def potential(f):
        n = len(f)
        energy = mp.mpf(0)
        for k in range(n):
            mode = mp.fsum(f[j] * mp.expjpi(mp.mpf(-2 * j * k) / n) for j in range(n)) / n
            xi = 2 * mp.pi * (k if 2 * k <= n else k - n) / (n * mp.mpf(spacing))
            energy += (mp.mpf(kappa) ** 2 + xi**2) ** order * abs(mode) ** 2
        return n * mp.mpf(spacing) * energy / 2
    return potential


def positive(rng, *batch):
    return rng.uniform(0.2, 3.0, size=(*batch, 4))


def anywhere(rng, *batch):
    x = rng.normal(size=(*batch, 4))
    return x + np.copysign(0.25, x)  # some maps have no Hessian where an entry is 0


def on_simplex(rng, *batch):
    x = positive(rng, *batch)
    return x / x.sum(axis=-1, keepdims=True)


def tangent(rng, *batch):
    h = rng.normal(size=(*batch, 4))
    return h - h.mean(axis=-1, keepdims=True)


def symmetric(rng, *batch):
    h = rng.normal(size=(*batch, 3, 3))
    return h + h.swapaxes(-1, -2)


def definite(rng, *batch):
    half = rng.normal(size=(*batch, 3, 3))
    return half @ half.swapaxes(-1, -2) + np.eye(3)


def gaussian_point(dim):
    def sample(rng, *batch):
        half = rng.normal(size=(*batch, dim, dim))
        return mirror.gaussian_parameters(rng.normal(size=(*batch, dim)), half @ half.swapaxes(-1, -2) + np.eye(dim))
    return sample


def vectors(size):
    return lambda rng, *batch: rng.normal(size=(*batch, size))


def power(p):
    return lambda x: mp.fsum(abs(entry) ** mp.mpf(p) for entry in x.ravel()) ** (2 / mp.mpf(p)) / 2


SOBOLEV = mirror.sobolev(order=1, kappa=2, spacing=(0.5,))
#: The map, its potential in mpmath, points, and directions that lead from one point to another.
CATALOGUE = {
    "euclidean": (mirror.euclidean(), total(lambda x: x * x / 2), anywhere, anywhere),
    "quadratic": (mirror.quadratic(MATRIX), lambda x: (x @ MATRIX.astype(object) @ x) / 2, vectors(3), vectors(3)),
    "orthant": (mirror.entropy(domain="orthant"), total(lambda x: x * mp.log(x)), positive, anywhere),
    "simplex": (mirror.entropy(), total(lambda x: x * mp.log(x)), on_simplex, tangent),
    "burg": (mirror.burg(), total(lambda x: -mp.log(x)), positive, anywhere),
    "p_norm(3/2)": (mirror.p_norm(1.5), power(1.5), anywhere, anywhere),
    "p_norm(2)": (mirror.p_norm(2), power(2), anywhere, anywhere),
    "p_norm(4)": (mirror.p_norm(4), power(4), anywhere, anywhere),
    "p_norm(5/4)": (mirror.p_norm(1.25), power(1.25), anywhere, anywhere),
    "log_det": (mirror.log_det(), lambda x: -mp.log(mp.det(mp.matrix(x.tolist()))), definite, symmetric),
    "gaussian": (mirror.gaussian(2), gaussian_partition, gaussian_point(2), vectors(5)),
    "sobolev": (SOBOLEV, sobolev_norm(0.5, 1, 2), vectors(6), vectors(6)),
    "from_callables": (
        mirror.MirrorMap.from_callables(
            lambda x: np.cosh(x).sum(-1), np.sinh, np.arcsinh, hessian=lambda x: np.cosh(x)[..., None] * np.eye(4)),
        total(mp.cosh), anywhere, anywhere),
}


def exact(x):
    """An array of mpmath numbers."""
    return np.vectorize(mp.mpf, otypes=[object])(x)


def along(oracle, x, h, order):
    """The derivative of the potential at x in the direction h, from the values of the oracle."""
    with mp.workdps(80):
        return +mp.diff(lambda s: oracle(exact(x) + s * exact(h)), 0, order)


def definition(oracle, y, x):
    """V(y, x) in mpmath."""
    with mp.workdps(80):
        step = exact(y) - exact(x)
        slope = mp.diff(lambda s: oracle(exact(x) + s * step), 0)
        return oracle(exact(y)) - oracle(exact(x)) - slope


def close(found, wanted, tolerance):
    assert np.isfinite(found).all()
    scale = max(1.0, float(np.max(np.abs(np.asarray(wanted, dtype=float)))))
    assert np.abs(np.asarray(found - wanted, dtype=float)).max() <= tolerance * scale


def case(name):
    phi, oracle, point, direction = CATALOGUE[name]
    rng = np.random.default_rng(7)
    return phi, oracle, point(rng), point(rng), direction(rng)


def same_dual(phi, z, w):
    """Dual vectors are equal; on the simplex, up to a multiple of (1, …, 1)."""
    difference = z - w
    if isinstance(phi.geometry, mirror_vectors.Simplex):
        difference = difference - difference.mean(axis=-1, keepdims=True)
    close(difference, np.zeros_like(difference), 64 * EPS * max(1.0, np.abs(z).max()))


# --- the laws -----------------------------------------------------------------------------------


def potential_is_that_of_the_oracle(phi, oracle, x, y, h):
    close(phi.potential(x), oracle(exact(x)), 32 * EPS)


def gradient_is_the_derivative(phi, oracle, x, y, h):
    close(phi.pairing(phi.gradient(x), h), along(oracle, x, h, 1), 256 * EPS)


def hessian_is_the_second_derivative(phi, oracle, x, y, h):
    wanted = along(oracle, x, h, 2)
    close(phi.pairing(phi.hessian_apply(x, h), h), wanted, 256 * EPS)
    dense = np.tensordot(phi.hessian(x), h, axes=h.ndim)
    close(phi.pairing(dense, h), wanted, 256 * EPS)


def gradients_are_inverse(phi, oracle, x, y, h):
    z = phi.gradient(x)
    close(phi.inverse_gradient(z), x, 256 * EPS)
    same_dual(phi, phi.gradient(phi.inverse_gradient(z + 0.01 * phi.hessian_apply(x, h))),
              z + 0.01 * phi.hessian_apply(x, h))


def hessians_are_inverse(phi, oracle, x, y, h):
    z = phi.gradient(x)
    close(np.tensordot(phi.conjugate_hessian(z), phi.hessian_apply(x, h), axes=h.ndim), h, 1024 * EPS)
    close(phi.hessian_solve(x, phi.hessian_apply(x, h)), h, 1024 * EPS)


def conjugate_hessian_is_the_derivative(phi, oracle, x, y, h):
    """∇²φ* is the derivative of ∇φ*, in every direction: on the simplex along (1, …, 1) too, where it is 0."""
    z, direction, size = phi.gradient(x), h + 0.5, 2.0**-24
    change = (phi.inverse_gradient(z + size * direction) - phi.inverse_gradient(z - size * direction)) / (2 * size)
    close(np.tensordot(phi.conjugate_hessian(z), direction, axes=h.ndim), change, 1e-6)


def conjugate_is_the_supremum(phi, oracle, x, y, h):
    """Reached at x; nowhere above in a cloud of points; and a small step away it is below by ½ h∇²φh."""
    z = phi.gradient(x)
    top = phi.conjugate(z)
    close(top, phi.pairing(z, x) - phi.potential(x), 256 * EPS)
    _, _, point, _ = next(entry for entry in CATALOGUE.values() if entry[1] is oracle)
    cloud = point(np.random.default_rng(8), 300)
    values = phi.pairing(np.broadcast_to(z, cloud.shape), cloud) - phi.potential(cloud)
    assert (values <= top + 256 * EPS * max(1.0, abs(top))).all()
    near = x + 2.0**-14 * h
    gap = top - (phi.pairing(z, near) - phi.potential(near))
    assert math.isclose(gap, 2.0**-29 * phi.pairing(phi.hessian_apply(x, h), h), rel_tol=0.05)


def divergence_is_its_definition(phi, oracle, x, y, h):
    wanted = definition(oracle, y, x)
    assert wanted > 0
    assert abs(phi.divergence(y, x) - wanted) <= 200 * EPS * abs(wanted)
    assert phi.divergence(x, x) == pytest.approx(0, abs=64 * EPS)


def divergence_keeps_its_digits(phi, oracle, x, y, h):
    """Relative error a few units in the last place, however near the points are."""
    if type(phi.geometry).__name__ == "Given":
        return  # there is only the definition
    for size in (2.0**-4, 1e-3, 1e-6, 1e-9, 1e-12):
        near = x + size * h
        wanted = definition(oracle, near, x)
        assert abs(phi.divergence(near, x) - wanted) <= 48 * EPS * abs(wanted), size


def divergences_are_dual(phi, oracle, x, y, h):
    """V_φ(y, x) = V_φ*(∇φ(x), ∇φ(y)), the right side by its definition."""
    zx, zy = phi.gradient(x), phi.gradient(y)
    dual = phi.conjugate(zx) - phi.conjugate(zy) - phi.pairing(zx - zy, y)
    close(phi.divergence(y, x), dual, 2048 * EPS)


def three_points(phi, oracle, x, y, h):
    z = (x + y) / 2
    left = phi.divergence(z, x)
    right = (phi.divergence(z, y) + phi.divergence(y, x) + phi.pairing(phi.gradient(y) - phi.gradient(x), z - y))
    close(left, right, 512 * EPS)


def batches_are_rows(phi, oracle, x, y, h):
    _, _, point, direction = next(entry for entry in CATALOGUE.values() if entry[1] is oracle)
    rng = np.random.default_rng(9)
    a, b, d = point(rng, 2, 3), point(rng, 2, 3), direction(rng, 2, 3)
    z = phi.gradient(a)
    calls = {
        "potential": (a,), "gradient": (a,), "inverse_gradient": (z,), "conjugate": (z,), "hessian_apply": (a, d),
        "hessian_solve": (a, d), "divergence": (b, a), "pairing": (z, a),
    }
    if not isinstance(phi.geometry, type(SOBOLEV.geometry)):  # the same at every point, so that it has no batch
        calls |= {"hessian": (a,), "conjugate_hessian": (z,)}
    for name, args in calls.items():
        whole = getattr(phi, name)(*args)
        for index in np.ndindex(2, 3):
            alone = getattr(phi, name)(*(arg[index] for arg in args))
            assert whole[index].shape == np.shape(alone)
            assert np.allclose(whole[index], alone, rtol=1e-13, atol=1e-13), name
    assert np.allclose(phi.divergence(b, a[0, 0]), phi.divergence(b, np.broadcast_to(a[0, 0], a.shape)), rtol=1e-13)


def single_precision_stays(phi, oracle, x, y, h):
    if type(phi.geometry).__name__ == "Given":
        return  # functions return what they return
    x, h = x.astype(np.float32), h.astype(np.float32)
    if isinstance(phi.geometry, mirror_vectors.Simplex):
        x = x / x.sum(dtype=np.float32)
    z = phi.gradient(x)
    for name, args in {"potential": (x,), "gradient": (x,), "inverse_gradient": (z,), "conjugate": (z,),
                       "hessian": (x,), "conjugate_hessian": (z,), "hessian_apply": (x, h), "hessian_solve": (x, h),
                       "divergence": (x, x), "pairing": (z, x)}.items():
        assert getattr(phi, name)(*args).dtype == np.float32, name
    close(phi.inverse_gradient(z), x, 1e-4)


def it_pickles(phi, oracle, x, y, h):
    if type(phi.geometry).__name__ == "Given":
        return  # lambdas do not
    assert np.array_equal(pickle.loads(pickle.dumps(phi)).gradient(x), phi.gradient(x))
    assert repr(pickle.loads(pickle.dumps(phi))) == repr(phi)


LAWS = (
    potential_is_that_of_the_oracle, gradient_is_the_derivative, hessian_is_the_second_derivative,
    gradients_are_inverse, hessians_are_inverse, conjugate_hessian_is_the_derivative, conjugate_is_the_supremum,
    divergence_is_its_definition, divergence_keeps_its_digits, divergences_are_dual, three_points, batches_are_rows,
    single_precision_stays, it_pickles,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
@pytest.mark.parametrize("name", CATALOGUE)
def test_law(name, law):
    law(*case(name))


def test_the_catalogue_is_complete():
    made = {name for name, function in inspect.getmembers(mirror, inspect.isfunction)
            if function.__module__ == mirror.__name__ and inspect.signature(function).return_annotation == "MirrorMap"}
    assert made == {name.split("(")[0] for name in CATALOGUE} - {"orthant", "simplex", "from_callables"} | {"entropy"}


# --- the laws can be broken ---------------------------------------------------------------------


def broken(name, method, change):
    """A map of the catalogue, one method of which returns something else."""
    phi, *rest = case(name)
    geometry = phi.geometry

    def changed(self, *args):
        return change(getattr(geometry, method)(*args))

    worse = type("Broken", (type(geometry),), {method: changed})
    fields = {field.name: getattr(geometry, field.name) for field in dataclasses.fields(geometry)}
    return mirror.MirrorMap(worse(**fields)), *rest


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "from_callables"])
@pytest.mark.parametrize(("method", "change", "law"), [
    ("potential", lambda value: value + 1e-13 * abs(value), potential_is_that_of_the_oracle),
    ("gradient", np.negative, gradient_is_the_derivative),
    ("gradient", lambda value: value * (1 + 1e-12), gradient_is_the_derivative),
    ("inverse_gradient", lambda value: value * (1 + 1e-12), gradients_are_inverse),
    ("conjugate", lambda value: value + 1e-12, conjugate_is_the_supremum),
    ("conjugate", lambda value: value - 1, conjugate_is_the_supremum),
    ("hessian", np.negative, hessian_is_the_second_derivative),
    ("hessian_apply", lambda value: value * (1 + 1e-12), hessian_is_the_second_derivative),
    ("hessian_solve", lambda value: value * (1 + 1e-12), hessians_are_inverse),
    ("conjugate_hessian", lambda value: value * (1 + 1e-11), hessians_are_inverse),
    ("conjugate_hessian", lambda value: value * (1 + 1e-4), conjugate_hessian_is_the_derivative),
    ("divergence", lambda value: value * (1 + 1e-13), divergence_is_its_definition),
    ("divergence", lambda value: value + 1e-19, divergence_keeps_its_digits),
    ("divergence", lambda value: -value, divergences_are_dual),
    ("gradient", lambda value: value.astype(np.float64), single_precision_stays),
])
def test_a_broken_map_is_noticed(name, method, change, law):
    with pytest.raises((AssertionError, ValueError)):
        law(*broken(name, method, change))


def test_a_divergence_by_its_definition_loses_its_digits():
    """What the laws ask for is not for nothing: the three terms nearly cancel."""
    phi, oracle, x, _, _ = case("burg")
    near = x * (1 + 1e-9)
    naive = phi.potential(near) - phi.potential(x) - phi.pairing(phi.gradient(x), near - x)
    wanted = float(definition(oracle, near, x))
    assert abs(naive - wanted) > 0.01 * wanted
    assert phi.divergence(near, x) == pytest.approx(wanted, rel=1e-14)
