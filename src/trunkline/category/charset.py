"""Answers in other character sets than UTF-8.

Everything behind this point reads UTF-8: the JSON decoder, the model, and the search for secrets, which would not find
one that is spelled in UTF-16.
"""

import re
from codecs import BOM_UTF8
from typing import Final

_NAMED: Final = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
# What services send. Python knows codecs by name that are no character sets, and some that take quadratic time.
_KNOWN: Final = re.compile(
    r"utf-?(16|32)([lb]e|-[lb]e)?|iso-8859-\d{1,2}|latin-?1|windows-125\d|cp125\d|shift_jis|euc-(jp|kr)|gb2312|gbk"
    r"|gb18030|big5|koi8-[ru]",
    re.IGNORECASE,
)


def as_utf8(body: bytes, content_type: str) -> bytes:
    """`body` in UTF-8 and without a byte order mark; as it is where its type names no other known character set."""
    named = _NAMED.search(content_type)
    if named is not None and _KNOWN.fullmatch(named[1]):
        try:
            return body.decode(named[1], "replace").encode()
        except LookupError:  # there is no iso-8859-12
            return body
    return body.removeprefix(BOM_UTF8)
