"""Swedish, as it is written in Finland."""
