"""Promises: what we promised and what they promised, by whom and by when; the promise book."""
