"""Pages on parliamentary papers: search, dossiers, papers, motions, commitments."""
