"""Which services are judged: those named, and a fixed random sample of the others."""

import random
from collections.abc import Mapping

from trunkline.catalog.manifest import Manifest

SEED = 2026
# What the catalog promises by name and an OpenAPI description describes. Others are judged by other means: AWS by
# botocore's serializers, Google by googleapiclient, GraphQL by graphql-core, hand-written services by their tests.
_NAMES = """
github gitlab bitbucket slack discord jira asana salesforce hubspot openai anthropic stripe paypal square xero
mailchimp sendgrid notion trello zoom zendesk shopify twilio dropbox box figma sentry teams
microsoft-teams outlook-mail outlook-calendar onedrive excel sharepoint to-do planner onenote
"""
NAMED = frozenset(_NAMES.split())


def named(manifests: Mapping[str, Manifest]) -> list[str]:
    return sorted(NAMED & _described(manifests))


def sampled(manifests: Mapping[str, Manifest], count: int) -> list[str]:
    """`count` of the services that are not named; the same ones as long as the catalog holds the same services."""
    others = sorted(_described(manifests) - NAMED)
    return sorted(random.Random(SEED).sample(others, min(count, len(others))))


def _described(manifests: Mapping[str, Manifest]) -> set[str]:
    """Those that OpenAPI describes."""
    return {name for name, manifest in manifests.items() if manifest.kind == "openapi"}
