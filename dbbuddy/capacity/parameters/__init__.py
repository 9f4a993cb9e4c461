"""Memory and configuration parameters of the engines, with formula, source, reason and risk for each."""
