"""What the quality page is made of."""
