"""The answer to a good request: the description's lowest 2xx, its example or a generated value, echoing the request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import orjson

from trunkline.sandbox.brackets import property_of
from trunkline.sandbox.dialect import Dialect
from trunkline.sandbox.document import Json, Node, RawOperation, is_array, is_object
from trunkline.sandbox.generate import NONE, Generator
from trunkline.sandbox.routes import holes

_ECHO_DEPTH = 3
_NO_BODY = frozenset((204, 205, 304))
Steps = tuple[str, ...]


@dataclass(frozen=True)
class Sent:
    """What a request said, decoded: query and path values by name, the body."""

    query: Mapping[str, Json] = field(default_factory=dict[str, Json])
    path: Mapping[str, Json] = field(default_factory=dict[str, Json])
    body: Json = None


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


class Answerer:
    """Answers one operation. The value is made once; each reply differs from it only in what it echoes."""

    def __init__(self, dialect: Dialect, operation: RawOperation) -> None:
        self._dialect = dialect
        self._document = dialect.document
        self._operation = operation

    def reply(self, sent: Sent) -> Reply:
        if self.status in _NO_BODY or not self.media_type:
            return Reply(self.status, self._headers)
        headers = {**self._headers, "Content-Type": self.media_type}
        if not self.is_json:
            return Reply(self.status, headers, self._text)
        echoed = self._echoes(sent)
        if not echoed:
            return Reply(self.status, headers, self._text)
        value = self.value
        for steps, said in echoed.items():
            value = _with(value, steps, said)
        return Reply(self.status, headers, orjson.dumps(value))

    @cached_property
    def _declared(self) -> tuple[int, Node]:
        """Status and "Response Object": the lowest 2xx, else the lowest 3xx, else `default` or nothing as a 200."""
        responses = self._document.node(self._operation.node.get("responses"))
        for family in "23":
            codes = sorted(code for code in map(str, responses) if len(code) == 3 and code[0] == family)
            if codes:
                status = int(codes[0]) if codes[0].isdigit() else int(family) * 100
                return status, self._document.node(responses[codes[0]])
        return 200, self._document.node(responses.get("default"))

    @property
    def status(self) -> int:
        return self._declared[0]

    @cached_property
    def media_type(self) -> str:
        """JSON where it is offered; "" for an answer without body."""
        offered = list(self._document.node(self._declared[1].get("content")))
        found = next((it for it in offered if _is_json(it)), offered[0] if offered else "")
        return "application/json" if found in ("*/*", "application/*") else found

    @property
    def is_json(self) -> bool:
        return _is_json(self.media_type)

    @cached_property
    def schema(self) -> Json:
        return self._media.get("schema", {})

    @cached_property
    def value(self) -> Json:
        """The answer without echoes."""
        if "schema" not in self._media:
            return {} if self._example is NONE else self._example
        return Generator(self._dialect).value(self.schema, self._example)

    @cached_property
    def _media(self) -> Node:
        content = self._document.node(self._declared[1].get("content"))
        offered = next((key for key in content if _is_json(key)), next(iter(content), ""))
        return self._document.node(content.get(offered))

    @cached_property
    def _example(self) -> Json:
        if "example" in self._media:
            return self._media["example"]
        examples = self._document.node(self._media.get("examples"))
        first = self._document.node(next(iter(examples.values()), None))
        return first.get("value", NONE)

    @cached_property
    def _text(self) -> bytes:
        if self.is_json:
            return orjson.dumps(self.value)
        if isinstance(self._example, str):
            return self._example.encode()
        if "xml" in self.media_type:
            return b'<?xml version="1.0"?><answer/>'
        made = Generator(self._dialect).value(self.schema) if self.media_type.startswith("text/") else "sandbox"
        return made.encode() if isinstance(made, str) else orjson.dumps(made)

    @cached_property
    def _headers(self) -> dict[str, str]:
        """Required response headers, and where a redirect leads."""
        declared = self._document.node(self._declared[1].get("headers"))
        wanted = {name: self._document.node(node) for name, node in declared.items()}
        made = {name: self._header(name, node) for name, node in wanted.items() if node.get("required") is True}
        if 300 <= self.status < 400 and self.status != 304:
            made.setdefault("Location", "https://example.com/sandbox")
        return {name: value for name, value in made.items() if name.lower() not in ("content-type", "content-length")}

    def _header(self, name: str, node: Node) -> str:
        value = Generator(self._dialect).value(node.get("schema", {}), node.get("example", NONE), name=name)
        return value if isinstance(value, str) and value.isprintable() else orjson.dumps(value).decode()

    @cached_property
    def _places(self) -> dict[Steps, Json]:
        """Where the answer may echo: its values that are no objects, near the top, with their schemas."""
        return dict(self._walk(self.value, self.schema, ()))

    def _walk(self, value: Json, schema: Json, steps: Steps) -> Iterator[tuple[Steps, Json]]:
        if not is_object(value):
            yield steps, schema
        elif len(steps) < _ECHO_DEPTH:
            for name, child in value.items():
                yield from self._walk(child, property_of(self._dialect, schema, name), (*steps, name))

    @cached_property
    def _by_name(self) -> dict[str, Steps]:
        """The shallowest place of each name."""
        found: dict[str, Steps] = {}
        for steps in sorted((steps for steps in self._places if steps), key=len):
            found.setdefault(steps[-1], steps)
        return found

    def _echoes(self, sent: Sent) -> dict[Steps, Json]:
        """What of the request the answer repeats: the same path, else the same name; only what its schema admits."""
        echoes: dict[Steps, Json] = {}
        said = [*sent.query.items(), *sent.path.items()]
        for steps, value in [
            *(((name,), value) for name, value in said),
            *self._subject(sent),
            *_leaves(sent.body, ()),
        ]:
            place = steps if steps in self._places else self._by_name.get(steps[-1])
            if place and value is not None and self._dialect.is_valid(value, self._places[place]):
                echoes[place] = value
        return echoes

    def _subject(self, sent: Sent) -> Iterator[tuple[Steps, Json]]:
        """The path's last hole names the thing: `issue_number` is the answer's `number`, `customer` its `id`."""
        if not self._operation.template.endswith("}"):
            return
        name = holes(self._operation.template)[-1]
        aliases = (name, name.replace("-", "_").rpartition("_")[2], "id")
        found = next((alias for alias in aliases if (alias,) in self._places), None)
        if found is not None and name in sent.path:
            yield (found,), sent.path[name]


def _leaves(body: Json, steps: Steps) -> Iterator[tuple[Steps, Json]]:
    if is_object(body) and len(steps) < _ECHO_DEPTH:
        for name, child in body.items():
            yield from _leaves(child, (*steps, name))
    elif steps and not _holds_bytes(body):
        yield steps, body


def _holds_bytes(value: Json) -> bool:
    return isinstance(value, bytes) or (is_array(value) and any(isinstance(item, bytes) for item in value))


def _with(value: Json, steps: Steps, said: Json) -> Json:
    """A copy of `value` with `said` at `steps`; what is not on the way is shared."""
    if not steps:
        return said
    return {**value, steps[0]: _with(value[steps[0]], steps[1:], said)}


def _is_json(media_type: str) -> bool:
    kind = media_type.partition(";")[0].strip().lower()
    return kind.endswith(("/json", "+json")) or kind in ("*/*", "application/*")
