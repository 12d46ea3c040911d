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
# # A formula, a misprint, a table and a kernel
#
# This notebook does what the library is for: it checks a printed formula, checks two formulas of our own (one is
# right), prints a table for a paper, and computes with the kernel. Open it with `jupytext --to notebook
# tutorial.py`, or directly in JupyterLab with the jupytext extension.

# %%
import numpy as np
import sympy as sp

import sobolevkernels as sk

# %% [markdown]
# ## A printed formula
#
# Lemma 9 of Bai, Rosenberg & Xu (2022) gives the kernel on the line in closed form. The catalogue holds it as a
# record; a record shows its statement, its source and what is claimed of it.

# %%
lemma = sk.identities["bai2022.lemma9"]
lemma

# %% [markdown]
# `verify` recomputes the claim. The numbers come first: thirty digits of both sides, the left one from its
# definition. Then the proof runs, and must leave exactly zero.

# %%
verdict = sk.verify(lemma)
assert verdict.status == lemma.claim
verdict

# %% [markdown]
# The constant in (38) of the same paper is another matter. Its record claims that it is wrong, and it is: the
# verdict names a point and the two numbers there.

# %%
misprint = sk.identities["bai2022.eq38.simplified"]
misprint

# %%
verdict = sk.verify(misprint)
assert verdict.status == "refuted"
assert not verdict
verdict

# %% [markdown]
# ## A formula of our own
#
# On the line, say we have found, for the weight $(1+\xi^2)^3$, the kernel
# $d(r) = \frac{1}{\pi}\int_0^\infty \frac{\cos(r\xi)}{(1+\xi^2)^3}\, d\xi = \frac{3 + 3r + r^2}{16}\, e^{-r}$.
# We type both sides as they stand and say where they should hold.

# %%
r, xi = sp.symbols("r xi")
definition = sp.Integral(sp.cos(r * xi) / (1 + xi**2) ** 3, (xi, 0, sp.oo)) / sp.pi
formula = (3 + 3 * r + r**2) / 16 * sp.exp(-r)

right = sk.verify(definition, formula, where=[r > 0])
assert right.status == "checked"
right

# %% [markdown]
# It is *checked*: evidence, not a proof. Had we remembered a $2$ before the $r^2$, the answer would have been this:

# %%
wrong = sk.verify(definition, formula + r**2 / 16 * sp.exp(-r), where=[r > 0])
assert wrong.status == "refuted"
wrong

# %%
print(wrong.witness)

# %% [markdown]
# ## A table for a paper
#
# A table shows itself here, and prints itself as LaTeX, Markdown or CSV. The entries are exact.

# %%
constants = sk.table("constants", dims=range(1, 7))
constants

# %%
print(constants.to_latex())

# %% [markdown]
# ## The kernel in numbers
#
# The same formula, as a function of arrays: $H^3$ of the line.

# %%
kernel = sk.SobolevKernel(dim=1, order=3)
kernel

# %%
distances = np.array([0.0, 0.1, 1.0, 5.0])
kernel.radial(distances)

# %% [markdown]
# It agrees with the formula that we verified, to the last digits of double precision; and `evaluate` gives as many
# digits as you like.

# %%
ours = sp.lambdify(r, formula)
assert np.allclose(kernel.radial(distances), ours(distances), rtol=1e-14, atol=0)
kernel.evaluate(1, digits=40)

# %% [markdown]
# A kernel interpolates. Twenty values of a function on the square, and its smoothest interpolant in $H^2$ of the
# plane, where the kernel is a Bessel function:

# %%
rng = np.random.default_rng(0)
plane = sk.SobolevKernel(dim=2, order=2)
points = rng.uniform(-1, 1, size=(20, 2))
values = np.sin(3 * points[:, 0]) * points[:, 1]
weights = np.linalg.solve(plane(points), values)
assert np.allclose(plane(points, points) @ weights, values)
print("squared norm of the interpolant:", float(weights @ values))
