"""A real OAuth and OpenID provider for the tests, and a person who signs in and consents there without a browser."""
