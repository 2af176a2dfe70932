"""Tests of the files that people send and the store that keeps them."""
