"""The pages of imports: bringing a file, choosing its columns, looking at what it would do, correcting, importing."""
