"""Where are we, on what machine, and what will not work here."""
