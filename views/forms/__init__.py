"""Forms: one file a noun."""
