"""A tool (one operation of a service) and the plan by which its calls are executed.

The compiler writes these rows, the catalog stores them, the gateway reads the outer half (`ToolSpec` without `plan`)
and a category server executes `plan`: each kind of plan has its executor. Styles and locations are those of OpenAPI
3.1, section "Parameter Object".
"""

import msgspec

from trunkline.contract.categories import Category
from trunkline.contract.effect import Effect
from trunkline.contract.paging import Paging


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One argument that goes into the path, the query, a header or a cookie."""

    argument: str  # its name in the input schema
    name: str  # its name on the wire
    location: str  # path | query | header | cookie
    style: str = ""  # "" = the default of the location (simple | form)
    explode: bool | None = None  # None = the default of the style
    allow_reserved: bool = False
    media_type: str = ""  # set: the value is serialized as this (application/json), not by style


class BodyField(msgspec.Struct, frozen=True, omit_defaults=True):
    """One argument that becomes a property of an object body.

    `style`/`explode` apply to application/x-www-form-urlencoded and multipart (Encoding Object); `binary` marks a
    file part, whose argument is {"filename", "content_base64"} or text.
    """

    argument: str
    name: str
    style: str = ""
    explode: bool | None = None
    media_type: str = ""
    binary: bool = False


class Body(msgspec.Struct, frozen=True, omit_defaults=True):
    """The request body: either `whole` (one argument is the body) or `fields` (arguments are its properties)."""

    media_type: str
    fields: tuple[BodyField, ...] = ()
    whole: str = ""
    required: bool = False
    constants: dict[str, bytes] = {}  # properties with one legal value (JSON text), filled in for the caller


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, tag="http"):
    """How to build the HTTP request of one tool."""

    method: str  # upper case
    path: str  # template with {name} holes, starts with "/"
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    base_url: str = ""  # overrides the service's
    headers: dict[str, str] = {}
    accept: str = "application/json"


class AwsPlan(msgspec.Struct, frozen=True, omit_defaults=True, tag="aws"):
    """An operation of AWS: botocore serializes, signs and parses it.

    `model` is a botocore service description with this one operation: JSON, compressed by zlib.
    """

    operation: str  # as the service calls it: "ListBuckets"
    model: bytes
    host: str  # may hold {region}, the connection's
    signing_name: str  # the service in the signature's scope
    signing_region: str = ""  # "": the connection's region
    path: str = ""  # before the operation's own, without a slash at its end


class PythonPlan(msgspec.Struct, frozen=True, omit_defaults=True, tag="python"):
    """Which method of a hand-written service to call: `module` is `package.module:Class`."""

    module: str
    method: str


class GraphQlPlan(msgspec.Struct, frozen=True, omit_defaults=True, tag="graphql"):
    """A GraphQL operation: its document is `before`, what is chosen (`chosen` unless the caller says), and `after`.

    Arguments are the document's variables, except for `fields`, which chooses; `root` is the field that is the answer.
    """

    path: str
    before: str
    chosen: str
    after: str
    root: str
    arguments: tuple[str, ...] = ()
    choice: bool = False  # whether there is something to choose


ToolPlan = Plan | AwsPlan | GraphQlPlan | PythonPlan  # tagged structs: one for each kind of execution


class ToolSpec(msgspec.Struct, frozen=True, omit_defaults=True):
    """One tool. `name` is `service_verb_noun`, at most 64 characters of [A-Za-z0-9_-], unique in the catalog."""

    name: str
    service: str
    category: Category
    operation: str  # operationId, or "POST /repos/{owner}/{repo}/issues"
    title: str
    description: str
    effect: Effect
    idempotent: bool
    input_schema: bytes  # JSON text of a JSON Schema 2020-12 object schema
    signature: str  # one compact line: name(arg: type, opt?: type = default) - use
    signature_tokens: int  # of `signature`, o200k_base
    listing_tokens: int  # of the tool as tools/list would show it, o200k_base
    plan: ToolPlan | None = None  # None: executed by an upstream MCP server
    keep: tuple[str, ...] = ()  # fields of the answer to keep; empty: all
    paging: Paging | None = None  # None: all there is comes at once, or how to go on is not known
    deprecated: bool = False
    anonymous: bool = False  # the description says no credential is needed
    digest: str = ""  # sha256 of everything above: pins what was approved
