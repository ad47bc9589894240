"""English, as it is written in Finland."""
