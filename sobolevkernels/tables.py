"""Tables of constants, kernels and identities, for a paper (LaTeX), a page (Markdown) or a program (CSV).

The entries are exact SymPy expressions; each format prints them itself.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import sympy as sp
from sympy.printing.mathml import mathml

from sobolevkernels.symbolic.catalogue import identities
from sobolevkernels.symbolic.euclidean import dimension_constant, radial_kernel
from sobolevkernels.symbolic.identity import SYMBOLS
from sobolevkernels.symbolic.sampling import holds

Cell: TypeAlias = "str | sp.Basic"

#: What stands where a printed formula has no value.
UNDEFINED = "—"

#: How LaTeX writes, in mathematics, the characters of our titles that it does not take as they are.
_LATEX_MATH = {
    "<": "<", ">": ">", "|": "|", "✓": r"\checkmark", "✗": r"\times", "≈": r"\approx", "≤": r"\le", "≥": r"\ge",
    "≠": r"\ne", "∞": r"\infty", "∫": r"\int", "√": r"\surd", "∂": r"\partial", "∇": r"\nabla", "∈": r"\in",
    "⊂": r"\subset", "→": r"\to", "⇒": r"\Rightarrow", "↦": r"\mapsto", "⟨": r"\langle", "⟩": r"\rangle",
    "‖": r"\|", "·": r"\cdot", "×": r"\times", "∗": "*", "−": "-", "½": r"\frac12", "¼": r"\frac14",
    "¹": "^1", "²": "^2", "³": "^3", "⁻": "^-", "∏": r"\prod", "∑": r"\sum", "ℓ": r"\ell", "…": r"\dots",
    "⋯": r"\cdots", "₀": "_0", "₁": "_1", "₂": "_2", "ⁿ": "^n",
    "Γ": r"\Gamma", "Δ": r"\Delta", "Π": r"\Pi", "Σ": r"\Sigma", "α": r"\alpha", "β": r"\beta",
    "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "κ": r"\kappa",
    "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma",
    "τ": r"\tau", "φ": r"\varphi", "ψ": r"\psi", "ω": r"\omega",
}
_LATEX_TEXT = {
    **{char: f"\\{char}" for char in "&%$#_{}"},
    "\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}",
    **{char: rf"\ensuremath{{{code}}}" for char, code in _LATEX_MATH.items()},
}


@dataclass(frozen=True)
class Table:
    """A titled table whose cells are SymPy expressions or plain text; every format prints them itself.

    Parameters
    ----------
    title : str
    header : tuple of str or sympy.Expr
    rows : tuple of tuples of str or sympy.Expr
    alignment : str
        One letter a column: `l`, `c` or `r`.

    Examples
    --------
    >>> import sobolevkernels as sk
    >>> print(sk.table("kernels", dims=[3]).to_csv().splitlines()[2])
    3,3/2,3,6,(r + 1)*exp(-r)/(32*pi)
    """

    title: str
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    alignment: str

    def to_latex(self) -> str:
        r"""A `tabular` with booktabs rules; needs `\usepackage{booktabs,amssymb}`."""
        head, *body = (" & ".join(map(_latex_cell, row)) + r" \\" for row in (self.header, *self.rows))
        # The rows are stretched so that fractions do not touch; the group keeps that from leaking out.
        return "\n".join([
            f"% {self.title}", r"% needs \usepackage{booktabs,amssymb}",
            r"\begingroup\renewcommand{\arraystretch}{1.6}%",
            rf"\begin{{tabular}}{{{self.alignment}}}", r"\toprule", head, r"\midrule", *body,
            r"\bottomrule", r"\end{tabular}\endgroup", ""])

    def to_markdown(self) -> str:
        """A pipe table; formulas stand between dollar signs."""
        rules = {"l": ":--", "c": ":-:", "r": "--:"}
        lines = [[_markdown_cell(cell) for cell in row] for row in (self.header, *self.rows)]
        lines.insert(1, [rules[letter] for letter in self.alignment])
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def to_csv(self) -> str:
        """Comma-separated values; an expression is printed so that `sympy.sympify` reads it back."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        for row in (self.header, *self.rows):
            writer.writerow([cell if isinstance(cell, str) else sp.sstr(cell) for cell in row])
        return text.getvalue()

    def _repr_html_(self) -> str:
        sides = {"l": "left", "c": "center", "r": "right"}

        def line(row: Sequence[Cell], tag: str) -> str:
            style = "text-align: {}; padding: 0.3em 0.6em"
            cells = (f'<{tag} style="{style.format(sides[letter])}">{_html_cell(cell)}</{tag}>'
                     for letter, cell in zip(self.alignment, row, strict=True))
            return f"<tr>{''.join(cells)}</tr>"

        head, body = line(self.header, "th"), "\n".join(line(row, "td") for row in self.rows)
        caption = f'<caption style="white-space: nowrap">{html.escape(self.title)}</caption>'
        return f"<table>\n{caption}\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"

    def _repr_markdown_(self) -> str:
        return f"**{self.title}**\n\n{self.to_markdown()}"


def _formula(cell: sp.Basic) -> str:
    # A short fraction before a long factor reads better in a row than one long fraction.
    return f"${sp.latex(cell, long_frac_ratio=1)}$"


def _latex_cell(cell: Cell) -> str:
    if not isinstance(cell, str):
        return _formula(cell)
    out: list[str] = []
    for char in cell:
        if char == "\N{COMBINING CIRCUMFLEX ACCENT}" and out:  # f̂ is two characters; LaTeX wants one command
            out.append(rf"\^{{{out.pop()}}}")
        else:
            out.append(_LATEX_TEXT.get(char, char))
    return "".join(out)


def _markdown_cell(cell: Cell) -> str:
    # A bar would end the cell, inside a formula too; a star or an underscore may start emphasis.
    if not isinstance(cell, str):
        return _formula(cell).replace("|", r"\vert ")
    return "".join("\\" + char if char in r"|*_\<" else char for char in cell)


def _html_cell(cell: Cell) -> str:
    # MathML needs no script: it shows in a notebook, in an exported page and without a network.
    if isinstance(cell, str):
        return html.escape(cell)
    return f'<math displaystyle="true">{mathml(cell, printer="presentation")}</math>'


def table(name: str, dims: Iterable[int] | None = None) -> Table:
    """One of the library's tables.

    Parameters
    ----------
    name : {"constants", "kernels", "identities"}
        `constants`: C_n = d(0) of d(r) = C_n e^(-r)(1+r), the kernel for s = n+3, beside the value
        printed in bai2022 and their quotient. `kernels`: d(r) for the first half-integers ν.
        `identities`: the catalogue.
    dims : iterable of int, optional
        Dimensions n ≥ 1; if absent, 1 to 10 for `constants` and 1 to 6 for `kernels`.

    Returns
    -------
    Table

    Raises
    ------
    ValueError
        If there is no such table, if a dimension is not an integer of at least 1, or if `dims` is
        given for `identities`, which has no dimensions.

    Source: `sobolev.dimension-constant`, `bai2022.eq38.simplified`, `bai2022.eq39`.

    Examples
    --------
    >>> import sobolevkernels as sk
    >>> sk.table("constants", dims=[3]).rows[0][:4]
    (3, 6, 3/2, 1/(32*pi))
    """
    if name not in _TABLES:
        raise ValueError(f"there is no table {name!r}; there are {', '.join(_TABLES)}")
    build, default = _TABLES[name]
    if dims is not None and not default:
        raise ValueError(f"the table {name!r} has no dimensions; leave dims out")
    return build([_dimension(dim) for dim in (default if dims is None else dims)])


def _dimension(dim: int) -> sp.Integer:
    if isinstance(dim, bool | str) or dim != int(dim) or dim < 1:
        raise ValueError(f"a dimension must be an integer of at least 1, got {dim!r}")
    return sp.Integer(dim)


def _constants(dims: Sequence[sp.Integer]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for n in dims:
        true = dimension_constant(int(n))
        printed, number = _printed_constant(n)
        compared: tuple[Cell, ...] = (UNDEFINED,) * 3
        if printed is not None:
            quotient = sp.simplify(printed / true)
            compared = (printed, quotient, quotient.evalf(10))
        rows.append((n, n + 3, sp.Rational(3, 2), true, true.evalf(10), number, *compared))
    return Table(
        "C_n = d(0) of the kernel d(r) = C_n e^(-r) (1+r) for s = n+3, and what bai2022 prints for it",
        (*sp.symbols("n s nu C_n"), "decimal", "bai2022", "printed", "printed/true", "ratio"),
        tuple(rows), "rrrlllllr")


def _printed_constant(n: sp.Integer) -> tuple[sp.Expr | None, str]:
    """What bai2022 prints for C_n (None where that has no value), and where: read off the refuted record."""
    label, equation = ("bai2022.eq38.simplified", "(38)") if n % 2 else ("bai2022.eq39", "(39)")
    record = identities[label]
    (symbol,) = record.statement.rhs.free_symbols
    if not all(holds(condition, {symbol: n}) for condition in record.where):
        return None, equation
    return sp.simplify(record.statement.rhs.subs(symbol, n).doit()), equation


def _kernels(dims: Sequence[sp.Integer]) -> Table:
    r, one = sp.Symbol("r"), sp.Integer(1)
    rows = tuple((n, sp.Rational(p, 2), (n + p) / 2, n + p, radial_kernel(n, (n + p) / 2, one, r))
                 for n in dims for p in (1, 3, 5, 7))
    return Table("The reproducing kernel d(r) for the weight (1+|ξ|²)^t, where t = s/2 = ν + n/2",
                 (*sp.symbols("n nu t s"), sp.Function("d")(r)), rows, "rrrrl")


def _identities(_: Sequence[sp.Integer]) -> Table:
    rows = tuple((SYMBOLS[identity.claim], identity.label, identity.title, identity.source)
                 for identity in identities.values())
    return Table("The catalogue: ✓ proved, ≈ checked, ✗ refuted", ("claim", "label", "title", "source"),
                 rows, "clll")


_TABLES: dict[str, tuple[Callable[[Sequence[sp.Integer]], Table], Sequence[int]]] = {
    "constants": (_constants, range(1, 11)),
    "kernels": (_kernels, range(1, 7)),
    "identities": (_identities, ()),
}
