# The public names for completion and type checkers, which do not run the lazy loading of __init__.py.
from sobolevkernels.evaluation.compiled import set_fast as set_fast
from sobolevkernels.evaluation.tiles import set_threads as set_threads
from sobolevkernels.kernels.euclidean import SobolevKernel as SobolevKernel
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
