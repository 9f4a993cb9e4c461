"""What a pasted statement itself tells: so far, the index that a query asks for."""
