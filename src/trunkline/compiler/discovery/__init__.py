"""Google API discovery documents -> drafts of tools.

The format: https://developers.google.com/discovery/v1/reference/apis#resource. A method becomes an OpenAPI operation,
so that arguments, bodies and schemas are compiled by what compiles those of OpenAPI.
"""

from trunkline.compiler.discovery.reader import read

__all__ = ["read"]
