"""What is seen from above: every figure opens exactly its records."""
