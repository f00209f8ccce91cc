"""The archive: parliamentary papers kept in the database, their graph, search, and what people watch."""
