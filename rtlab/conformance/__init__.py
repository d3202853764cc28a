"""The league: protocol vectors, run against every parser and decoder that is installed."""
