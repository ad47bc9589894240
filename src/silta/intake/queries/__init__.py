"""What imports read: the unit's files and rows, what a file is checked against, and what is known of its clients."""
