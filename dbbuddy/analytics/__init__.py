"""What the logs say: adoption, quality and knowledge gaps, from roll-ups that the store's writer keeps up to date."""
