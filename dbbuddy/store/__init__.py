"""What is kept: conversations, exchanges and feedback, in DuckDB, through one writer."""
