"""What pages are made of. Besides `Home.py` and `pages/`, nothing else imports Streamlit."""
