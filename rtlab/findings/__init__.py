"""What single experiments found, as small frozen records; the travelling ones are in :mod:`rtlab.records`."""
