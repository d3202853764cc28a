"""The wire between client and lab: a relay that shows every byte which crosses it."""
