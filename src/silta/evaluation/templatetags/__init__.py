"""Words for the pages of figures."""
