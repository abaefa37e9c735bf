"""A stand-in for every service: checks each request against the service's own description and answers from it.

Nothing here reads compiled rows: a mistake of the compiler, or of the code that builds requests, must show as a
refused request. Start with `sandbox.server`.
"""
