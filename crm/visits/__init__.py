"""Visits: the evidence."""
