"""Where professionals work: today, search, navigation, the pages around the case. No tables, no rules."""
