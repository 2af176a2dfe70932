"""How many projects are to land in a year."""
