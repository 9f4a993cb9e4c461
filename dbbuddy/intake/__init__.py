"""What did the user paste? Cleaning, kind of text, engine and platform, codes, names and numbers in it."""
