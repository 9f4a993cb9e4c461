"""What the adoption page is made of."""
