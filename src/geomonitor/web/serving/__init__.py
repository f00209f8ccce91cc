"""How the application is started: its home folder, the server, the worker, backup and restore."""
