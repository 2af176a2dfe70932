"""The whole city in one file, and back: every row and every attachment, on either engine."""
