"""Rows as csv or xlsx for people who go on in a sheet, and texts for Word; knows no noun.

A file is written row by row onto disk and sent from there, so that neither its size nor a slow line
holds memory or a transaction.
"""

from crm.exports.state import one_state
from crm.exports.table import Cell, Column, Format, Kind, Paper, Table
from crm.exports.writing import Made, write

__all__ = ["Cell", "Column", "Format", "Kind", "Made", "Paper", "Table", "one_state", "write"]
