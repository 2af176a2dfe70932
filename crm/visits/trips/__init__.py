"""Trips: who goes where and when, whom they see in which order, and the report of it."""
