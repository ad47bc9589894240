"""The spine: a person's case, the people around it, the plan made with her, what was promised and what came of it."""
