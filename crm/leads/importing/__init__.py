"""Leads out of the ledgers that teams already keep."""
