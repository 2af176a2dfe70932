"""The rooms of the product, one a noun."""
