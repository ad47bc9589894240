"""Who may act and who may know: memberships, roles and permissions, grants on legal grounds, consent, emergency access,
row-level security, retention."""  # noqa: D205, D209
