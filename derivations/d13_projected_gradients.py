# %% [markdown]
# # Projected gradients: what Sections 2 to 5 of bai2022 say and what holds
#
# A model $\phi$ maps parameters to functions, a loss $F$ is defined on functions, and $\tilde F = F\circ\phi$ is
# descended. This derivation goes from the chain rule to the projection, the kernels, the two tensors that the
# parameters put on the tangent space, and to volumes, and stops where a line of the source fails.

# %%
import sympy as sp
from steps import conclude, step

half = sp.Rational(1, 2)
b11, b21, b22, n1, n2, n3, t, x, y = sp.symbols("b11 b21 b22 n1 n2 n3 t x y", real=True)

# %% [markdown]
# ## The chain rule
#
# Sums of products of functions of one variable are dense, with their derivatives, in smooth functions of several. So
# let $\phi = (p(\theta)q(\tau), r(\theta)s(\tau))$ and $F = f(u)h(v)$, with nothing known of the six functions.

# %%
f, h, p, q, r, s = (sp.Function(name) for name in "fhpqrs")
tau, theta = sp.symbols("tau theta", real=True)
u_of, v_of = p(theta) * q(tau), r(theta) * s(tau)
slope_u = sp.Subs(f(t).diff(t), t, u_of) * h(v_of)
slope_v = f(u_of) * sp.Subs(h(t).diff(t), t, v_of)
step("(28): $\\partial\\tilde F/\\partial\\theta = dF(\\partial\\phi/\\partial\\theta)$.",
     sp.Derivative(f(u_of) * h(v_of), theta), slope_u * u_of.diff(theta) + slope_v * v_of.diff(theta))

# %% [markdown]
# ## The projection
#
# Take an orthonormal basis of the span of $b_1, b_2$ and $n = \nabla F$, its first vector along $b_1$ and its first two
# in the tangent plane: $b_1 = (b_{11}, 0, 0)$, $b_2 = (b_{21}, b_{22}, 0)$. Injectivity of $d\phi$ says
# $b_{11}b_{22}\ne0$.

# %%
B = sp.Matrix([[b11, b21], [0, b22], [0, 0]])
n = sp.Matrix([n1, n2, n3])
metric = B.T * B
a1, a2 = sp.symbols("a1 a2", real=True)
distance = (n - B * sp.Matrix([a1, a2])).dot(n - B * sp.Matrix([a1, a2]))
step("The derivative of $|n - a^ib_i|^2$ by $a^1$ is 0 where $\\tilde g a = \\langle n, b\\rangle$.",
     sp.Derivative(distance, a1), 2 * (metric * sp.Matrix([a1, a2]) - B.T * n)[0])

# %%
coefficients = metric.inv() * B.T * n
step("(3): with $a = \\tilde g^{-1}\\langle n, b\\rangle$ the first two coordinates of $n$ are left.",
     B * coefficients, sp.Matrix([n1, n2, 0]))

# %% [markdown]
# So (3) is the orthogonal projection, and with (28) $d\phi(\tilde g^{-1}d\tilde F) = \tilde g^{ij}\langle\nabla F,
# b_i\rangle b_j = P\nabla F$, which is (27). The third coordinate of $\nabla F$ is lost: Lemma 1 (ii) as printed,
# $d\phi(\nabla\tilde F) = \nabla F$, holds only where $n_3=0$. In the coordinates of the record, which are orthogonal
# but not adapted:

# %%
w1, w2, w3 = sp.symbols("w1:4", positive=True)
general = sp.Matrix(3, 2, sp.symbols("b11 b12 b21 b22 b31 b32", real=True))
weights = sp.diag(w1, w2, w3)
gram = general.T * weights * general
projected = general * gram.adjugate() / gram.det() * general.T * weights * n
conclude("bai2022.lemma1.ii", projected[0], refutes=True)

# %%
step("What is lost: $|n|^2 = d\\tilde F\\cdot\\tilde g^{-1}d\\tilde F + n_3^2$.",
     n.dot(n) - (B.T * n).dot(coefficients), n3**2)

# %% [markdown]
# The flow of $\nabla F$ is another matter. For $F = \tfrac12(au^2+2buv+av^2)$ and the line $v=0$ the descent from
# $(x_0, 0)$ is $x_0e^{-at}(\cosh bt, -\sinh bt)$:

# %%
a, start, time = sp.symbols("a start time", positive=True)
b = sp.Symbol("b", real=True)
flow = [start * sp.exp(-a * time) * part for part in (sp.cosh(b * time), -sp.sinh(b * time))]
step("It solves the equation of descent.", sp.Derivative(flow[0], time), -(a * flow[0] + b * flow[1]))

# %%
conclude("sobolev.flow-leaves", sp.expand((-(a * flow[0] + b * flow[1])).rewrite(sp.exp)))

# %%
conclude("bai2022.introduction.flow", flow[0], refutes=True)

# %% [markdown]
# And an immersion need not be injective. The curve $(x^2-c^2, x(x^2-c^2))$ passes through 0 at $x=\pm c$, with the
# tangents $(\pm2c, 2c^2)$, and the gradient $(1, 0)$ has the second component $\pm4c^3/(4c^2+4c^4)$ there.

# %%
c = sp.Symbol("c", positive=True)
conclude("bai2022.eq4.diffeomorphism", 4 * c**3 / (4 * c**2 + 4 * c**4), refutes=True)

# %% [markdown]
# ## The empirical loss
#
# $\ell(f) = \sum_i L(f(x_i), y_i)$ has the differential $h\mapsto\sum_i L'(f(x_i))\,h(x_i)$. With $L$ unknown:

# %%
L = sp.Function("L")
f1, h1, f2, h2 = sp.symbols("f1 h1 f2 h2", real=True)
slope = lambda at: sp.Subs(L(t).diff(t), t, at)
step("(6), for any differentiable $L$.", sp.Subs(sp.Derivative(L(f1 + x * h1) + L(f2 + x * h2), x), x, 0),
     slope(f1) * h1 + slope(f2) * h2)

# %% [markdown]
# The proof of Lemma 4 has the sum on one side only; its derivative is that of one term:

# %%
cubic = lambda z: a * z**3 + b * z**2
names = {a: sp.Symbol("a", real=True)}
conclude("bai2022.lemma4.proof", (sp.diff(cubic(f1), f1) * h1).xreplace(names), refutes=True)

# %% [markdown]
# In $L^2$ this is not continuous in $h$: $h = e^{-4\pi C^2y^2}$ has $h(0)=1$ and a norm as small as one likes.

# %%
C = sp.Symbol("C", positive=True)
step("The squared norm.", sp.Integral(sp.exp(-8 * sp.pi * C**2 * y**2), (y, -sp.oo, sp.oo)), 1 / (2 * sp.sqrt(2) * C))

# %%
conclude("bai2022.section4.unbounded", 1 / (2 * sp.sqrt(2)))

# %% [markdown]
# In $H_s$ it is, if $s>n$, and $\langle d_x, h\rangle = h(x)$ (derivation 4) turns it into $\sum_iL'd_{x_i}$: Lemma 4.
# The projection needs $q_k = dF(b_k)$ only. By Cramer's rule for the system with the matrix $\tilde g$ and the right
# side $q$, the projected gradient is, at a point where the tangent vectors have the values $u_k$:

# %%
A, Bs = sp.symbols("a b", real=True)
cc = sp.Symbol("c", real=True)
q1, q2, u1, u2 = sp.symbols("q1 q2 u1 u2", real=True)
cramer = (u1 * (q1 * Bs - q2 * cc) + u2 * (A * q2 - cc * q1)) / (A * Bs - cc**2)
inverse = sp.Matrix([[A, cc], [cc, Bs]]).inv()
contracted = sum(inverse[k, l] * (q1, q2)[k] * (u1, u2)[l] for k in range(2) for l in range(2))
step("$\\tilde g^{kl}q_ku_l$.", contracted, cramer)

# %%
conclude("bai2022.proposition5.line2", cramer)

# %%
conclude("bai2022.proposition5.line1", cramer, refutes=True)

# %% [markdown]
# The operator of (30) for even $s$ is $(1-\Delta)^{s/2}$ with $\Delta = \sum\partial^2$. With a plus, $s=2$ and
# $X = e^{-y^2/(2\varepsilon)}$:

# %%
eps = sp.Symbol("epsilon", positive=True)
narrow = sp.exp(-(y**2) / (2 * eps))
value = sp.sqrt(sp.pi * eps) * (1 - 1 / (2 * eps))
step("$\\int X^2 + X''X = \\int X^2 - X'^2$.", sp.Integral(narrow**2 - narrow.diff(y) ** 2, (y, -sp.oo, sp.oo)), value)

# %% [markdown]
# This is negative for $\varepsilon<\tfrac12$.

# %%
conclude("bai2022.section4.laplacian", value, refutes=True)

# %% [markdown]
# ## The tangent kernel
#
# In the adapted basis $S = \sum\langle\cdot, b_i\rangle b_i$ is $BB^T$, $P$ is $\mathrm{diag}(1,1,0)$ and

# %%
S = B * B.T
step("$S$ sees the tangent plane only.", S * sp.diag(1, 1, 0), S)

# %%
step("Its square is $B\\tilde gB^T$: a projection iff $\\tilde g=1$.", S * S, B * metric * B.T)

# %% [markdown]
# The mixed metric of the source is $(B^T)^{-1}B^{-1}$ in the plane and 1 across. The gradient of $\ell$ in it, which
# is its inverse times $d\ell = n$, has the tangential part $Sn$:

# %%
plane = B[:2, :]
mixed = sp.diag(plane.T.inv() * plane.inv(), 1)
step("$S\\nabla\\ell$ and the normal part of $\\nabla\\ell$.", mixed.inv() * n, S * n + sp.Matrix([0, 0, n3]))

# %% [markdown]
# So not $S$ becomes a projection, but $S\nabla\ell$ the projection of another gradient. Lemma 6 in the same basis: on
# two points of which the $b_i$ have the values `plane`, the kernel is `plane * plane.T`, and $b = Kc$ for
# $c = (\text{plane}^T)^{-1}$.

# %%
kernel = plane * plane.T
step("(29).", kernel * plane.T.inv(), plane)

# %%
step("Lemma 6: the Gram matrix of the $b_i$ is $c^TKc=1$.", plane.inv() * kernel * plane.T.inv(), sp.eye(2))

# %% [markdown]
# ## Which tensor scales how
#
# $\phi_*g_E$ is a metric, $X\mapsto|\,d\phi^{-1}X|^2$. In the coordinates $y=2x$ the differential is $B/2$, and the
# preimage of a vector twice as long:

# %%
xi1, xi2, eta1, eta2 = sp.symbols("xi1 xi2 eta1 eta2", real=True)
xi, eta = sp.Matrix([xi1, xi2]), sp.Matrix([eta1, eta2])
step("The metric is multiplied by 4.", ((plane / 2).inv() * plane * xi).dot((plane / 2).inv() * plane * eta),
     4 * xi.dot(eta))

# %%
conclude("bai2022.section5.scaling", 4 * xi.dot(eta), refutes=True)

# %%
step("The kernel is divided by 4.", (plane / 2) * (plane / 2).T, kernel / 4)

# %% [markdown]
# They are inverse to each other. The metric exists if $\phi$ is an embedding: on the circle $e^{i(2x+c\sin x)}$ the
# parameters 0 and $\pi$ give the unit tangent at 1 the squared lengths $(2\pm c)^{-2}$.

# %%
conclude("bai2022.section5.exists", 1 / (2 + cc) ** 2, refutes=True)

# %% [markdown]
# ## Flatness
#
# $(x+x^2)^2 < e^2$ is $-e < x+x^2 < e$. Around 0 that is the interval between

# %%
e = sp.Symbol("e", positive=True)
right, left = (sp.sqrt(1 + 4 * e) - 1) / 2, (sp.sqrt(1 - 4 * e) - 1) / 2
step("the root of $x+x^2=e$", right + right**2, e)

# %%
step("and the one of $x+x^2=-e$.", left + left**2, -e)

# %% [markdown]
# Definition 7 leaves out the minimum, so that there are two maximal sets, of different lengths; with the minimum there
# is one.

# %%
conclude("bai2022.definition7", right, refutes=True)

# %%
conclude("sobolev.flatness", (sp.sqrt(1 + 4 * e) - sp.sqrt(1 - 4 * e)) / 2)

# %% [markdown]
# Its volume is that of the component in any other chart: a diffeomorphism maps components to components, and

# %%
turn = sp.Matrix(2, 2, sp.symbols("a11 a12 a21 a22", real=True))
positive = sp.symbols("a d", positive=True)
some = sp.Matrix([[positive[0], b], [b, positive[1]]])
step("$\\det\\alpha^*g = (\\det d\\alpha)^2\\det g$, whatever the orientation.", (turn.T * some * turn).det(),
     turn.det() ** 2 * some.det())

# %%
conclude("sobolev.volume-density", turn.det() ** 2 * some.det())

# %% [markdown]
# Last, the volume of $S$ is that of $\phi(S)$ only if $\phi$ is injective on $S$: an arc of angle $u$ of the circle of
# radius $a$ has the length $au$, its image at most $2\pi a$.

# %%
u = sp.Symbol("u", positive=True)
conclude("bai2022.definition7.image", positive[0] * u, refutes=True)
