"""Reminders: who is due, and why."""
