"""Pages on chains, materials, shocks, sources, methods and comparisons."""
