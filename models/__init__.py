"""Tables, one file a noun. ``models.every`` has them all; who asks only some starts sooner."""

from models.base import db

__all__ = ["db"]
