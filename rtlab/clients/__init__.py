"""Clients that record each message the moment it arrives."""
