"""Who signs in: users, their sign-in, their saved views. Knows no organisations and no clients."""
