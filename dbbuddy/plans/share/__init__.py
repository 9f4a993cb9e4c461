"""A plan to give to others without a server: a self-contained HTML file, Markdown, both with names and literals hidden on request.

- `anonymise.py`: a copy of a plan in which no name and no literal of the user's stands; `expressions.py` reads conditions
- `page.py`: the HTML file; `flame_svg.py` its figure; `style.py` its look
- `markdown.py`: the same as Markdown
"""

from dbbuddy.plans.share.anonymise import anonymised
from dbbuddy.plans.share.markdown import to_markdown
from dbbuddy.plans.share.page import to_html

__all__ = ["anonymised", "to_html", "to_markdown"]
