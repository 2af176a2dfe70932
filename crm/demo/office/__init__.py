"""The office around the leads: who travels, whom events bring, what was promised and asked.

It is told after the story and from chance of its own, phase by phase, and only adds rows: of one
seed people, companies, leads and visits are the same with it and without it.
"""
