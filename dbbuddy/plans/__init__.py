"""Execution plans of all engines: one model, one reader an engine."""
