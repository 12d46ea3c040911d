"""The symbolic half: records of identities, their verification, and the formulas everything is printed from."""
