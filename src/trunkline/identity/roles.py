"""What a role may do. Each role may do what the ones before it may."""

from enum import StrEnum
from typing import Final

from trunkline.contract import PolicyDenied


class Role(StrEnum):
    """viewer: calls what only reads. member: calls, connects, has keys. admin: people, services. owner: everything."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


_RANK: Final = {role.value: rank for rank, role in enumerate(Role)}


def reaches(role: str, needed: str) -> bool:
    """Whether `role` may do what `needed` may. A role that does not exist reaches nothing, and nothing reaches it."""
    return role in _RANK and needed in _RANK and _RANK[role] >= _RANK[needed]


def require(role: str, needed: str, what: str) -> None:
    """Raises PolicyDenied."""
    if not reaches(role, needed):
        raise PolicyDenied(f"Your role may not {what}.", f"It takes the role {needed}: ask an owner.")


def checked(role: str) -> Role:
    """Raises PolicyDenied for a role that does not exist: doubt is denied."""
    try:
        return Role(role)
    except ValueError:
        raise PolicyDenied("There is no such role.", f"Roles: {', '.join(Role)}.") from None
