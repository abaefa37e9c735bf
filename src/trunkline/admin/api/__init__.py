"""The admin JSON API: one table of endpoints, and what is made of it."""
