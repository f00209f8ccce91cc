"""How dates are typed and shown, by language."""
