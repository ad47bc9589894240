"""The interface to programs: its version, its document, how problems are told, and the mounting of each room's ``api.py``."""
