"""Tidy table in, plotly figure out."""
