"""What is kept: conversations, outcomes, audit and projections, in DuckDB or PostgreSQL, through one writer."""
