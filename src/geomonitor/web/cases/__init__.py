"""Pages on cases: the four steps, the decision, the follow-up."""
