"""Numbers only: the kernels evaluated quickly and right to the last digits.

`half_integer` is printed from the closed forms; `taylor` serves every other
real smoothness with one table; `asymptotic` gives logarithms where a table
would have no end; `radial` chooses among them, tile by tile. `precise` answers
with any number of digits and with certified balls. `constants` and `distances`
are what their names say. Nothing here imports SymPy.
"""
