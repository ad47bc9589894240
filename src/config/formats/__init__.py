"""How days and times are written in Swedish and English in Finland: day first, as in Finnish."""
