"""What can be wrong with a statement: one small module a group of rules."""
