"""Promotion events (推介活动): who is invited, who comes, and the leads that come of it."""
