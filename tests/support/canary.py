"""A secret that is looked for in everything that can be seen, in every form it may have taken."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

SECRET = "canary/9f\"+ä<k>&='\\ of the store"


def forms(secret: str = SECRET) -> dict[str, bytes]:
    """Name -> bytes that must be found nowhere."""
    raw = secret.encode()
    found = {
        "plain": raw,
        "latin-1": secret.encode("latin-1"),
        "utf-16": secret.encode("utf-16-le"),
        "hexadecimal": raw.hex().encode(),
        "URL": quote(secret, safe="").encode(),
        "URL, slashes kept": quote(secret).encode(),
        "form": quote_plus(secret).encode(),
        "JSON": json.dumps(secret)[1:-1].encode(),
        "JSON, not ASCII": json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
        "repr": repr(secret)[1:-1].encode(),
        "bytes": repr(raw)[2:-1].encode(),
        "a part": secret[:9].encode(),
    }
    return found | dict(_base64(raw))


def seen_in(content: bytes, secret: str = SECRET) -> list[str]:
    """The names of the forms that stand in `content`."""
    return [name for name, form in forms(secret).items() if form in content]


def files_with(folder: Path, secret: str = SECRET) -> list[str]:
    """The files below `folder` that hold it in any form; links are not followed."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [f"{path.name}: {name}" for path in files for name in seen_in(path.read_bytes(), secret)]


def _base64(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """However many bytes stand before it: three alignments, in both alphabets, without what depends on neighbours."""
    for before in range(3):
        first = 4 if before else 0
        whole = base64.b64encode(b"\0" * before + raw)[first:-4]
        yield f"base64, {before}", whole
        yield f"base64url, {before}", whole.translate(bytes.maketrans(b"+/", b"-_"))
