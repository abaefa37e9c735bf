"""How good an integration is, worked out from what there is of it: nobody has to be believed."""

from enum import StrEnum

from trunkline.catalog.manifest import Manifest
from trunkline.contract import Service


class Tier(StrEnum):
    """From what every integration has to what few have.

    Silver asks for recorded tests and gold for a live canary besides; there is neither yet, so none is.
    """

    GENERATED = "generated"  # compiles, and passes the tests that every integration inherits
    BRONZE = "bronze"  # a call says whether a credential is good; a person went through names, effects, texts, answers


def tier_of(manifest: Manifest, service: Service) -> Tier:
    """`service` as compiled, whose `verify` is set only if that call exists and takes no arguments."""
    return Tier.BRONZE if service.verify and manifest.tools else Tier.GENERATED
