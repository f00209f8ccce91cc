"""Everything that writes in the register: one place for access, rules, versions and the trail."""
