"""A service's answer as a model gets it: the fields that matter, JSON where it can be, and what kind of thing it is.

An answer is data. It is passed on as it is, or cut; it is never interpreted.
"""

from typing import Any, Final, cast

import msgspec

from trunkline.category import files, markup
from trunkline.category.fields import ALL, Telling, kept_fields, listed, may_hold_noise
from trunkline.category.upstream import Answer
from trunkline.contract import ToolResult, ToolSpec

SMALL_BYTES: Final = 1_024  # of an answer that is passed on as it is: a model pays 300 tokens for it at most
BUDGET_BYTES: Final = 40_000  # about 10,000 tokens
_TEXT_KINDS: Final = ("text/", "application/xml", "application/javascript", "application/x-www-form-urlencoded")
_MARKUP_TO_SEE: Final = ("image/", "application/xhtml")
_NOT_JSON: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ALL_HINT: Final = '`fields`: ["*"] shows all'


class Shaped(msgspec.Struct, frozen=True):
    """An answer that can be given in parts. `raw` is its JSON as it came, `value` what is left of it for the model.

    `plain`: it is no JSON, and `value` is its text.
    """

    status: int
    value: Any
    raw: Any = None
    plain: bool = False
    note: str = ""
    is_error: bool = False

    def text_of(self, value: Any) -> str:
        return value if self.plain or isinstance(value, str) else msgspec.json.encode(value).decode()

    def result(self, text: str, notes: tuple[str, ...] = ()) -> ToolResult:
        said = "; ".join(filter(None, (*notes, self.note)))
        return ToolResult(text=text, is_error=self.is_error, status=self.status, note=said)


class Shaper:
    """Shapes the answers of one tool, which come from `host`. Below `small` bytes there is too little to gain."""

    def __init__(self, spec: ToolSpec, host: str, budget: int = BUDGET_BYTES, small: int = SMALL_BYTES) -> None:
        self.spec = spec
        self.budget = budget
        self._small = small
        self._host = host

    def quick(self, answer: Answer) -> ToolResult | None:
        """The result of JSON that needs no change but fewer blanks, which is never decoded. None for all else."""
        body = answer.body
        if self.spec.keep or not body or len(body) > self.budget or not _says_json(answer):
            return None
        if len(body) > self._small and may_hold_noise(body, f"//{self._host}/".encode()):
            return None
        try:
            text = msgspec.json.format(body, indent=-1).decode()
        except _NOT_JSON:
            return None
        return ToolResult(text=text, is_error=_refused(body), status=answer.status)

    def shaped(self, answer: Answer, fields: tuple[str, ...]) -> Shaped | ToolResult:
        """What of a good answer is shown; a result at once where it has no parts."""
        if answer.location:
            return files.elsewhere(answer)
        if not answer.body:
            return ToolResult(f"Done: {answer.status}, and the service sent no content.", status=answer.status)
        if _says_json(answer):
            try:
                return self._json(answer, msgspec.json.decode(answer.body), fields)
            except _NOT_JSON:
                pass
        if _kind(answer).endswith(("/xml", "+xml")) and not _kind(answer).startswith(_MARKUP_TO_SEE):
            try:
                return self._json(answer, markup.parsed(answer.body, answer.content_type), fields)
            except ValueError:
                pass
        return self._other(answer)

    def _json(self, answer: Answer, raw: Any, fields: tuple[str, ...]) -> Shaped:
        is_error = isinstance(raw, dict) and cast("dict[str, Any]", raw).get("ok") is False
        keep = fields or self.spec.keep
        if keep == ALL:
            return Shaped(answer.status, raw, raw, is_error=is_error)
        if keep:
            note = "" if fields else f"some fields only; {_ALL_HINT}"
            return Shaped(answer.status, kept_fields(raw, keep), raw, note=note, is_error=is_error)
        telling = Telling(self._host)
        value = telling.of(raw)
        note = f"left out: {listed(telling.left_out)}; {_ALL_HINT}" if telling.left_out else ""
        return Shaped(answer.status, value, raw, note=note, is_error=is_error)

    def _other(self, answer: Answer) -> Shaped | ToolResult:
        kind = _kind(answer)
        if not kind.startswith(_TEXT_KINDS) and not _says_json(answer) and not _readable(answer.body):
            return files.result(answer, kind)
        return Shaped(answer.status, answer.body.decode("utf-8", "replace"), plain=True)


def _refused(body: bytes) -> bool:
    """`{"ok": false, "error": ...}` with status 200, as Slack and Telegram say no."""
    if not body[:200].lstrip().startswith(b"{") or b"false" not in body[:200]:
        return False
    try:
        return msgspec.json.decode(body, type=_Ok).ok is False
    except msgspec.DecodeError:
        return False


class _Ok(msgspec.Struct):
    ok: Any = True


def _kind(answer: Answer) -> str:
    return answer.content_type.partition(";")[0].strip().lower()


def _says_json(answer: Answer) -> bool:
    kind = _kind(answer)
    return kind.endswith(("/json", "+json")) or (not kind.startswith("text/") and answer.body[:1] in b"{[")


def _readable(body: bytes) -> bool:
    head = body[:1024]
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3 and b"\0" not in head
    return b"\0" not in head
