class HttpRequest:
    uri: str
    method: str
    body: str | bytes | None
    headers: dict[str, str]

class MediaInMemoryUpload:
    def __init__(self, body: bytes, *, mimetype: str, resumable: bool) -> None: ...
