# %% [markdown]
# # Descent in a Riemannian metric: what Appendix F says and what holds
#
# Appendix F of Bai, Rosenberg & Xu (2022) carries gradient and mirror descent over to a metric $g$. This
# derivation goes through it in the plane, with general matrices, and stops where a line fails. The loss enters
# by its gradient $p$ at $x$ and by the Hessian $H$ averaged along the segment to $y = x+v$, so that
# $f(y) = f(x) + p\cdot v + \tfrac12 v^THv$ is not a restriction to quadratic losses.

# %%
import sympy as sp
from steps import conclude, step

C, L, a, d, alpha = sp.symbols("C L a d alpha", positive=True)
b, r1, r2, r3, s1, s2, s3, tau = sp.symbols("b r1:4 s1:4 tau", real=True)
p, n, v, x, y, z, c = (sp.Matrix(sp.symbols(f"{name}1:3", real=True)) for name in "pnvxyzc")
half = sp.Rational(1, 2)
g = sp.Matrix([[a, b], [b, d]])
R, S = sp.Matrix([[r1, 0], [r2, r3]]), sp.Matrix([[s1, 0], [s2, s3]])
natural = g.inv() * p  # ∇^g f


def norm2(vector, metric=None):
    """‖vector‖² in a metric, Euclidean unless given."""
    return (vector.T * (sp.eye(2) if metric is None else metric) * vector)[0]


# %% [markdown]
# ## The two assumptions
#
# Where the averaged Hessian comes from: Taylor's formula with its integral remainder. The weight
# $2(1-\tau)$ has integral 1, so $H\le L$ if $\nabla^2 f\le L$ along the segment; this is (46). It needs the
# segment to lie in $Q$, and nothing else of $f$: convexity is not used.

# %%
step("The weight of the average.", sp.Integral(2 * (1 - tau), (tau, 0, 1)), sp.Integer(1))

# %%
f = sp.Function("f")
at, end = sp.symbols("x y", real=True)
step("Taylor's formula for one variable: in $y$ both sides have the same second derivative, and they agree to first "
     "order at $y=x$.", sp.diff(f(end) - f(at) - sp.Subs(f(tau).diff(tau), tau, at) * (end - at), end, 2),
     f(end).diff(end, 2))

# %% [markdown]
# $H\le L$ is written $H = L - RR^T$, and (49), $C g\ge1$, is written $C g = 1 + SS^T$.

# %%
H = L * sp.eye(2) - R * R.T
compatible = (sp.eye(2) + S * S.T) / C
slack = norm2(R.T * v) / 2
change = p.dot(v) + norm2(v, H) / 2
step("(46): the quadratic bound exceeds $f(y)-f(x)$ by $\\tfrac12|R^Tv|^2$.",
     p.dot(v) + L / 2 * norm2(v) - change, slack)

# %%
conclude("bai2022.eq46", p.dot(v) + L / 2 * norm2(v), of=change)

# %%
step("(49): $C\\|v\\|_g^2 - |v|^2 = |S^Tv|^2$.", C * norm2(v, compatible) - norm2(v), norm2(S.T * v))

# %%
conclude("bai2022.eq49", C * norm2(v, g), of=norm2(v))

# %% [markdown]
# The smallest $C$ is the largest $1/\lambda_{\min}(g(x))$. For the hyperbolic metric, $1/y^2$ times the
# identity, that is $\sup y^2$: infinite on the half-space, $A^2$ up to the height $A$. For a metric on a bounded
# open set it may be infinite too: $x^2$ on $(0,1)$.

# %%
w = sp.Symbol("w", positive=True)
step("At $x=1/(1+C)$ the two sides of (49) for the metric $x^2$ differ by a positive number, for every $C$.",
     w**2 - C * w**2 / (1 + C) ** 2, (1 + C + C**2) * w**2 / (1 + C) ** 2)

# %%
conclude("sobolev.bounded-not-compatible", C * w**2 / (1 + C) ** 2, of=w**2)

# %% [markdown]
# ## (47), (50) and the slip in the first line
#
# $\langle\nabla^g f, v\rangle_g = p\cdot v$ in every metric; with the Euclidean gradient in the inner product of $g$,
# as the first line of (50) has it, it is not so.

# %%
step("(47).", (natural.T * g * v)[0], p.dot(v))

# %%
conclude("bai2022.eq47", p.dot(v))

# %%
conclude("bai2022.eq50.line1", change, refutes=True)

# %%
spare = L / 2 * norm2(S.T * v)
step("(50), second line: by (46), (47) and (49) the difference is $\\tfrac12|R^Tv|^2 + \\tfrac L2|S^Tv|^2$.",
     p.dot(v) + C * L / 2 * norm2(v, compatible) - change, slack + spare)

# %% [markdown]
# ## Lemma 13
#
# The derivative of the model. The third line of the printed proof is this one; the fourth has $CL$ for
# $\tfrac{CL}2$, and so has the next display on its left; the conclusion is right again.

# %%
model = p.dot(y - x) + C * L / 2 * norm2(y - x, g)
row = (g * (y - x))[0]
derivative = p[0] + C * L * row
step("The derivative by $y^1$.", sp.Derivative(model, y[0]), derivative)

# %%
conclude("bai2022.lemma13.line3", derivative)

# %%
conclude("bai2022.lemma13.line4", derivative, refutes=True)

# %%
contracted = natural + C * L * (y - x)
step("Contracted with $g^{-1}$.", g.inv() * (p + C * L * g * (y - x)), contracted)

# %%
conclude("sobolev.lemma13-components", contracted[0])

# %%
conclude("bai2022.lemma13.components", (g.inv() * (p + 2 * C * L * g * (y - x)))[0], refutes=True)

# %% [markdown]
# A zero of the derivative is a minimum because $g$ is positive definite; completing the square shows it, and
# gives the value.

# %%
prog = norm2(natural, g) / (2 * C * L)
step("Completing the square.", model, C * L / 2 * norm2(y - x + natural / (C * L), g) - prog)

# %%
conclude("bai2022.lemma13.prog", prog)

# %% [markdown]
# On $Q=\mathbb R^n$ that is all. On an open $Q$ there may be no minimiser: with $f(y)=y$ on $(0,\infty)$, at
# $x=\tfrac12$ and $C=L=g=1$, the model decreases all the way to the missing point 0.

# %%
u = sp.Symbol("u", positive=True)
half_line = (u - half) + (u - half) ** 2 / 2
step("From $u$ to $u/2$ the model falls by $\\tfrac38u^2+\\tfrac14u$.",
     half_line - half_line.subs(u, u / 2), sp.Rational(3, 8) * u**2 + u / 4)

# %%
conclude("bai2022.definition12", half_line, refutes=True)

# %% [markdown]
# ## Corollary 14 and the proof of Lemma 16
#
# Put $v = -\nabla^gf/(CL)$ into (50). Writing $p = -CLgv$ for that step, the decrease is

# %%
decrease = -(change.subs(dict(zip(p, -C * L * compatible * v, strict=True)), simultaneous=True))
step("Corollary 14: what the step gains over $\\tfrac{CL}2\\|v\\|_g^2 = \\|\\nabla^gf\\|_g^2/(2CL)$.",
     decrease - C * L / 2 * norm2(v, compatible), slack + spare)

# %% [markdown]
# The proof of Lemma 16 quotes it without the 2. For $f=\tfrac12|x|^2$ and $g=1$ the decrease is exactly one half
# of what is quoted.

# %%
taken = -n / (C * L)  # n = ∇^g f, p = g n
conclude("bai2022.lemma16.step2", -(g * n).dot(taken) - norm2(taken, H) / 2, refutes=True)

# %% [markdown]
# With $D_k = f(x_k)-f^*$ and $K=2LCR^2$: convexity and Cauchy–Schwarz give $D_k\le R\,\|\nabla^gf\|_g$, with all
# norms at $x_k$, and Corollary 14 gives $D_k^2\le K(D_k-D_{k+1})$.

# %%
D, K, E = sp.symbols("D K E", positive=True)
step("Cauchy–Schwarz: the difference is $\\det g$ times a square.",
     norm2(natural, g) * norm2(v, g) - p.dot(v) ** 2, (a * d - b**2) * (natural[0] * v[1] - natural[1] * v[0]) ** 2)

# %%
step("Dividing by $D_kD_{k+1}$, if that is not 0.", D * E * (1 / E - 1 / D), D - E)

# %%
step("The largest $D_{k+1}$ that is allowed is $D-D^2/K$; its inverse exceeds $1/D$ by more than $1/K$.",
     1 / (D - D**2 / K) - 1 / D - 1 / K, D / (K * (K - D)))

# %% [markdown]
# So $1/D_T\ge 1/D_0+T/K$ and $D_T\le K/T$. If some $D_k$ is 0, there is nothing to divide by and nothing left to
# prove. The start gives a little more: $D_0\le\tfrac{CL}2\|x_0-x^*\|^2\le K/4$, by (46) at $x^*$ and (49). Then
# $D_k\le K/(k+4)$ for every $k$.

# %%
k = sp.Symbol("k", integer=True, nonnegative=True)
bound = K / (k + 4)
step("The step of the induction.", K / (k + 5) - (bound - bound**2 / K), K / ((k + 4) ** 2 * (k + 5)))

# %%
conclude("sobolev.descent-rate", K / (k + 5))

# %% [markdown]
# The norm in $R$ has to be taken at $x$, not at $x^*$. For $f=\tfrac12x^2$ and $g = 1+kx^2$ a step lowers $x^2$ by no
# more than $2/k$: with a large $k$ nothing moves, while $\|x-x^*\|$ measured at $x^*=0$ knows nothing of $k$.

# %%
kappa = sp.Symbol("k", positive=True)
moved = u - u / (1 + kappa * u**2)
step("The step is short.", moved**2 - u**2 + 2 / kappa, (2 + 3 * kappa * u**2) / (kappa * (1 + kappa * u**2) ** 2))

# %%
conclude("sobolev.slow-steps", u**2 - 2 / kappa, of=moved**2)

# %%
T = sp.Symbol("T", integer=True, positive=True)
conclude("bai2022.lemma16.radius", (u**2 - 2 * T / kappa) / 2, refutes=True)

# %% [markdown]
# ## Mirror descent in the dual variable
#
# For any $f$ and $H$, with $h=H'$: the chain rule turns the natural gradient of $F=f\circ h$ into $f'(h)$, and that
# is the mirror step. So (52) is right, read as the gradient of the composition at $z_k$. In one variable:

# %%
Hf, fz, zeta = sp.Function("H"), sp.Function("f"), sp.Symbol("zeta", real=True)
slope_h = Hf(zeta).diff(zeta, 2)
F = fz(Hf(zeta).diff(zeta))
outer = sp.Subs(fz(tau).diff(tau), tau, Hf(zeta).diff(zeta))
step("$\\nabla_zF = H''\\,f'(h)$.", sp.diff(F, zeta), slope_h * outer)

# %% [markdown]
# What (52) does not say: $z_{k+1}$ has to lie in $\Phi=\nabla w(Q)$, and Corollary 14 needs $\Phi=\mathbb R^n$, or at
# least the segment inside it. Lemma 16 needs $F$ convex, and the second derivative of $F$ has a term of any sign.

# %%
curve = sp.Subs(fz(tau).diff(tau, 2), tau, Hf(zeta).diff(zeta))
step("$F'' = f''(h)h'^2+f'(h)h''$.", sp.diff(F, zeta, 2), curve * slope_h**2 + outer * Hf(zeta).diff(zeta, 3))

# %%
epsilon, dual = sp.Symbol("epsilon", positive=True), sp.Symbol("z", real=True)
h = sp.tanh(dual) + epsilon * dual
conclude("sobolev.dual-convexity",
         (1 - sp.tanh(dual) ** 2 + epsilon) ** 2 - 2 * h * sp.tanh(dual) * (1 - sp.tanh(dual) ** 2),
         of=sp.Derivative(h**2 / 2, (dual, 2)))

# %% [markdown]
# With $H=\log\cosh z+\varepsilon z^2/2$ and $f=\tfrac12x^2$ everything asked for holds: $L=(1+\varepsilon)^2$,
# $C=1/\varepsilon$, $\Phi=\mathbb R$. But $F$ is not convex,

# %%
conclude("bai2022.eq54.convex", (h**2 / 2).subs(dual, 2), refutes=True)

# %% [markdown]
# and its flat part keeps the run far from the minimum for longer than the rate allows. A step moves $z$ by
# $\varepsilon h(z)/L$ at most.

# %%
reached = dual - T * epsilon * h / (1 + epsilon) ** 2
conclude("bai2022.eq54.rate", (h**2 / 2).subs(dual, reached), refutes=True)

# %% [markdown]
# What holds without convexity of $F$, if $f$ and $\alpha w-f$ are convex: by the three-point identity a step satisfies
# $f(x^+)-f(y)\le\alpha\,(V_x(y)-V_{x^+}(y))$. Here $x=0$, $x^+=v$, $f''=RR^T$, $\alpha w''=RR^T+SS^T$.

# %%
A = R * R.T
step("The difference is $\\tfrac12|S^Tv|^2+\\tfrac12|R^Ty|^2$.",
     (norm2(y, A + S * S.T) - norm2(y - v, A + S * S.T)) / 2 + ((A + S * S.T) * v).dot(v - y)
     - (norm2(v, A) - norm2(y, A)) / 2, norm2(S.T * v) / 2 + norm2(R.T * y) / 2)

# %% [markdown]
# ## The potentials $w^a$ and Proposition 17

# %%
potential = norm2(x, g) / 2
divergence = norm2(y, g) / 2 - potential - sum(sp.diff(potential, x[i]) * (y - x)[i] for i in range(2))
step("The Bregman divergence of $w^a$.", divergence, norm2(x - y, g) / 2)

# %%
conclude("bai2022.bregman.line6", norm2(x - y, g) / 2)

# %% [markdown]
# The second line of the printed chain differentiates $\|x\|$ for $\|x\|^2$.

# %%
conclude("bai2022.bregman.line2", divergence, refutes=True)

# %%
shifted = norm2(c - x, g) / 2
step("A center changes nothing: the $x$ in the potential of Proposition 17 may be any point.",
     norm2(c - y, g) / 2 - shifted - sum(sp.diff(shifted, x[i]) * (y - x)[i] for i in range(2)),
     norm2(x - y, g) / 2)

# %%
conclude("bai2022.prop17.center", norm2(x - y, g) / 2)

# %%
objective = p.dot(y - x) + alpha / 2 * norm2(x - y, g)
step("(56): completing the square once more.",
     objective, alpha / 2 * norm2(y - x + natural / alpha, g) - norm2(natural, g) / (2 * alpha))

# %% [markdown]
# So far $g$ is one matrix. $b$ in the remark before (55) must be the point to which the gradient belongs,

# %%
conclude("bai2022.eq55.base-point", p.dot(v), refutes=True)

# %% [markdown]
# and (55) puts $g(x_k)$ for the $g(a)$ of the potential, which is another step:

# %%
position, base, slope = sp.symbols("x a p", real=True)
conclude("bai2022.eq55", position - slope / (alpha * (1 + base**2)), refutes=True)

# %% [markdown]
# Proposition 17 is true step by step, with a new potential in every step. One potential gives the steps of natural
# gradient descent only if $g$ is constant. Its steps are $h(\nabla w(x)-p/\alpha)$, those of the natural gradient are
# affine in $p$. If they agree for all $p$, then $h''=0$:

# %%
zeta0, q = sp.symbols("zeta q", real=True)
hf = sp.Function("h")
step("The second derivative in $p$ of the mirror step.",
     sp.diff(hf(zeta0 - q / alpha), q, 2),
     sp.Subs(hf(tau).diff(tau, 2), tau, zeta0 - q / alpha) / alpha**2)

# %% [markdown]
# so $w$ is quadratic and $g=\nabla^2w$ constant. Last, the conjugate: the source pairs $x$ and $z$ by $g(a)$ in its
# final remark, and by the dot product in (53). These are two functions.

# %%
step("Paired by $g(a)$: $H_a=\\tfrac12\\|z\\|_g^2$.",
     (x.T * g * z)[0] - potential, norm2(z, g) / 2 - norm2(x - z, g) / 2)

# %%
step("Paired by the dot product: $\\tfrac12z^Tg^{-1}z$, the one that (52) and (54) need.",
     x.dot(z) - potential, norm2(z, g.inv()) / 2 - norm2(x - g.inv() * z, g) / 2)
