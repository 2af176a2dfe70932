"""Visits that are planned: arranged, moved, called off, told to who takes part, and closed."""
