"""Two plans side by side: which is faster, and what made it so. Also across versions, formats and, by time alone, engines.

- `facts.py`: what is compared of a node; `matching.py`: which nodes are the same; `changes.py`: what became of them
- `comparison.py`: the answer; `verdict.py`: its first sentence; `markdown.py`: the answer as text
"""

from dbbuddy.plans.compare.changes import Change, NodePair
from dbbuddy.plans.compare.comparison import Comparison, PlanFigures, compare_plans
from dbbuddy.plans.compare.facts import NodeFacts
from dbbuddy.plans.compare.markdown import to_markdown
from dbbuddy.plans.compare.verdict import Outcome

__all__ = ["Change", "Comparison", "NodeFacts", "NodePair", "Outcome", "PlanFigures", "compare_plans", "to_markdown"]
