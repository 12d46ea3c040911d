# %% [markdown]
# # Where the printed constants go wrong
#
# Appendix C of Bai, Rosenberg & Xu (2022) arrives at constants for $d$ that are wrong in every dimension.
# This derivation follows the printed road, finds the first line that fails, and keeps the account: what each
# slip multiplies the constant by. The truth at every station is known from the second derivation.
# Labels in bold are the records of the catalogue. Odd dimensions first, the source's Case I; the even ones,
# Case II, are in the sixth derivation.

# %%
import sympy as sp
from d01_lemma9_by_residues import d as line_kernel
from d02_from_n_dimensions_to_one import constant as true_constant
from d02_from_n_dimensions_to_one import radial as true_radial
from steps import conclude, step

r, m, p, s, c = sp.symbols("r m p s c", positive=True)
u = sp.Symbol("u", real=True)
b = sp.Symbol("b", integer=True, nonnegative=True)
half = sp.Rational(1, 2)
double = sp.factorial2


def truth(expr: sp.Expr, **values: sp.Expr) -> sp.Expr:
    """The true expression, its symbols (matched by name) replaced."""
    return expr.subs({symbol: values[symbol.name] for symbol in expr.free_symbols if symbol.name in values},
                     simultaneous=True)


# %% [markdown]
# ## Case I: $n$ odd, $s$ even
#
# The source demands $s\in2\mathbb{Z}+1$ further down; for odd $n$ and integer $A = (s-n+1)/2$ it must be
# $s\in2\mathbb{Z}$, as at the beginning of the case.

# %%
odd_n, odd_s = sp.symbols("n s", odd=True)
step("With both odd, $s-n+1$ is odd.", sp.Subs(sp.cos(sp.pi * c), c, odd_s - odd_n + 1), sp.Integer(-1))

# %%
conclude("bai2022.odd.parity", sp.Integer(-1), refutes=True)

# %% [markdown]
# ### Step 1: the first wrong line
#
# To lower the power of $r$ in $M = \int_0^\infty(1+r^2)^{-s/2}r^{n-2}\,dr$, integrate $2r\,(1+r^2)^{-s/2}$,
# which gives $(1+r^2)^{1-s/2}/(1-s/2)$. The factor $1-s/2$ belongs in the *denominator*. To let the
# boundary terms vanish visibly, put $n = 3+m$ and $s = 2+m+p$ with $m, p>0$, that is $n>3$ and $s>n-1$.

# %%
dimension, order = 3 + m, 2 + m + p
boundary = (1 + r**2) ** (1 - order / 2) * r ** (dimension - 3) / (2 * (1 - order / 2))
moment = sp.Integral((1 + r**2) ** (-order / 2) * r ** (dimension - 2), (r, 0, sp.oo))
lowered = sp.Integral((1 + r**2) ** (1 - order / 2) * r ** (dimension - 4), (r, 0, sp.oo))
true_step = -(dimension - 3) / (2 * (1 - order / 2)) * lowered
step("Integration by parts.", moment, true_step, by_parts=boundary)

# %%
printed_step = -(dimension - 3) * (1 - order / 2) / 2 * lowered
step("The printed line has it in the numerator. Printed over true is $(1-s/2)^2$,",
     printed_step / true_step, (1 - order / 2) ** 2)

# %% [markdown]
# which is 1 only for $s=4$ (and $s=0$); but $s > n+3 > 6$ is assumed.

# %%
n_any, s_any = sp.symbols("n s", positive=True)
value = truth(true_radial, n=n_any, s=s_any)
conclude("bai2022.odd.step1", value, refutes=True)

# %% [markdown]
# The corrected line, in the variables of the catalogue:

# %%
corrected = (n_any - 3) / (s_any - 2)
step("$-(n-3)/(2(1-s/2)) = (n-3)/(s-2)$.", -(n_any - 3) / (2 * (1 - s_any / 2)), corrected)

# %%
conclude("sobolev.radial-step",
         corrected * sp.Integral((1 + r**2) ** (1 - s_any / 2) * r ** (n_any - 4), (r, 0, sp.oo)),
         of=sp.Integral((1 + r**2) ** (-s_any / 2) * r ** (n_any - 2), (r, 0, sp.oo)))

# %% [markdown]
# Step 2 repeats the mistake.

# %%
conclude("bai2022.odd.step2", value, refutes=True)

# %% [markdown]
# ### All the steps
#
# Step $b$ multiplies by $\frac{n-1-2b}{s-2b}$ in truth, and by $-\frac{(n-1-2b)(b-s/2)}{2}$ as printed. So
# every step adds a factor $(s/2-b)^2$ to the error. The product of the first $b$ of them is
# $\left(\Gamma(\frac s2)/\Gamma(\frac s2-b)\right)^2$, by induction.

# %%
true_factor = (n_any - 1 - 2 * b) / (s_any - 2 * b)
printed_factor = -(n_any - 1 - 2 * b) * (b - s_any / 2) / 2
step("The error of step $b$.", printed_factor / true_factor, (s_any / 2 - b) ** 2)

# %%
error = (sp.gamma(s_any / 2) / sp.gamma(s_any / 2 - b)) ** 2
step("No step, no error.", sp.Subs(error, b, 0), sp.Integer(1))

# %%
step("From $b$ steps to $b+1$.", error.subs(b, b + 1) / error, (printed_factor / true_factor).subs(b, b + 1))

# %% [markdown]
# ### The radial integral
#
# After $b = (n-3)/2$ steps the power of $r$ is 1 and the integral is elementary.

# %%
n = sp.Symbol("n", odd=True, positive=True)
s = sp.Symbol("s", even=True, positive=True)
step("With $p = s-n+1$: the last integral is $1/(s-n+1)$.",
     sp.Integral(r * (1 + r**2) ** (-(p + 2) / 2), (r, 0, sp.oo)), 1 / p)

# %%
odd_radial = double(n - 3) * double(s - n + 1) / (double(s - 2) * (s - n + 1))
step("The true product of the factors, $(n-3)!!\\,(s-n+1)!!/(s-2)!!$, gives the true radial integral.",
     odd_radial, truth(true_radial, n=n, s=s))

# %%
odd_printed = double(s - 2) * double(n - 3) / (2 ** (n - 3) * double(s - n + 1) * (s - n + 1))
odd_error = (sp.gamma(s / 2) / sp.gamma((s - n + 3) / 2)) ** 2
step("The printed one carries all the errors of its steps and no other.", odd_printed / odd_radial, odd_error)

# %%
conclude("sobolev.radial-moment-odd", odd_radial)

# %%
conclude("bai2022.odd.integral.line3", odd_radial, refutes=True)

# %% [markdown]
# ### Inserting Lemma 9: the lost $2\pi$
#
# Lemma 9 contains $\frac1{2\pi}$. Display (36) replaces the line integral by the right side of the Lemma, so
# its last line is too small by $2\pi$. This error is independent of Step 1.

# %%
conclude("bai2022.eq36.two-pi", 2 * sp.pi * line_kernel, refutes=True)

# %%
A_of_s = (s - n + 1) / 2
printed_36 = (sp.pi ** (-(n + 1) / 2) / (2**A_of_s * sp.gamma(A_of_s)) / (s - n + 1)
              * double(s - 2) * double(n - 3) / (2 ** (2 * n - 4) * double(s - n + 1))
              / sp.factorial((n - 3) / 2))
true_36 = 2 ** ((1 - n - s) / 2) * sp.pi ** ((1 - n) / 2) / sp.gamma(s / 2)
step("The true one, $C_{n,s}$, is that of the second derivation.",
     true_36, truth(true_constant, n=n, A=A_of_s))

# %%
step("Printed over true: the steps, and the $2\\pi$.", printed_36 / true_36, odd_error / (2 * sp.pi))

# %%
powers = line_kernel.atoms(sp.Sum).pop() * sp.exp(-r) * r ** (sp.Symbol("A", integer=True, positive=True) - 1)
conclude("bai2022.eq36.line5", true_36 * truth(powers, A=A_of_s), refutes=True)

# %% [markdown]
# ### $s = n+3$
#
# Display (38) inserts $s=n+3$ and adds no error of its own.

# %%
printed_38 = sp.pi ** (-(n + 1) / 2) / 16 * double(n + 1) * double(n - 3) / (
    2 ** (2 * n - 4) * double(sp.Integer(4))) / sp.factorial((n - 3) / 2)
true_38 = 2 ** (-(n + 1)) * sp.pi ** (-(n - 1) / 2) / sp.gamma((n + 3) / 2)
step("The true constant.", true_38, truth(true_constant, n=n, A=sp.Integer(2)))

# %%
step("(38) is (36) at $s=n+3$.", sp.Subs(printed_36, s, n + 3), printed_38)

# %%
step("Printed over true in (38).", printed_38 / true_38, sp.gamma((n + 3) / 2) ** 2 / (8 * sp.pi))

# %%
conclude("bai2022.eq38", true_38, refutes=True)

# %% [markdown]
# Its simplification does. $(n-3)!! = 2^{(n-3)/2}\left(\frac{n-3}2\right)!$ is used rightly, though the
# product is printed with a 5 for a 2 in its second factor; and $(n+1)!! =
# 2^{(n+1)/2}\left(\frac{n+1}2\right)!$, but $(n-1)!$ is printed for the factorial.

# %%
even_double = 2 ** ((n - 3) / 2) * sp.factorial((n - 3) / 2)
conclude("sobolev.double-factorial", even_double, of=double(n - 3))

# %%
conclude("bai2022.double-factorial", even_double, refutes=True)

# %%
step("$(n+1)!!$ for odd $n$.", double(n + 1), 2 ** ((n + 1) / 2) * sp.factorial((n + 1) / 2))

# %%
correctly = sp.pi ** (-(n + 1) / 2) * sp.factorial((n + 1) / 2) / 2 ** (n + 4)
conclude("sobolev.eq38-simplified", correctly, of=printed_38)

# %%
conclude("bai2022.eq38.step", correctly, refutes=True)

# %%
simplified_38 = sp.pi ** (-(n + 1) / 2) * sp.factorial(n - 1) / 2 ** (n + 4)
step("The simplified constant over (38): $(n-1)!$ for $((n+1)/2)!$, equal for $n=3$ (and $n=1$) only.",
     simplified_38 / printed_38, sp.factorial(n - 1) / sp.factorial((n + 1) / 2))

# %%
step("The simplified constant over the true one.",
     simplified_38 / true_38, sp.factorial(n - 1) * sp.gamma((n + 3) / 2) / (8 * sp.pi))

# %% [markdown]
# For odd $n$ the gamma function is an integer, so that ratio is a rational number over $\pi$: never 1. The
# printed constant is wrong for every odd $n$; for $n=3$, where there is no step to take and the factorials
# agree, it is wrong by the $2\pi$ alone.

# %%
step("The ratio at $n=3$.",
     sp.Subs(sp.factorial(n - 1) * sp.gamma((n + 3) / 2) / (8 * sp.pi), n, 3), 1 / (2 * sp.pi))

# %%
conclude("bai2022.eq38.simplified", true_38, refutes=True)

# %% [markdown]
# ## The true constant
#
# $C_n = 2^{-(n+1)}\,\pi^{-(n-1)/2}/\Gamma(\frac{n+3}2)$, in every dimension, as the second derivation found.

# %%
conclude("sobolev.dimension-constant", true_38 * sp.exp(-r) * (1 + r))
