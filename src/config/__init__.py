"""The composition root: settings, addresses, wiring and the command line. It imports everybody; nobody imports it."""
