"""The least that a Python proxy can cost: uvicorn, and the pooled client the gateway uses. Nothing is checked.

python -m bench.bare_proxy PORT UPSTREAM_URL
"""

import sys
from typing import Any

import uvicorn

from trunkline.gateway.federation.client import Client
from trunkline.gateway.federation.connection import Answer

_PASSED_ON = (b"content-type", b"accept", b"mcp-")


class Proxy:
    def __init__(self, upstream: str) -> None:
        self._client = Client("upstream", upstream)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = b"".join(b"%b: %b\r\n" % pair for pair in scope["headers"] if pair[0].startswith(_PASSED_ON))
        answer = await self._client.post(headers, body)
        if not isinstance(answer, Answer):
            raise TypeError("the upstream of this bench sends no streams")
        length = str(len(answer.body)).encode()
        kept = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": answer.status, "headers": kept})
        await send({"type": "http.response.body", "body": answer.body})


if __name__ == "__main__":
    port, url = sys.argv[1:]
    app = Proxy(url)
    uvicorn.run(
        app, host="127.0.0.1", port=int(port), loop="uvloop", http="httptools", lifespan="off", log_level="error"
    )
