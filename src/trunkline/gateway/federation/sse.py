"""Server-sent events (WHATWG HTML, section 9.2): bytes in, the data of whole events out."""


class SseDecoder:
    """Decodes one event stream. Only `data` is kept: event names, ids and retry times mean nothing to a relay."""

    __slots__ = ("_data", "_rest", "size")

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self.size = 0  # bytes held of events that are not whole yet

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of every event that `chunk` completes."""
        text = self._rest + chunk if self._rest else chunk
        lines = text.splitlines(keepends=True)
        # A line may go on in the next chunk, and a trailing CR may be half of a CR LF.
        self._rest = b"" if text.endswith(b"\n") else lines.pop()
        events = [event for line in lines if (event := self._line(line)) is not None]
        self.size = len(self._rest) + sum(map(len, self._data))
        return events

    def _line(self, line: bytes) -> bytes | None:
        line = line.rstrip(b"\r\n")
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value[1:] if value[:1] == b" " else value)
            return None
        event = b"\n".join(self._data)
        self._data.clear()
        return event or None
