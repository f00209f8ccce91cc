"""Log-in, users, and what a user sets for himself."""
