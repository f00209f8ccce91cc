"""Pages on the evidence: editions, products, pairs, chains, materials, shocks."""
