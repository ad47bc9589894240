"""The pages of a case, and the deeds done on them."""
