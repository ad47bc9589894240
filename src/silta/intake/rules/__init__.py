"""Pure decisions about files of clients: headings, values, the problems of a row, and what changed since the last file."""
