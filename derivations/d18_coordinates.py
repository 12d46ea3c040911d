# %% [markdown]
# # What does not depend on the coordinates of the parameters
#
# A model $v = A(\theta)$, a loss $\mathcal L(v)$, and other coordinates $\theta = \varphi(\eta)$. Which flows, and
# which steps, move $v$ in the same way whether they are written in $\theta$ or in $\eta$?
#
# ## The chain rule
#
# With unknown functions and one parameter: the Jacobian and the gradient take one factor $\varphi'$, the Gram matrix
# two.

# %%
import sympy as sp
from steps import conclude, step

eta, theta, s, k, m = sp.symbols("eta theta s k m", real=True)
A, ell, phi, f1, f2 = (sp.Function(name) for name in ("A", "ell", "phi", "f1", "f2"))
slope = phi(eta).diff(eta)
at = lambda expr: sp.Subs(expr, theta, phi(eta))
step("$J_\\eta = J\\,\\varphi'$.", sp.Derivative(A(phi(eta)), eta), at(A(theta).diff(theta)) * slope)

# %%
loss_slope = at(ell(A(theta)).diff(theta))
step("$\\nabla_\\eta\\mathcal L = \\varphi'\\,\\nabla_\\theta\\mathcal L$.",
     sp.Derivative(ell(A(phi(eta))), eta), loss_slope * slope)

# %%
step("Natural gradient: $\\varphi'\\dot\\eta$ is $\\dot\\theta$, because $\\varphi'\\,\\varphi'/\\varphi'^2 = 1$.",
     slope * sp.Derivative(ell(A(phi(eta))), eta) / sp.Derivative(A(phi(eta)), eta) ** 2,
     loss_slope / at(A(theta).diff(theta)) ** 2)

# %%
step("Euclidean gradient: $\\varphi'\\dot\\eta$ is $\\varphi'^2\\dot\\theta$.",
     slope * sp.Derivative(ell(A(phi(eta))), eta), loss_slope * slope**2)

# %% [markdown]
# Two parameters: a coefficient $A(\theta_1+k\theta_2)$ of the model, and
# $\varphi = (f_1(\eta_1+m\eta_2),\ f_2(\eta_1-m\eta_2))$, all three unknown. (Sums of such ridge functions
# approximate every smooth one.) The factor is the matrix $K = \partial\varphi/\partial\eta$.

# %%
one, two = sp.symbols("eta1:3", real=True)
first, second = f1(one + m * two), f2(one - m * two)
inner = sp.Subs(A(theta).diff(theta), theta, first + k * second)
coefficient = A(first + k * second)
step("The first column of $JK$.", sp.Derivative(coefficient, one),
     inner * (first.diff(one) + k * second.diff(one)))

# %%
step("The second column.", sp.Derivative(coefficient, two), inner * (first.diff(two) + k * second.diff(two)))

# %% [markdown]
# ## Natural gradient flow
#
# So at a point a flow knows only of $G = J^TJ$, of $p = J^T\nabla\mathcal L$ and, when its velocity is tested on a
# function $c$, of $q = J^Tc$. In $\eta$ they are $K^TGK$, $K^Tp$ and $K^Tq$. All are free.

# %%
a, d = sp.symbols("a d", positive=True)
b, k1, k2, k3, k4, e, h1, h2, h3, h4 = sp.symbols("b k1:5 e h1:5", real=True)
p, q, n = (sp.Matrix(sp.symbols(f"{name}1:3", real=True)) for name in "pqn")
G, K = sp.Matrix([[a, b], [b, d]]), sp.Matrix([[k1, k2], [k3, k4]])
step("$K(K^TGK)^{-1}K^T = G^{-1}$: multiplied by $G$ from the left and on $p$.",
     sp.simplify(G * K * (K.T * G * K).inv() * K.T * p), p)

# %%
conclude("sobolev.natural-flow-invariance", q.dot(G.adjugate() * p) / G.det())

# %% [markdown]
# The rate at which the loss falls is intrinsic as well.

# %%
step("$\\frac{d}{ds}\\mathcal L = p\\cdot\\dot\\theta = -p^TG^{-1}p$, for any second-order term.",
     sp.Subs(sp.Derivative(p.dot(-s * G.inv() * p) + e * s**2, s), s, 0), -p.dot(G.inv() * p))

# %% [markdown]
# ## The Euclidean flow
#
# Its velocity in $V$ is $-JJ^T\nabla\mathcal L$; in $\eta$ it is $-JKK^TJ^T\nabla\mathcal L$. For one coefficient of
# $v$ and a quadratic loss, with affine coordinates $\theta = K\eta$:

# %%
m1, m2, f = sp.symbols("m1 m2 f", real=True)
etas, thetas = sp.Matrix([one, two]), sp.Matrix(sp.symbols("theta1:3", real=True))
to_eta = dict(zip(thetas, K * etas, strict=True))
part, quadratic = m1 * thetas[0] + m2 * thetas[1] ** 2, e * thetas[0] ** 2 + f * thetas[0] * thetas[1]
in_eta = [sp.Matrix([expr.subs(to_eta, simultaneous=True).diff(x) for x in etas]) for expr in (part, quadratic)]
in_theta = [sp.Matrix([expr.diff(x) for x in thetas]).subs(to_eta, simultaneous=True) for expr in (part, quadratic)]
step("The chain rule again.", in_eta[0], K.T * in_theta[0])

# %%
velocity = (K.T * in_theta[0]).dot(K.T * in_theta[1])
conclude("sobolev.euclidean-flow-not-invariant", velocity, of=in_eta[0].dot(in_eta[1]))

# %%
conclude("sobolev.euclidean-flow-invariant", velocity, refutes=True)

# %% [markdown]
# One number. $v=\theta=k\eta$, target 1, start 0: at time 1 the Euclidean flow is at $1-e^{-k^2}$, 0.632 for $k=1$
# and 0.982 for $k=2$; the natural one is at 0.632 for every $k$.

# %%
rate, time = sp.symbols("k s", positive=True)
path = (1 - sp.exp(-(rate**2) * time)) / rate
step("$\\dot\\eta = -\\frac{d}{d\\eta}\\frac12(k\\eta-1)^2$.", path.diff(time), -rate * (rate * path - 1))

# %%
conclude("sobolev.flow-in-two-coordinates", -rate * (rate * path - 1), of=sp.Derivative(path, time))

# %% [markdown]
# ## Steps
#
# A step of natural gradient is Euler's method for a flow. In affine coordinates nothing changes.

# %%
size = sp.Symbol("s", positive=True)
conclude("sobolev.natural-step-affine-invariance", q.dot(K * etas - size * (G.adjugate() * p) / G.det()))

# %% [markdown]
# Otherwise the step is $\varphi(\eta - s\,d)$ in one system and $\varphi(\eta) - s\,\varphi'd$ in the other. Unknown
# $\varphi$:

# %%
delta = sp.Symbol("delta", real=True)
step("They agree to first order in $s$,", sp.Subs(sp.Derivative(phi(eta - s * delta), s), s, 0), -delta * slope)

# %%
step("and differ by $\\frac12s^2\\varphi''d^2$ to second order.",
     sp.Subs(sp.Derivative(phi(eta - s * delta), (s, 2)), s, 0), delta**2 * phi(eta).diff(eta, 2))

# %%
direction = sp.Matrix(sp.symbols("d1:3", real=True))
conclude("sobolev.natural-step-second-order",
         h1 * direction[0] ** 2 + 2 * h2 * direction[0] * direction[1] + h3 * direction[1] ** 2)

# %%
conclude("sobolev.natural-step-invariant", -size * k1 * direction[0] + h1 * (size * direction[0]) ** 2 / 2,
         refutes=True)

# %% [markdown]
# Levenberg and Marquardt's damping $\lambda|d\eta|^2$ is the coordinates' own: in $\theta$ it is
# $\lambda|K^{-1}d\theta|^2$.

# %%
lam = sp.Symbol("lambda", positive=True)
inside = K.T * (G + lam * (K * K.T).inv()) * K
step("The damped matrix of $\\eta$.", inside.applyfunc(sp.simplify), K.T * G * K + lam * sp.eye(2))

# %%
damped = G + lam * (K * K.T).adjugate() / K.det() ** 2
conclude("sobolev.damped-step-coordinates", q.dot(damped.adjugate() * p / damped.det()))

# %%
conclude("sobolev.damped-step-invariant", q.dot(damped.adjugate() * p / damped.det()), refutes=True)
