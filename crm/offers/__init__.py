"""What may be offered to a lead: the policy's rules as data, and what they give."""
