"""The journal: every read of a person's data, every write and every refusal, append-only and hash-chained."""
