"""Pages on policy instruments and on events of coercion."""
