"""The web application: pages on the evidence, and on the register."""
