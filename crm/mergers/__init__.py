"""Mergers (合并): two records that were one company become one, and can be parted again."""
