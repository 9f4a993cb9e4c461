"""Serving: the machine interfaces, probes, security headers and limits around the Streamlit app (`dbbuddy/server.py`)."""
