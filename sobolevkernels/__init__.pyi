# The public names for completion and type checkers, which do not run the lazy loading of __init__.py.
from sobolevkernels import mirror as mirror
from sobolevkernels import multipliers as multipliers
from sobolevkernels.descent import losses as losses
from sobolevkernels.descent import metrics as metrics
from sobolevkernels.descent import models as models
from sobolevkernels.descent.loop import Descent as Descent
from sobolevkernels.descent.loop import descend as descend
from sobolevkernels.descent.momentum import heavy_ball_step as heavy_ball_step
from sobolevkernels.descent.momentum import nesterov_step as nesterov_step
from sobolevkernels.descent.natural import backtracking as backtracking
from sobolevkernels.descent.natural import geometric_grid as geometric_grid
from sobolevkernels.descent.natural import levenberg_marquardt_step as levenberg_marquardt_step
from sobolevkernels.descent.natural import natural_gradient as natural_gradient
from sobolevkernels.descent.natural import natural_step as natural_step
from sobolevkernels.descent.objective import Objective as Objective
from sobolevkernels.descent.quadrature import gauss_legendre as gauss_legendre
from sobolevkernels.descent.solves import SingularMetricWarning as SingularMetricWarning
from sobolevkernels.descent.steps import gradient_step as gradient_step
from sobolevkernels.descent.steps import mirror_step as mirror_step
from sobolevkernels.descent.steps import spectral_step as spectral_step
from sobolevkernels.evaluation.compiled import set_fast as set_fast
from sobolevkernels.evaluation.tiles import set_threads as set_threads
from sobolevkernels.kernels.euclidean import SobolevKernel as SobolevKernel
from sobolevkernels.kernels.periodic import PeriodicSobolevKernel as PeriodicSobolevKernel
from sobolevkernels.mirror import MirrorMap as MirrorMap
from sobolevkernels.mirror import bregman_divergence as bregman_divergence
from sobolevkernels.multipliers import FourierMultiplier as FourierMultiplier
from sobolevkernels.multipliers import laplacian_power as laplacian_power
from sobolevkernels.multipliers import sobolev_multiplier as sobolev_multiplier
from sobolevkernels.symbolic.catalogue import identities as identities
from sobolevkernels.symbolic.euclidean import dimension_constant as dimension_constant
from sobolevkernels.symbolic.euclidean import kernel_constant as kernel_constant
from sobolevkernels.symbolic.identity import Identity as Identity
from sobolevkernels.symbolic.identity import Verdict as Verdict
from sobolevkernels.symbolic.identity import verify as verify
from sobolevkernels.tables import Table as Table
from sobolevkernels.tables import table as table

__version__: str
__all__: list[str]
