"""Figures of one plan: flame, row flow and the costliest steps, bounded so that any plan stays usable.

- `measures.py`: what each node weighs, and the values it can be coloured by
- `folding.py`: which nodes are shown when there are too many
- `palette.py`: colours that read in light and dark and for the colour-blind
- `flame.py`, `flow.py`, `bars.py`: one figure each; its title says the finding
"""

from dbbuddy.plans.figures.bars import bars
from dbbuddy.plans.figures.flame import flame
from dbbuddy.plans.figures.flow import flow
from dbbuddy.plans.figures.measures import COLOURINGS, Colouring, Measures

__all__ = ["COLOURINGS", "Colouring", "Measures", "bars", "flame", "flow"]
