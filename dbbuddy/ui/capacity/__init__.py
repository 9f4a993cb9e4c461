"""The capacity page: history in, projection, limits, what if, plan, and what is kept."""
