"""The audit log: who called what, when, and how it ended. Never arguments, answers or secrets."""

from trunkline.gateway.audit.chain import Verdict, verify
from trunkline.gateway.audit.log import AuditLog

__all__ = ["AuditLog", "Verdict", "verify"]
