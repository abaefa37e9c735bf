"""XML answers as values, so that they are shaped, cut and paged as JSON is.

An element becomes its text, or an object of its children and attributes (`@name`; its own text is `#text`); children of
one name become a list. Prefixes and declarations of namespaces go. A document type is refused: entities are how XML
grows without bound and reaches for files (OWASP, "XML External Entity Prevention").
"""

from typing import Any, Final
from xml.parsers import expat

_DEEPEST: Final = 60


def parsed(body: bytes, content_type: str) -> dict[str, Any]:
    """The document as an object of its root element. Raises ValueError for what is not safe, well-formed XML."""
    builder = _Builder()
    # Text whose type names a character set has been brought to UTF-8 already, whatever the document says of itself.
    parser = expat.ParserCreate("utf-8" if "charset" in content_type.lower() else None)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ValueError(f"not well-formed: {error}") from None
    return builder.root


def _refuse(*_: object) -> None:
    raise ValueError("it has a document type")


class _Builder:
    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise ValueError("it is nested too deep")
        shown = {f"@{_local(key)}": text for key, text in attributes.items() if not key.startswith("xmlns")}
        self._open.append((_local(name), dict(shown), []))

    def text(self, data: str) -> None:
        self._open[-1][2].append(data)

    def end(self, _: str) -> None:
        name, members, texts = self._open.pop()
        text = "".join(texts).strip()
        value: Any = members if members else text
        if members and text:
            members["#text"] = text
        _add(self._open[-1][1] if self._open else self.root, name, value)


def _add(members: dict[str, Any], name: str, value: Any) -> None:
    known = members.get(name)
    if known is None:
        members[name] = value
    elif isinstance(known, list):
        known.append(value)  # pyright: ignore[reportUnknownMemberType] - only this function puts lists there
    else:
        members[name] = [known, value]


def _local(name: str) -> str:
    return name.rpartition(":")[2]
