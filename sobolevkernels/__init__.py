"""Closed-form reproducing kernels of Sobolev spaces: verified formulas, fast evaluators.

Numbers need no symbols: importing this package and using a kernel never loads
SymPy. The symbolic names below load it when they are first touched (PEP 562).
"""

from __future__ import annotations

import importlib
from typing import Any

from sobolevkernels import mirror, multipliers
from sobolevkernels.descent import losses, metrics, models
from sobolevkernels.descent.loop import Descent, descend
from sobolevkernels.descent.momentum import heavy_ball_step, nesterov_step
from sobolevkernels.descent.natural import (
    backtracking,
    geometric_grid,
    levenberg_marquardt_step,
    natural_gradient,
    natural_step,
)
from sobolevkernels.descent.objective import Objective
from sobolevkernels.descent.quadrature import gauss_legendre
from sobolevkernels.descent.solves import SingularMetricWarning
from sobolevkernels.descent.steps import gradient_step, mirror_step, spectral_step
from sobolevkernels.evaluation.compiled import set_fast
from sobolevkernels.evaluation.tiles import set_threads
from sobolevkernels.kernels.euclidean import SobolevKernel
from sobolevkernels.kernels.periodic import PeriodicSobolevKernel
from sobolevkernels.mirror import MirrorMap, bregman_divergence
from sobolevkernels.multipliers import FourierMultiplier, laplacian_power, sobolev_multiplier

__version__ = "0.1.0"

#: Name -> module that defines it; loaded on first touch.
_LAZY = {
    "Identity": "sobolevkernels.symbolic.identity",
    "Verdict": "sobolevkernels.symbolic.identity",
    "verify": "sobolevkernels.symbolic.identity",
    "identities": "sobolevkernels.symbolic.catalogue",
    "dimension_constant": "sobolevkernels.symbolic.euclidean",
    "kernel_constant": "sobolevkernels.symbolic.euclidean",
    "table": "sobolevkernels.tables",
    "Table": "sobolevkernels.tables",
}

__all__ = [
    "Descent", "FourierMultiplier", "MirrorMap", "Objective", "PeriodicSobolevKernel", "SingularMetricWarning",
    "SobolevKernel", "__version__", "backtracking", "bregman_divergence", "descend", "gauss_legendre",
    "geometric_grid", "gradient_step", "heavy_ball_step", "laplacian_power", "levenberg_marquardt_step", "losses",
    "metrics", "mirror", "mirror_step", "models", "multipliers", "natural_gradient", "natural_step", "nesterov_step",
    "set_fast", "set_threads", "sobolev_multiplier", "spectral_step", *_LAZY,
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
