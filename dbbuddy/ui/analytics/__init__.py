"""What the dashboards have in common: the store they show, the filter bar, tiles, tables, and the exchanges behind a figure."""
