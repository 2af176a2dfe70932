"""Reading tables people send: which sheet, which header, which column is what. Knows no noun."""
