"""The register: cases that people keep, instruments, and events of coercion."""
