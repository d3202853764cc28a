"""What an experiment becomes for other tools: documents, collections, scripts and records."""
