"""cs826tl: transfer learning, a lecture that you run. The public names are in `__init__.pyi`.

The verbs that lectures use are here; the rest stays under its noun (`tl.plots.plot_bands`).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
