"""Where the sandbox gets services and their descriptions from."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import orjson
import yaml

from trunkline.catalog.corrections import Corrections
from trunkline.catalog.family import Paths
from trunkline.catalog.manifest import Manifest, SourceKind
from trunkline.catalog.manifests import Manifests
from trunkline.catalog.sources import Sources
from trunkline.contract import AuthScheme, InvalidManifest, Variable
from trunkline.sandbox.document import Node, is_object


@dataclass(frozen=True)
class Site:
    """Where a service lives and how callers identify themselves, as its manifest says (never its compiled rows).

    `hosts` and `base_url` may hold {variables}. The description's own servers and schemes come first; these fill in.
    """

    service: str
    hosts: tuple[str, ...]
    base_url: str = ""
    auth: tuple[AuthScheme, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict[str, Variable])
    credential_parameters: tuple[str, ...] = ()  # parameters and properties that repeat the credential
    corrections: Corrections = field(default_factory=Corrections)
    kind: SourceKind = "openapi"
    paths: Paths = field(default_factory=Paths)  # the part of its description that is the service's

    @staticmethod
    def of(manifest: Manifest) -> "Site":
        return Site(
            service=manifest.id,
            hosts=manifest.hosts,
            base_url=manifest.base_url,
            auth=manifest.auth,
            variables=manifest.variables,
            credential_parameters=manifest.credential_parameters,
            corrections=manifest.corrections,
            kind=manifest.kind,
            paths=manifest.paths,
        )


Texts = Sequence[tuple[str, bytes]]
"""(source id, description as published)"""


class Descriptions(Protocol):
    """Descriptions as published. `get` may block: it is called off the loop, once per use of a service."""

    def sites(self) -> Sequence[Site]: ...

    def get(self, service: str) -> Texts: ...


class FixedDescriptions:
    """Descriptions at hand: `{site: document}`."""

    def __init__(self, documents: Mapping[Site, Node] | Sequence[tuple[Site, Node]]) -> None:
        pairs = documents.items() if isinstance(documents, Mapping) else documents
        self._sites = [site for site, _ in pairs]
        self._documents = {site.service: document for site, document in pairs}

    def sites(self) -> Sequence[Site]:
        return self._sites

    def get(self, service: str) -> Texts:
        return [(service, orjson.dumps(self._documents[service]))]


class ManifestDescriptions:
    """What the manifests name, out of the pinned sources."""

    def __init__(self, sources: Sources, manifests: Manifests) -> None:
        self._sources = sources
        self._manifests = manifests.by_id

    def sites(self) -> Sequence[Site]:
        """What a hand-written module speaks to is not HTTP: there is no site of it."""
        return [Site.of(manifest) for manifest in self._manifests.values() if manifest.kind != "python"]

    def get(self, service: str) -> Texts:
        """Raises what `Sources.fetch` raises."""
        return [(source, self._sources.fetch(source)) for source in self._manifests[service].sources]


class _Yaml(yaml.CSafeLoader):
    """YAML 1.2 as JSON knows it: dates, `yes` and `off` stay text, names (`200:`) become text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        found = super().construct_mapping(node, deep)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return {name if isinstance(name, str) else orjson.dumps(name).decode(): child for name, child in found.items()}


_TIMESTAMP, _BOOL = "tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"
_Yaml.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag not in (_TIMESTAMP, _BOOL)]
    for letter, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
for _letter in "tTfF":
    _Yaml.yaml_implicit_resolvers.setdefault(_letter, []).append(
        (_BOOL, re.compile("(?:true|True|TRUE|false|False|FALSE)$"))
    )


def part(root: Node, paths: Paths) -> Node:
    """An OpenAPI description with those of its paths that `paths` admits."""
    found = root.get("paths")
    if not paths.include or not is_object(found):
        return root
    return {**root, "paths": {path: item for path, item in found.items() if paths.admit(path)}}


def parse(text: bytes, source: str) -> Node:
    """A description in JSON or YAML. Raises InvalidManifest naming `source`."""
    try:
        root = orjson.loads(text) if text.lstrip()[:1] == b"{" else yaml.load(text, _Yaml)  # noqa: S506 - a safe loader
    except (ValueError, yaml.YAMLError) as error:
        raise InvalidManifest(f"{source}: neither JSON nor YAML: {error}") from error
    if not is_object(root):
        raise InvalidManifest(f"{source}: not a description")
    return root
