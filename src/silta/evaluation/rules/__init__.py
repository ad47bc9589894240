"""Pure decisions on figures: what an indicator is, and which cells are not shown."""
