"""The tools of figures: taking out, counting, drawing. Each is imported only where a job or a command runs."""
