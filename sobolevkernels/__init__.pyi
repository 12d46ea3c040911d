# The public names for completion and type checkers, which do not run the lazy loading of __init__.py.
from sobolevkernels import mirror as mirror
from sobolevkernels import multipliers as multipliers
from sobolevkernels.descent.loop import Descent as Descent
from sobolevkernels.descent.loop import descend as descend
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
