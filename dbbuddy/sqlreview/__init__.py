"""Review of pasted SQL: what is wrong, the rewritten query, the index that helps, what a migration locks."""
