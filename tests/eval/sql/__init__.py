"""Measuring the SQL review on labelled cases that lie beside the repository."""
