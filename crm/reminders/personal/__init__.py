"""How each person wants to be reminded: at what hour, by what way, and when not."""
