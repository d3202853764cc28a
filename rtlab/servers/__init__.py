"""The lab's servers: tornado speaks HTTP, the codecs speak the rest."""
