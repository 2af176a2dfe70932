"""What is seen from above."""
