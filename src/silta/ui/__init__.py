"""Components, layout and the form renderer: how every page looks. Knows no room's words."""
