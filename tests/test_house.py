"""The rules of the house: who may import whom, what loads SymPy, which labels docstrings may name."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sobolevkernels as sk

PACKAGE = Path(sk.__file__).parent
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

#: What the modules under a name may import from the package when they are imported themselves.
ALLOWED = {
    "symbolic": {"symbolic"},
    "evaluation": {"evaluation"},
    "kernels": {"kernels", "evaluation"},
    "multipliers": {"kernels", "evaluation"},
    "mirror": {"kernels", "evaluation", "multipliers"},
    "descent": {"kernels", "evaluation", "multipliers", "mirror"},
    "tables": {"symbolic"},
    "batch": {"symbolic"},
    "report": {"symbolic", "batch"},
    "generate": {"symbolic", "batch", "report", "tables"},
    "__main__": {"kernels", "__init__"},
    "__init__": {"kernels", "evaluation", "multipliers", "mirror", "descent"},
}
#: What they may load later, inside a function: a formula when it is asked for.
LATER = {
    "kernels": {"symbolic"},
    "multipliers": {"symbolic"},
    "mirror": {"symbolic"},
    "descent": {"symbolic"},
    "__main__": {"symbolic", "batch", "report", "generate", "tables"},
}
#: Modules that work on expressions. No other loads SymPy when it is imported.
WITH_SYMPY = {"symbolic", "tables", "batch", "report", "generate"}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> list[tuple[str, bool]]:
    """(module, whether it is loaded together with the importing module); type checking does not count."""
    found = []

    def visit(node: ast.AST, at_once: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                found.extend((alias.name, at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{path}: imports are absolute here"
                found.extend((f"{child.module}.{alias.name}", at_once) for alias in child.names)
            visit(child, at_once and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    visit(ast.parse(path.read_text(encoding="utf-8")), True)
    return found


def house_part(module: str) -> str | None:
    """The part of the house that `sobolevkernels.x.y` lives in; None for a module from elsewhere."""
    root, _, rest = module.partition(".")
    if root != "sobolevkernels":
        return None
    first = rest.split(".")[0]
    return first if (PACKAGE / first).is_dir() or (PACKAGE / f"{first}.py").is_file() else "__init__"


def violations(path: Path) -> list[str]:
    part = part_of(path)
    wrong = []
    for module, at_once in imports(path):
        target = house_part(module)
        allowed = ALLOWED[part] | (set() if at_once else LATER.get(part, set()))
        if target is not None and target != part and target not in allowed:
            wrong.append(f"{path.name} imports {module}")
        if module.split(".")[0] in {"derivations", "tests"}:
            wrong.append(f"{path.name} imports {module}")
        if module.split(".")[0] == "sympy" and at_once and part not in WITH_SYMPY:
            wrong.append(f"{path.name} loads SymPy")
    return wrong


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_run_one_way(path):
    assert not violations(path)


@pytest.mark.parametrize(("part", "line", "complaint"), [
    ("symbolic", "from sobolevkernels.evaluation import half_integer", "imports"),
    ("symbolic", "def f():\n    import sobolevkernels.kernels.euclidean", "imports"),
    ("evaluation", "from sobolevkernels import SobolevKernel", "imports"),
    ("kernels", "import sympy", "SymPy"),
    ("kernels", "from sobolevkernels.symbolic.euclidean import radial_kernel", "imports"),
    ("tables", "from derivations import steps", "imports"),
])
def test_the_rule_can_be_broken(part, line, complaint, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "part_of", lambda path: part)
    path = tmp_path / "culprit.py"
    path.write_text(line + "\n", encoding="utf-8")
    assert any(complaint in wrong for wrong in violations(path))


def loaded_by(statements: str) -> set[str]:
    """Top-level packages in memory after the statements ran in a fresh interpreter."""
    code = f"{statements}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                              cwd=PACKAGE.parent).stdout.split())


def test_importing_loads_numpy_and_nothing_heavier():
    assert loaded_by("import sobolevkernels").isdisjoint({"sympy", "mpmath", "scipy", "numba", "flint"})


def test_numbers_never_load_sympy():
    used = loaded_by("import numpy as np, sobolevkernels as sk\n"
                     "k = sk.SobolevKernel(dim=3, order=3); k(np.eye(3)); k.radial(1.0); k.at_zero; repr(k)\n"
                     "sk.SobolevKernel(dim=2, order=2.2).correlation(np.linspace(0, 5, 7)); k.evaluate(1)")
    assert "numpy" in used
    assert "sympy" not in used


def test_symbolic_names_load_sympy_when_touched():
    assert "sympy" in loaded_by("import sobolevkernels as sk; sk.identities")


def test_lazy_names_are_the_public_names():
    assert set(dir(sk)) == set(sk.__all__)
    for name in sk.__all__:
        assert getattr(sk, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'identites'"):
        _ = sk.identites


def test_the_stub_declares_every_public_name():
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    declared = {alias.asname: f"{node.module}.{alias.name}" for node in tree.body
                if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert {*declared, "__version__"} == set(sk.__all__)
    for name, module in sk._LAZY.items():
        assert declared[name] == f"{module}.{name}"


def sources(path: Path) -> list[str]:
    """The labels after `Source:` in the docstrings of a module, to the end of their paragraph."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = [node for node in ast.walk(tree)
                  if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    paragraphs = [paragraph for node in documented
                  for paragraph in re.split(r"\n\s*\n", ast.get_docstring(node) or "")
                  if paragraph.lstrip().startswith("Source:")]
    return [label for paragraph in paragraphs for label in re.findall(r"`([^`]+)`", paragraph)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_sources_in_docstrings_are_records(path):
    assert [label for label in sources(path) if label not in sk.identities] == []


def test_some_docstrings_name_their_source():
    assert {"sobolev.radial", "sobolev.dimension-constant"} <= {label for path in MODULES for label in sources(path)}


def test_labels_that_records_name_are_records():
    for record in sk.identities.values():
        named = {*record.corrects, *filter(None, [record.repeats])}
        named |= {label for label in re.findall(r"`([^`]+)`", record.note)
                  if re.match(r"(sobolev|bai2022|jo2026|somacal2025)\.", label)}
        assert named <= set(sk.identities), record.label


def test_every_refuted_record_says_what_is_wrong_and_is_corrected():
    corrected = {label for record in sk.identities.values() for label in record.corrects}
    for record in sk.identities.find(claim="refuted"):
        assert record.flaw, record.label
        assert record.label in corrected
