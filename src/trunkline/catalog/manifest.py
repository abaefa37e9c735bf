"""The manifest of one integration, `modules/<category>/<service>.yaml`: format 1.

YAML takes named choices, never expressions. Every key that is not named here is an error, so that a spelling mistake
cannot silently turn a setting off.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Literal, cast, get_args

import msgspec
import yaml

from trunkline.catalog.auth import AuthEntry, scheme_of
from trunkline.catalog.checks import check_base_url, check_hosts, check_variables
from trunkline.catalog.corrections import Corrections
from trunkline.catalog.family import MODULES, Paths, with_family
from trunkline.contract import AuthScheme, Category, Effect, InvalidManifest, PagingStrategy, Service, Variable

_SERVICE_ID = re.compile(r"[a-z][a-z0-9-]{0,23}")
OWN = "own:"  # of a description of ours, followed by its path; it is its own pin
PACKAGE = "trunkline.modules"
PYTHON = "python:"  # of a hand-written module, followed by `package.module:Class`
_CLASS = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_OWN_FILE = re.compile(r"own:[a-z0-9-]+\.yaml")
_TOOL_NAME = re.compile(r"[a-z][a-z0-9_]*")


SourceKind = Literal["openapi", "discovery", "aws", "graphql", "python"]
_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Descriptions of one kind: ids in modules/sources.lock, see `trunkline.catalog.lock.SourceId`.

    `own:openapi.yaml` is a description of ours in the manifest's folder.
    """

    openapi: str | tuple[str, ...] = ()  # OpenAPI 3.0, 3.1 or Swagger 2.0
    discovery: str | tuple[str, ...] = ()  # Google API discovery documents
    aws: str | tuple[str, ...] = ()  # botocore service models
    graphql: str | tuple[str, ...] = ()  # GraphQL schemas
    python: str = ""  # the class of a hand-written module, in module.py beside the manifest

    def given(self) -> tuple[SourceKind, tuple[str, ...]]:
        """The kind and its source ids in order. Raises ValueError unless there is exactly one kind."""
        found: list[tuple[SourceKind, str | tuple[str, ...]]] = [
            (kind, ids) for kind in _KINDS if (ids := getattr(self, kind))
        ]
        if len(found) != 1:
            raise ValueError(f"source: exactly one of {', '.join(_KINDS)}, with at least one source")
        ((kind, ids),) = found
        return kind, (ids,) if isinstance(ids, str) else ids


class PagingEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How further pages are asked for, where the description does not show it: see `trunkline.contract.Paging`."""

    strategy: PagingStrategy
    send: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    items: str | None = None
    more: str = ""
    total: str = ""
    size: str = ""
    most: int = 0
    first: int | None = None


class ToolEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person knows better than the description, for one operation."""

    name: str = ""  # verb_noun, without the service
    title: str = ""
    description: str = ""
    effect: Effect | None = None
    idempotent: bool | None = None
    keep: tuple[str, ...] = ()
    paging: PagingEdit | Literal["none"] | None = None
    required: tuple[str, ...] = ()  # arguments that the service demands, though the description does not say so
    skip: bool = False


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A read without arguments that succeeds exactly if the credential is good."""

    get: str = ""
    post: str = ""
    tool: str = ""  # where tools have no path: the operation's id

    @property
    def operation(self) -> str:
        return self.tool or (f"GET {self.get}" if self.get else f"POST {self.post}")


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Literal[1]
    id: str
    title: str
    summary: str
    source: Source
    hosts: tuple[str, ...]
    family: str = ""
    vendor: str = ""
    paths: Paths = Paths()
    base_url: str = ""
    auth: tuple[Literal["bearer", "basic", "sigv4", "sigv4_session"] | AuthEntry, ...] = ()
    variables: dict[str, Variable] = {}
    verify: Verify | None = None
    headers: dict[str, str] = {}
    credential_parameters: tuple[str, ...] = ()
    corrections: Corrections = Corrections()
    anonymous: bool = True
    aliases: tuple[str, ...] = ()
    paging: PagingEdit | None = None
    tools: dict[str, ToolEdit] = {}


class Manifest(msgspec.Struct, frozen=True):
    """A checked manifest. `sources` are ids of descriptions of one `kind`, in order.

    `tools` is keyed by an operation's id or place: for OpenAPI its operationId or `METHOD /path`.
    """

    id: str
    title: str
    summary: str
    category: Category
    base_url: str
    hosts: tuple[str, ...]
    kind: SourceKind
    sources: tuple[str, ...]
    vendor: str = ""
    paths: Paths = Paths()
    auth: tuple[AuthScheme, ...] = ()
    variables: dict[str, Variable] = {}
    verify: Verify | None = None
    headers: dict[str, str] = {}
    credential_parameters: tuple[str, ...] = ()
    corrections: Corrections = Corrections()
    anonymous: bool = True  # False: nothing is to be had without a credential, whatever the description says
    aliases: tuple[str, ...] = ()
    paging: PagingEdit | None = None  # of every tool that has its arguments
    family: str = ""
    tools: dict[str, ToolEdit] = {}

    def service(self) -> Service:
        """The service without what only a build knows (`tools`, `digest`, `verify`)."""
        return Service(
            id=self.id,
            title=self.title,
            summary=self.summary,
            category=self.category,
            vendor=self.vendor,
            base_url=self.base_url,
            hosts=self.hosts,
            auth=self.auth,
            variables=self.variables,
            headers=self.headers,
            aliases=self.aliases,
            family=self.family,
        )


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which a key given twice is an error instead of the last one winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]  # pyright: ignore[reportUnknownMemberType]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", node.start_mark)
        return super().construct_mapping(node, deep)  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]


def read_manifest(path: Path, text: bytes, category: Category) -> Manifest:
    """The manifest at `path`, which holds `text`. Raises InvalidManifest naming the file and the field."""
    in_folder = path.name == "manifest.yaml"
    where = f"{category}/{path.parent.name}/{path.name}" if in_folder else f"{category}/{path.name}"
    modules = path.parents[2] if in_folder else path.parents[1]
    stem = path.parent.name if in_folder else path.stem
    return parse_manifest(text, where, stem, category, modules / "families")


def parse_manifest(
    text: bytes, where: str, stem: str, category: Category, families: Path = MODULES / "families"
) -> Manifest:
    """The manifest in `text`, with what the folder `families` says of its family.

    Raises InvalidManifest naming `where` and the field.
    """
    try:
        data = yaml.load(text, _Loader)  # noqa: S506 - _Loader is a safe loader
    except yaml.YAMLError as error:
        raise InvalidManifest(f"{where}: not valid YAML: {error}") from error
    try:
        if isinstance(data, dict):
            data = with_family(cast("dict[str, object]", data), families)
        file = msgspec.convert(data, _File, strict=True)
        manifest = _manifest(file, category)
        _check(file, manifest, stem)
    except (msgspec.ValidationError, ValueError) as error:
        raise InvalidManifest(f"{where}: {_field_first(str(error))}", _HINT) from error
    return manifest


_HINT = "Compare with modules/code/github.yaml."


def _field_first(message: str) -> str:
    """msgspec's `... - at `$.auth[0]`` as `auth[0]: ...`."""
    text, at, place = message.rpartition(" - at `$.")
    return f"{place.rstrip('`')}: {text}" if at else message


def _sources(kind: SourceKind, ids: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """Source ids; those of ours with their path in the modules folder."""
    if kind == "python":
        package = f"{PACKAGE}.{folder.replace('/', '.')}"
        return tuple(f"{PYTHON}{package}.module:{each}" for each in ids)
    own = f"{OWN}{folder}/"
    return tuple(own + each.removeprefix(OWN) if each.startswith(OWN) else each for each in ids)


def _manifest(file: _File, category: Category) -> Manifest:
    kind, sources = file.source.given()
    return Manifest(
        id=file.id,
        title=file.title,
        summary=file.summary,
        category=category,
        base_url=(file.base_url or f"https://{file.hosts[0] if file.hosts else ''}").rstrip("/"),
        hosts=file.hosts,
        kind=kind,
        sources=_sources(kind, sources, f"{category}/{file.id}"),
        vendor=file.vendor or file.id,
        paths=file.paths,
        auth=tuple(scheme_of(entry) for entry in file.auth),
        variables=file.variables,
        verify=file.verify,
        headers=file.headers,
        credential_parameters=file.credential_parameters,
        corrections=file.corrections,
        anonymous=file.anonymous,
        aliases=file.aliases,
        paging=file.paging,
        family=file.family,
        tools=file.tools,
    )


def _check(file: _File, manifest: Manifest, stem: str) -> None:
    if not _SERVICE_ID.fullmatch(file.id):
        raise ValueError(f"id: {file.id!r} must be at most 24 of a-z, 0-9 and '-', starting with a letter")
    if file.id != stem:
        raise ValueError(f"id: {file.id!r} must be the name of the file or its folder, {stem!r}")
    if not file.title or not file.summary:
        raise ValueError("title, summary: must not be empty")
    _check_own(file)
    if file.verify and [bool(each) for each in msgspec.structs.astuple(file.verify)].count(True) != 1:
        raise ValueError("verify: exactly one of get, post, tool")
    _check_places(manifest)
    for operation, edit in manifest.tools.items():
        if edit.name and not _TOOL_NAME.fullmatch(edit.name):
            raise ValueError(f"tools[{operation}].name: {edit.name!r} must be verb_noun: a-z, 0-9 and '_'")


def _check_own(file: _File) -> None:
    kind, sources = file.source.given()
    for source in sources:
        if kind == "python" and not _CLASS.fullmatch(source):
            raise ValueError(f"source.python: {source!r} must be the name of a class of module.py")
        if source.startswith(OWN) and not _OWN_FILE.fullmatch(source):
            raise ValueError(f"source.{kind}: {source!r} must be own:<name>.yaml, a file beside the manifest")


def _check_places(manifest: Manifest) -> None:
    bases = [manifest.base_url, *(scheme.base_url for scheme in manifest.auth if scheme.base_url)]
    check_hosts(manifest.hosts)
    for base in bases:
        check_base_url(base, manifest.hosts)
    in_path = [key.name for scheme in manifest.auth for key in scheme.keys if key.location == "path"]
    check_variables(manifest.variables, (*manifest.hosts, *bases, *manifest.headers.values()), in_path)
