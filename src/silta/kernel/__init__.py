"""What every room stands on: the acting person, the clock, identifiers, periods, errors and the words of row security."""
