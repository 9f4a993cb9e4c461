"""How right the answers are, measured on labelled cases (`python -m tests.eval`)."""
