"""The pages of access: switching, emergency access, the journal, members, consents, sharing, the reference page."""
