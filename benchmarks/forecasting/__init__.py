"""What `benchmarks/forecast.py` is made of: the generated series, the measures, the peers."""
