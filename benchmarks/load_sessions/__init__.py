"""Real sessions against a Streamlit server: its websocket protocol, spoken by many clients in one process."""
