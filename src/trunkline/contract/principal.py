"""Who is calling."""

import msgspec


class Principal(msgspec.Struct, frozen=True):
    """A caller whose identity was verified. `subject` is unique within `organization`; both are opaque ids."""

    subject: str
    organization: str
    name: str = ""
