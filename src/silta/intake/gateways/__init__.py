"""Files in and files out: spreadsheets read as rows of text, and written so that no cell of theirs is ever run."""
