"""Demo data: a believable city office, told through the records that the product writes."""
