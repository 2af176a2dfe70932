"""Who is away on which days, and who stands in for them."""
