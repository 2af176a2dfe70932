"""The industry chain map: its links, and what stands on each."""
