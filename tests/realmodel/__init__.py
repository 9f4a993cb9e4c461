"""A real language model on this machine, run by `make test-realmodel`; never part of the ordinary tests."""
