"""What people type about a case, checked field by field before any operation sees it."""
