"""Silta, the bridge: the rooms of the house. Their order is in pyproject.toml, their reasons in docs/house.md."""
