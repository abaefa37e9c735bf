"""API descriptions -> tool rows. Build time only: no server imports it."""
