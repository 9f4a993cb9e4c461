"""Checking what a language model wrote before anyone sees it: what may be drawn, its SQL, its claims."""
