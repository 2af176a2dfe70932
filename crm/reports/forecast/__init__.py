"""What will land: observed shares, and the ranges that follow from them."""
