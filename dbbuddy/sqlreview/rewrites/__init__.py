"""The same result, asked for in a better way: duplicates and NULLs included."""
