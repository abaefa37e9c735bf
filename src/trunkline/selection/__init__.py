"""A question to the few right tools, under a token budget. Pure functions over an immutable index.

The index is `selection.index.Index`; nothing is imported here, for the index needs numpy and signatures do not.
"""
