"""Handing a problem over to a DBA: the ticket, the shapes that receivers want it in, and its delivery."""
