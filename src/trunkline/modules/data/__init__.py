"""Integrations of the category data."""
