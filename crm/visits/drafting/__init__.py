"""A text copied from a chat becomes a draft of a visit: found by rules that say what they saw."""
