"""Where clients read: my plan, my data, who has seen them. No tables, no rules."""
