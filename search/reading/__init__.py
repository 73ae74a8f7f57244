"""Reading a query: operators, filters, spelling correction, and *did you mean*."""
