"""Template tags of the room: components that pages of every room are built from."""
