"""What a body says, whatever the order it says it in."""

import json
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from botocore.parsers import ResponseParserError, RpcV2CBORParser


def content(body: bytes, protocol: str) -> Any:
    """A value that is equal for bodies that mean the same. A body that cannot be read means itself."""
    try:
        if protocol in ("query", "ec2"):
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
            return sorted((name, _number(text)) for name, text in pairs)
        if protocol == "smithy-rpc-v2-cbor":
            parser = RpcV2CBORParser()
            return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
        return json.loads(body) if protocol.endswith("json") else _tree(ElementTree.fromstring(body))
    except (ValueError, ResponseParserError, ElementTree.ParseError):
        return body


def _tree(node: ElementTree.Element) -> Any:
    """Children by name, those of one name in their order."""
    children = sorted((_tree(child) for child in node), key=lambda child: child[0])
    return node.tag, sorted(node.attrib.items()), _number(node.text or ""), children


def _number(text: str) -> str:
    """`1` and `1.0` are one number."""
    try:
        return str(float(text))
    except ValueError:
        return text
