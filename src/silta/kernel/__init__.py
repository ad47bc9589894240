"""What every room stands on: the acting person, the clock, identifiers, errors and the words of row security."""
