"""Forecasts with calibrated intervals, in numpy alone."""
