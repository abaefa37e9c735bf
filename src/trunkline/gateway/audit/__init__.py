"""The audit log: who called what, when, and how it ended. Never arguments, answers or secrets.

`chain.verify` checks it; a server that only writes does not import that.
"""

from trunkline.gateway.audit.log import AuditLog

__all__ = ["AuditLog"]
