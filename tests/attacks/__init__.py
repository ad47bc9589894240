"""The attack list: what is tried against Silta on purpose; docs/security.md names the test of each row."""
