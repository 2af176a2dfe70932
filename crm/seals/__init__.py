"""Seals over the trail: the proof that it is as it was written."""
