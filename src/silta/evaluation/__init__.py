"""What came of it: the extract without names, the indicators counted from it, and the pages that show them."""
