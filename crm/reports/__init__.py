"""What is seen from above: reports over the records of all other rooms."""
