# %% [markdown]
# # Mirror maps: taking the step somewhere else
#
# A mirror map is the gradient of a strictly convex potential $\varphi$. It carries a point $x$ to a dual point $z
# = \nabla\varphi(x)$, and a mirror step moves that one, $z^+ = z - \eta g$. So we need four things of a potential:
# its gradient, the inverse of that, the conjugate $\varphi^*$ whose gradient the inverse is, and the divergence
# $V(y,x) = \varphi(y) - \varphi(x) - \langle\nabla\varphi(x), y-x\rangle$ by which a step is penalised. The
# entropy shows how they come about.

# %%
import sympy as sp
from steps import conclude, step

x, y, eta, total = sp.symbols("x y eta s", positive=True)
z, g, S = sp.symbols("z g S", real=True)
r = sp.Symbol("r", positive=True)
v, m = sp.symbols("v m", positive=True)
below = sp.Symbol("z", negative=True)
u = sp.Symbol("u", real=True)

entropy, burg = x * sp.log(x), -sp.log(x)
step("The gradient of the entropy.", sp.Derivative(entropy, x), sp.log(x) + 1)

# %%
conclude("sobolev.mirror-entropy-gradient", sp.log(x) + 1)

# %%
inverse = sp.exp(z - 1)
step("Solve $1 + \\log x = z$.", (sp.log(x) + 1).subs(x, inverse), z)

# %%
conclude("sobolev.mirror-entropy-inverse", z)

# %%
step("The supremum of $zx - \\varphi(x)$ is where the gradient is $z$.",
     z * inverse - entropy.subs(x, inverse), inverse)

# %%
conclude("sobolev.mirror-entropy-conjugate", z * inverse - entropy.subs(x, inverse), of=inverse)

# %%
step("The conjugate's gradient is the inverse of the gradient.", sp.Derivative(inverse, z), inverse)

# %%
step("Hence the Hessians are inverse to each other.",
     sp.Derivative(inverse, (z, 2)).doit().subs(z, sp.log(x) + 1) * sp.Derivative(entropy, (x, 2)), sp.Integer(1))

# %% [markdown]
# On the simplex the potential is the same and $x$ is confined to $\sum x = 1$. Now the conjugate couples the
# coordinates, and its gradient is the softmax; what a gradient has in common in all coordinates does not matter.

# %%
c = sp.Symbol("c", nonnegative=True)
softmax = sp.exp(z) / (sp.exp(z) + c)
step("The gradient of log-sum-exp, $c$ being the other terms.", sp.Derivative(sp.log(sp.exp(z) + c), z), softmax)

# %%
conclude("sobolev.mirror-simplex-inverse", softmax)

# %%
step("The curvature is $p - p^2$.", sp.Derivative(softmax, z), softmax - softmax**2)

# %% [markdown]
# ## Divergences that keep their digits
#
# Near $y = x$ the three terms of a divergence cancel almost entirely. With $s = x+y$ and $r = (y-x)/(x+y)$ the
# points are $x = s(1-r)/2$ and $y = s(1+r)/2$, and $\log(y/x) = 2\,\mathrm{artanh}\,r = 2(r + r^3S)$, where $S =
# \frac13 + \frac{r^2}5 + \frac{r^4}7 + \cdots$ has only positive terms. The cancellation can then be carried out
# by hand.

# %%
step("The divergence of the entropy.",
     entropy.subs(x, y) - entropy - (sp.log(x) + 1) * (y - x), y * sp.log(y / x) - y + x)

# %%
conclude("sobolev.mirror-bregman-entropy", y * sp.log(y / x) - y + x)

# %%
near, far = total * (1 - r) / 2, total * (1 + r) / 2
logarithm = 2 * (r + r**3 * S)
step("In $s$, $r$ and $S$.", far * logarithm - far + near, total * r**2 * (1 + (1 + r) * r * S))

# %%
ratio = (y - x) / (y + x)
artanh = (sp.log(y / x) / 2 - ratio) / ratio**3
conclude("sobolev.mirror-bregman-entropy-near", (y - x) ** 2 / (x + y) * (1 + (1 + ratio) * ratio * artanh))

# %%
step("The divergence of the log barrier.", burg.subs(x, y) - burg + (y - x) / x, y / x - 1 - sp.log(y / x))

# %%
conclude("sobolev.mirror-bregman-burg", y / x - 1 - sp.log(y / x))

# %%
step("The same in $s$, $r$ and $S$.", far / near - 1 - logarithm, 2 * r**2 * (1 - (1 - r) * r * S) / (1 - r))

# %%
conclude("sobolev.mirror-bregman-burg-near",
         (y - x) ** 2 / (x * (x + y)) * (1 - (1 - ratio) * ratio * artanh))

# %% [markdown]
# With $y/x = 1+t$ that is a function of $t$ alone. The divergence of $-\log\det$ is the sum of it over the
# eigenvalues $t$ of $L^{-1}(Y-X)L^{-T}$, $X = LL^T$, because $\mathrm{tr}\,X^{-1}Y - n = \sum t$ and $\log\det
# X^{-1}Y = \sum\log(1+t)$.
#
# ## Gaussians
#
# The log-partition of an exponential family is a potential on natural parameters; its gradient is the mean.

# %%
theta1, theta2 = sp.Symbol("theta1", real=True), sp.Symbol("theta2", negative=True)
partition = -(theta1**2) / (4 * theta2) - sp.log(-2 * theta2) / 2 + sp.log(2 * sp.pi) / 2
at = {theta1: m / v, theta2: -1 / (2 * v)}
step("The mean.", sp.diff(partition, theta1).subs(at), m)

# %%
conclude("sobolev.mirror-gaussian-mean", m)

# %%
step("The mean square.", sp.diff(partition, theta2).subs(at), m**2 + v)

# %%
conclude("sobolev.mirror-gaussian-second-moment", m**2 + v)

# %% [markdown]
# ## Mirror descent is natural gradient, in the dual variable
#
# Let $X(z) = \nabla\varphi^*(z)$. By the chain rule the gradient of $f(X(z))$ in $z$ is $X'(z)\,\nabla f$, and
# $X' = \nabla^2\varphi^*$ is just the metric that the natural gradient divides by.

# %%
f, X = sp.Function("f"), sp.Function("X")
step("The metric cancels.", sp.Derivative(f(X(z)), z) / sp.Derivative(X(z), z),
     sp.Subs(sp.Derivative(f(u), u), u, X(z)))

# %% [markdown]
# So $z - \eta\,[\nabla^2\varphi^*(z)]^{-1}\nabla_z f(\nabla\varphi^*(z)) = \nabla\varphi(x) - \eta\nabla f(x)$:
# the two are one step, for any step size, as long as the right side is the gradient of some point. For the
# entropy:

# %%
e, k, j = sp.symbols("e f g", real=True)
loss = e * u + k * u**2 + j * u**3
step("A cubic loss.",
     z - eta * sp.Derivative(loss.subs(u, inverse), z) / inverse, z - eta * sp.diff(loss, u).subs(u, inverse))

# %%
conclude("sobolev.mirror-natural-gradient-entropy", z - eta * sp.diff(loss, u).subs(u, inverse))

# %% [markdown]
# In $x$ the metric is $\nabla^2\varphi$, and there the equality holds only to first order. Differentiate
# $\varphi'(x(\eta)) = \varphi'(x) - \eta g$ twice by $\eta$: $\varphi''x' = -g$, and $\varphi'''x'^2 +
# \varphi''x'' = 0$.

# %%
second, third = sp.symbols("phi2 phi3", positive=True)
first_order = -g / second
step("The second derivative of the mirror step in the step size.",
     -third * first_order**2 / second, -(g**2) * third / second**3)

# %%
mirror_step = inverse.subs(z, sp.log(x) + 1 - eta * g)
step("The mirror step of the entropy multiplies.", mirror_step, x * sp.exp(-eta * g))

# %%
conclude("sobolev.mirror-step-is-not-natural", mirror_step, refutes=True)

# %%
step("For the entropy $-\\varphi'''/\\varphi''^3 = x$.",
     -(g**2) * sp.Derivative(entropy, (x, 3)) / sp.Derivative(entropy, (x, 2)) ** 3, g**2 * x)

# %%
conclude("sobolev.mirror-step-second-order-entropy", g**2 * x)

# %% [markdown]
# Where the gradient does not reach everything, the dual step may lead out. For the log barrier
# $z^+ = -1/x - \eta g$ has to be negative; then the step is:

# %%
step("The mirror step of the log barrier.", (-1 / below).subs(below, -1 / x - eta * g), x / (1 + eta * g * x))
