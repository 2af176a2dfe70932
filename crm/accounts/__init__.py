"""Accounts: who signs in, as what, and where they belong."""
