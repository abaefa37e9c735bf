"""The lines that connect an MCP client to this gateway."""

import json

import msgspec


class Client(msgspec.Struct, frozen=True):
    """One client: where its line goes, and the line."""

    name: str
    where: str
    line: str


def clients(url: str, token: str = "") -> tuple[Client, ...]:
    """Connect lines for the MCP endpoint `url`.

    Without a `token` no line shows one: where a shell expands the line it asks for the token itself, elsewhere the text
    `<token>` stands for it.
    """
    header = f"Authorization: Bearer {token or '$(trunkline token)'}"
    entry = {"url": url, "headers": {"Authorization": f"Bearer {token or '<token>'}"}}
    code = json.dumps({"name": "trunkline", "type": "http", **entry})
    cursor = json.dumps({"mcpServers": {"trunkline": entry}}, indent=2)
    return (
        Client("Claude Code", "in a shell", f'claude mcp add --transport http trunkline {url} --header "{header}"'),
        Client("Cursor", "in ~/.cursor/mcp.json", cursor),
        Client("VS Code", "in a shell", f"code --add-mcp '{code}'"),
        Client(
            "MCP Inspector",
            "in a shell",
            f'npx @modelcontextprotocol/inspector --cli {url} --transport http --header "{header}" --method tools/list',
        ),
    )
