"""What is sent and answered, noun by noun."""
