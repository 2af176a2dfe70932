"""Registering and landing: the local company, where it sits, who works there first."""
