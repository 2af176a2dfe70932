"""The trash: what lies in it, who may bring it back, and what the administrator purges."""
