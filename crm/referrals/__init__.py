"""Referrals (以商引商): who led whom to us."""
