"""The commands of the command line, one module each: ``SUMMARY``, ``arguments(parser)`` and ``run(chosen)``."""
