"""Leads: stages, gates, moves, the board."""
