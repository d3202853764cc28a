"""Bytes to events and events to bytes; no socket, no thread, no clock."""
