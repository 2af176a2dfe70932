"""What is seen from above: figures that open exactly the records they count."""
