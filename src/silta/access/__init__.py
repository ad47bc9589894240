"""Who may act and who may know: memberships, permissions, grants on legal grounds, emergency access, row-level security."""
