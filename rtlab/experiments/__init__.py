"""Where a server meets a client: one module a question."""
