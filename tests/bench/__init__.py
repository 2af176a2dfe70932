"""Measures pages at growing sizes; ``make bench`` runs it and writes docs/bench.md."""
