"""Work that takes long: asked on a page, done by a worker, in a process that can be ended."""
