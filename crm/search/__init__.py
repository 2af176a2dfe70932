"""One search over companies, their leads, the people at them and what was said to them."""

from crm.search.queries import Found, search

__all__ = ["Found", "search"]
