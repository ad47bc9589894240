"""What arrives from other systems: files of clients, checked row by row before anything is written."""
