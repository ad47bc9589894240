"""What goes out to other systems: messages that wait, how each is signed and sent, and what became of it."""
