# %% [markdown]
# # Lemma 9 by residues
#
# In one dimension the reproducing kernel for the weight $(1+\xi^2)^A$ is
# $$d(r) = \frac{1}{2\pi}\int_{-\infty}^{\infty} \frac{e^{ir\xi}}{(1+\xi^2)^A}\,d\xi, \qquad r = |x-y|,$$
# and for an integer $A \ge 1$ it is elementary. The road taken here is that of Bai, Rosenberg & Xu (2022),
# Lemma 9: close the contour in the upper half plane and compute one residue. $A$ stays a symbol throughout.
# (The catalogue ships another proof of the same record, which uses no complex analysis.)

# %%
import sympy as sp
from steps import conclude, step

A = sp.Symbol("A", integer=True, positive=True)
k = sp.Symbol("k", integer=True, nonnegative=True)
m = sp.Symbol("m", integer=True, nonnegative=True)
j = sp.Symbol("j", integer=True, positive=True)
r, a, R = sp.symbols("r a R", positive=True)
theta = sp.Symbol("theta", real=True)
xi = sp.Symbol("xi", real=True)
z = sp.Symbol("z")
integral = sp.Integral(sp.exp(sp.I * a * xi) * (1 + xi**2) ** (-A), (xi, -sp.oo, sp.oo))

# %% [markdown]
# ## The contour
#
# As in the source, $a$ stands for $r$ until the end. From $-R$ to $R$ along the real line, then back over
# the half circle $z = Re^{i\theta}$, $0 \le \theta \le \pi$. Which half plane? The exponential decides: on
# the circle its size is $e^{-aR\sin\theta}$, at most 1 in the upper half plane exactly because $a \ge 0$.
# For $a < 0$ the lower one would be right; the source says $a\in\mathbb{R}$ here, and is saved by $a =
# |x-y|$ later.

# %%
on_circle = R * sp.exp(sp.I * theta)
step("The exponent on the half circle has the real part $-aR\\sin\\theta$.",
     sp.I * a * on_circle, -a * R * sp.sin(theta) + sp.I * a * R * sp.cos(theta))

# %% [markdown]
# The denominator grows like $R^{2A}$. So the half circle, of length $\pi R$, contributes at most
# $\pi R\,(R^2-1)^{-A} \le \pi R/(R^2-1)$ once $R^2 \ge 2$. Since $2A > 1$, Jordan's lemma is not even needed,
# and the argument includes $a = 0$, where the exponential does not help.

# %%
modulus = (1 + on_circle**2) * (1 + R**2 * sp.exp(-2 * sp.I * theta))
step("$|1+z^2|^2$ exceeds $(R^2-1)^2$ by a square, so that $|1+z^2| \\ge R^2-1$ on the circle.",
     modulus.rewrite(sp.cos).expand(), ((R**2 - 1) ** 2 + 4 * R**2 * sp.cos(theta) ** 2).expand())

# %%
step("The half circle contributes nothing in the limit.", sp.Limit(sp.pi * R / (R**2 - 1), R, sp.oo))

# %% [markdown]
# ## The pole
#
# Inside the contour the integrand has one singularity, $z = i$.

# %%
step("The denominator splits, and the pole at $z=i$ has order $A$.", 1 + z**2, (z - sp.I) * (z + sp.I))

# %% [markdown]
# What multiplies $(z-i)^{-A}$ is $g(z) = (z+i)^{-A}e^{iaz}$, analytic near $i$. The residue is its Taylor
# coefficient of order $A-1$, so
# $$\int_{-\infty}^{\infty} \frac{e^{ia\xi}}{(1+\xi^2)^A}\,d\xi
# = 2\pi i\,\frac{1}{(A-1)!}\,\frac{d^{A-1}}{dz^{A-1}}\Big|_{z=i} (z+i)^{-A} e^{iaz}.$$
# Three inductions give this derivative for symbolic $A$.
#
# ### The $k$-th derivative of $(z+i)^{-A}$


# %%
def power_derivative(k: sp.Expr) -> sp.Expr:
    """The claim: (-1)^k A(A+1)…(A+k-1) (z+i)^(-A-k)."""
    return (-1) ** k * sp.rf(A, k) * (z + sp.I) ** (-A - k)


step("It holds for $k=0$.", sp.Subs(power_derivative(k), k, 0), (z + sp.I) ** (-A))

# %%
step("If it holds for $k$, one more derivative is the claim for $k+1$.",
     sp.Derivative(power_derivative(k), z), power_derivative(k + 1))

# %% [markdown]
# ### The $k$-th derivative of $e^{iaz}$


# %%
def wave_derivative(k: sp.Expr) -> sp.Expr:
    """The claim: (ia)^k e^(iaz)."""
    return (sp.I * a) ** k * sp.exp(sp.I * a * z)


step("It holds for $k=0$.", sp.Subs(wave_derivative(k), k, 0), sp.exp(sp.I * a * z))

# %%
step("And it passes from $k$ to $k+1$.", sp.Derivative(wave_derivative(k), z), wave_derivative(k + 1))

# %% [markdown]
# ### Leibniz' rule
#
# $(uv)^{(m)} = \sum_k \binom{m}{k} u^{(k)} v^{(m-k)}$. Differentiating the sum once more produces
# $u^{(j)} v^{(m+1-j)}$ twice, from $k=j$ and from $k=j-1$; Pascal's rule adds the two coefficients.

# %%
step("Pascal's rule, for symbolic $m$ and $j$.",
     sp.binomial(m, j) + sp.binomial(m, j - 1), sp.binomial(m + 1, j))

# %% [markdown]
# Hence, with $m = A-1$, the derivative at $z=i$ is the sum over $0 \le k \le A-1$ of

# %%
leibniz_term = sp.binomial(A - 1, k) * power_derivative(k) * wave_derivative(A - 1 - k)
at_pole = (sp.binomial(A - 1, k) * (-1) ** k * sp.rf(A, k) * (2 * sp.I) ** (-A - k) * sp.exp(-a)
           * (sp.I * a) ** (A - 1 - k))
step("At the pole $z+i = 2i$ and $e^{iaz} = e^{-a}$.", sp.Subs(leibniz_term, z, sp.I), at_pole)

# %% [markdown]
# ## Cleaning up
#
# Now the printed chain, line by line. Its Leibniz line lacks the dots in the rising factorial
# $A(A+1)\cdots(A+k-1)$, which is what the refuted record is about; the next line has it right again.

# %%
prefactor = 2 * sp.pi * sp.I / sp.factorial(A - 1)


def total(coefficient: sp.Expr, term: sp.Expr) -> sp.Expr:
    """The sum over the Leibniz terms."""
    return coefficient * sp.Sum(term, (k, 0, A - 1))


line_1 = total(prefactor, at_pole)
line_2 = total(
    2 * sp.pi * sp.I * sp.exp(-a) / sp.factorial(A - 1),
    (-1) ** k * sp.factorial(A - 1) / (sp.factorial(k) * sp.factorial(A - k - 1))
    * sp.factorial(A + k - 1) / sp.factorial(A - 1) * sp.I ** (-1 - 2 * k) * 2 ** (-A - k) * a ** (A - 1 - k))
conclude("sobolev.lemma9-leibniz", line_1, of=integral)

# %%
conclude("bai2022.lemma9.line4", line_1, refutes=True)

# %%
step("Binomial and rising factorial become factorials; the powers of $i$ are collected.", line_1, line_2)

# %%
conclude("bai2022.lemma9.line5", line_2, of=integral)

# %%
pyramid = sp.factorial(A + k - 1) / (sp.factorial(k) * sp.factorial(A - k - 1))
line_3 = total(2 * sp.pi * sp.exp(-a) / sp.factorial(A - 1), pyramid * 2 ** (-A - k) * a ** (A - 1 - k))
step("Signs cancel: $i \\cdot (-1)^k\\, i^{-1-2k} = 1$. The result is real and positive, as it must be.",
     line_2, line_3)

# %%
conclude("bai2022.lemma9.line6", line_3, of=integral)

# %%
line_4 = total(sp.pi * sp.exp(-a) * a ** (A - 1) / (2 ** (A - 1) * sp.factorial(A - 1)),
               pyramid * 2 ** (-k) * a ** (-k))
step("The top power of $a$ comes out.", line_3, line_4)

# %%
conclude("bai2022.lemma9.line7", line_4, of=integral)

# %% [markdown]
# Dividing by $2\pi$ is Lemma 9. Forgetting that the Lemma contains this $\frac1{2\pi}$ is one of the
# errors behind the printed dimension constants; see the fifth derivation.

# %%
d = total(sp.exp(-r) * r ** (A - 1) / (2**A * sp.factorial(A - 1)), pyramid * (2 * r) ** (-k))
step("Lemma 9 is the last line over $2\\pi$, with $a=r$.", (line_4 / (2 * sp.pi)).subs(a, r), d)

# %%
conclude("bai2022.lemma9", d, of=integral.subs(a, r) / (2 * sp.pi))

# %% [markdown]
# For $a<0$ the integral is that of $|a|$, not the residue at $i$: the missing hypothesis of the source.

# %%
real_a = sp.Symbol("a", real=True, nonzero=True)
conclude("bai2022.lemma9.contour", 2 * sp.pi * d.subs(r, abs(real_a)), refutes=True)

# %% [markdown]
# ## The value at the point
#
# Read the sum from its other end, $k = A-1-j$: the term with index $j$ carries $r^j$, so at $r=0$ only
# $j = 0$ is left, that is $k = A-1$. (Both sides of the Lemma are continuous there.)

# %%
term = sp.exp(-r) * r ** (A - 1) / (2**A * sp.factorial(A - 1)) * pyramid * (2 * r) ** (-k)
j = sp.Symbol("j", integer=True, nonnegative=True)
coefficient = sp.factorial(2 * A - 2 - j) / (sp.factorial(A - 1 - j) * sp.factorial(j)
                                             * sp.factorial(A - 1)) * 2 ** (1 + j - 2 * A)
step("The term $k=A-1-j$ is a multiple of $r^j$.", term.subs(k, A - 1 - j), coefficient * sp.exp(-r) * r**j)

# %%
at_zero = sp.binomial(2 * A - 2, A - 1) * 2 ** (1 - 2 * A)
step("For $j=0$ the coefficient is a central binomial.", coefficient.subs(j, 0), at_zero)

# %%
conclude("bai2022.lemma9.at-zero", at_zero, of=integral.subs(a, 0) / (2 * sp.pi))
