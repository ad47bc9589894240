"""Pure decisions about a case: its dated definition, the Finnish calendar, due dates and the weight of a caseload."""
