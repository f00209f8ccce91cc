"""Import, export, and the audit trail."""
