"""The report: one page for those who decide, as HTML without anything from elsewhere, as Markdown, CSV or PDF. Never any text."""
