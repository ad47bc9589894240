"""Which other systems are told that something has happened: who may subscribe, to what, and what they may learn of."""
