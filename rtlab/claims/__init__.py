"""The article's claims, each with its authority, its experiment and its verdict."""
