"""The playground: what the search makes of a request, what stands around a tool, and a call of it, made for real."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from trunkline.admin.api.endpoint import Endpoint, Given
from trunkline.admin.api.services import OneTool, ToolName
from trunkline.admin.api.start import Tried
from trunkline.contract import Effect, PolicyDenied
from trunkline.identity.ports import SignedIn
from trunkline.identity.roles import Role

# One line that says something.
Words = Annotated[str, Meta(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$", examples=["mail"])]


class Question(Given, frozen=True):
    ask: Words


class RankedTool(msgspec.Struct, frozen=True):
    """`parts` sum to `score`, by name. `shown`: an agent is told of it; what is not fits no budget, or is chance.

    `needed_by` is the tool that needs this one's answer, before which it stands; `intent` the words it answers.
    """

    name: str
    service: str
    effect: Effect
    signature: str
    tokens: int
    score: float
    parts: dict[str, float]
    intent: str
    shown: bool
    needed_by: str


class Ranking(msgspec.Struct, frozen=True):
    """Tools, best first. `text` is the answer of find_tools as an agent reads it, `tokens` what it costs (estimate)."""

    tools: tuple[RankedTool, ...]
    intents: tuple[str, ...]
    text: str
    tokens: int


class Around(msgspec.Struct, frozen=True):
    """Names of the tools that have what `tool` requires, and of those that require what it has."""

    tool: str
    needs: tuple[str, ...]
    feeds: tuple[str, ...]


class Trial(Given, frozen=True):
    """`confirmed`: a call that may change something is meant. `whole`: the answer as the service sent it."""

    tool: ToolName
    arguments: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    confirmed: bool = False
    whole: bool = False


class Player(Protocol):
    """The gateway, asked as it is asked by an agent (implemented by `programs`)."""

    async def find(self, by: SignedIn, ask: str) -> Ranking: ...

    def around(self, tool: str) -> Around:
        """Raises NotFound."""
        ...

    async def effect(self, tool: str) -> Effect:
        """Raises NotFound."""
        ...

    async def call(self, by: SignedIn, tool: str, arguments: bytes, *, whole: bool) -> Tried: ...


@dataclass(frozen=True, slots=True)
class Playground:
    """`sandbox`: it answers, not the services themselves."""

    player: Player
    sandbox: bool

    def endpoints(self) -> Iterable[Endpoint]:
        viewer = Role.VIEWER
        yield Endpoint("GET", "/playground", viewer, "Ranks tools for a request", self.find, Question, Ranking)
        yield Endpoint("GET", "/playground/{tool}", viewer, "What a tool needs", self.around, OneTool, Around)
        yield Endpoint("POST", "/playground/{tool}", viewer, "Calls a tool", self.call, Trial, Tried)

    async def find(self, by: SignedIn, given: Question) -> Ranking:
        return await self.player.find(by, given.ask)

    async def around(self, _by: SignedIn, given: OneTool) -> Around:
        """Raises NotFound."""
        return self.player.around(given.tool)

    async def call(self, by: SignedIn, given: Trial) -> Tried:
        """How the call ended, whichever way. Raises NotFound, and PolicyDenied for a change that is not confirmed."""
        effect = await self.player.effect(given.tool)
        if not (effect.read_only or given.confirmed):
            raise PolicyDenied(f"{given.tool} changes something ({effect}).", "Say that you mean it.")
        return await self.player.call(by, given.tool, msgspec.json.encode(given.arguments), whole=given.whole)
