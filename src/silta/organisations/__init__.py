"""Organisations and their units, with kind, sector, parentage and the periods in which they exist."""
