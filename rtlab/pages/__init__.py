"""The learner's page, or a browser that is driven, as an instrument."""
