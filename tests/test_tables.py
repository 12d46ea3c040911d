"""Tables: the values against independent computations, and each format read back by its own reader."""

import csv
import html
import io
import re
from xml.etree import ElementTree

import pytest
import sympy as sp

import sobolevkernels as sk
from sobolevkernels.symbolic.euclidean import bessel_kernel_at_zero
from sobolevkernels.tables import _LATEX_TEXT, UNDEFINED, Table


def test_constants_are_the_values_at_zero():
    for n, s, nu, constant, decimal, *_ in sk.table("constants").rows:
        assert sp.simplify(constant - bessel_kernel_at_zero(n, s)) == 0
        assert nu == (s - n) / 2
        assert abs(decimal - constant).evalf() < 1e-9 * constant


def test_constants_beside_what_is_printed():
    rows = {int(row[0]): row for row in sk.table("constants", dims=[3, 4, 5, 6]).rows}
    printed = {n: row[6] for n, row in rows.items()}
    assert printed[3] == sp.factorial(2) / (sp.pi**2 * 2**7)
    assert printed[5] == sp.factorial(4) / (sp.pi**3 * 2**9)
    # (39) at n = 4: 2^7 36 (5/2) 3! / (π³ 6! 6!)
    assert printed[4] == sp.Rational(2**7 * 36 * 5 * 6, 2 * 720 * 720) / sp.pi**3
    assert rows[6][6:] == (UNDEFINED,) * 3
    for n in (3, 4, 5):
        assert rows[n][7] == sp.simplify(printed[n] / rows[n][3]) != 1
        assert rows[n][5] == ("(38)" if n % 2 else "(39)")


def test_kernels_reduce_to_their_value_at_zero_and_to_the_bessel_form():
    r = sp.Symbol("r")
    rows = sk.table("kernels").rows
    assert len(rows) == 24
    for n, nu, t, s, d in rows:
        assert s == 2 * t == n + 2 * nu
        assert sp.simplify(d.subs(r, 0) - bessel_kernel_at_zero(n, s)) == 0
        bessel = 2 ** (1 - t) / ((2 * sp.pi) ** (n / 2) * sp.gamma(t)) * r**nu * sp.besselk(nu, r)
        assert abs((d / bessel).subs(r, sp.Rational(7, 5)).evalf(30) - 1) < 1e-25


def test_identities_table_is_the_catalogue():
    rows = sk.table("identities").rows
    assert [row[1] for row in rows] == list(sk.identities)
    assert {row[0] for row in rows} <= set("✓≈✗")


@pytest.mark.parametrize("name", ["constants", "kernels"])
def test_csv_is_read_back_exactly(name):
    table = sk.table(name, dims=[1, 2, 4])
    rows = list(csv.reader(io.StringIO(table.to_csv())))
    assert len({*rows[0]}) == len(rows[0])  # a data frame needs distinct names
    for row, cells in zip(rows[1:], table.rows, strict=True):
        for text, cell in zip(row, cells, strict=True):
            if isinstance(cell, str):
                assert text == cell
            elif isinstance(cell, sp.Float):
                assert abs(float(text) / float(cell) - 1) < 1e-9
            else:
                assert sp.simplify(sp.sympify(text) - cell) == 0


@pytest.mark.parametrize("name", ["constants", "kernels", "identities"])
def test_latex_rows_have_all_columns_and_only_characters_that_latex_takes(name):
    table = sk.table(name)
    text = table.to_latex()
    assert rf"\begin{{tabular}}{{{table.alignment}}}" in text
    body = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len(body) == 1 + len(table.rows)
    for line in body:
        assert len(re.findall(r"(?<!\\)&", line)) == len(table.alignment) - 1
        foreign = {char for char in line if not char.isascii()} - {"—"}
        assert not {char for char in foreign if ord(char) > 0x17F}, "add it to _LATEX_MATH"
        assert line.count("{") - line.count(r"\{") == line.count("}") - line.count(r"\}")


def test_latex_escapes_text():
    cells = ("50% of a_1 & {b} ~ x^2 \\ #$", "f̂ ≤ ν ✓")
    text = Table("t", ("a", "b"), (cells,), "ll").to_latex()
    assert r"50\% of a\_1 \& \{b\} \~{} x\^{}2 \textbackslash{} \#\$" in text
    assert r"\^{f} \ensuremath{\le} \ensuremath{\nu} \ensuremath{\checkmark}" in text
    assert len(_LATEX_TEXT) > 60


def test_markdown_keeps_its_columns():
    odd = Table("t", ("a|b", sp.Symbol("x")), (("_c_ * d", sp.Abs(sp.Symbol("x"))),), "lr")
    lines = odd.to_markdown().splitlines()
    assert lines[0] == r"| a\|b | $x$ |"
    assert lines[1] == "| :-- | --: |"
    assert lines[2] == r"| \_c\_ \* d | $\left\vert {x}\right\vert $ |"
    assert odd._repr_markdown_().startswith("**t**\n\n| a")


@pytest.mark.parametrize("name", ["constants", "kernels", "identities"])
def test_html_is_well_formed_and_has_all_cells(name):
    table = sk.table(name)
    # XML knows five entities by name, HTML all of them.
    text = re.sub(r"&(?!amp|lt|gt|quot|apos)\w+;", lambda entity: html.unescape(entity[0]), table._repr_html_())
    root = ElementTree.fromstring(text)
    assert [len(row) for row in root.iter("tr")] == [len(table.alignment)] * (1 + len(table.rows))
    assert root.find("caption").text == table.title
    assert (next(root.iter("math"), None) is not None) == (name != "identities")


@pytest.mark.parametrize(("arguments", "message"), [
    (("constant",), "there is no table 'constant'; there are constants, kernels, identities"),
    (("constants", [0]), "at least 1, got 0"),
    (("constants", [1.5]), "an integer of at least 1, got 1.5"),
    (("kernels", ["3"]), "got '3'"),
    (("kernels", [True]), "got True"),
    (("identities", [1]), "has no dimensions"),
])
def test_bad_input_is_explained(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        sk.table(*arguments)
