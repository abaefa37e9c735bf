"""Tools that ask the client back: legacy server requests, and the input-required results of 2026-07-28."""

from typing import Any, cast

import mcp_types as types
from mcp.shared.exceptions import MCPError

from tests.conformance.fixture_tools import Context, Json, one, text, tool


@tool("test_sampling", "Asks the client's model.", one("prompt", "Prompt for the model"))
async def sampling(ctx: Context, arguments: Json) -> Json:
    message = types.SamplingMessage(role="user", content=types.TextContent(type="text", text=arguments["prompt"]))
    try:
        result = await ctx.session.create_message(  # pyright: ignore[reportDeprecated] - legacy clients are tested too
            [message], max_tokens=100, related_request_id=ctx.request_id
        )
    except MCPError as error:
        return text(f"Sampling failed: {error}", isError=True)
    answer = result.content
    return text(f"LLM response: {answer.text if isinstance(answer, types.TextContent) else 'no text'}")


async def elicit(ctx: Context, message: str, properties: Json, required: tuple[str, ...] = ()) -> Json:
    schema: Json = {"type": "object", "properties": properties, "required": list(required)}
    try:
        result = await ctx.session.elicit_form(message, schema, ctx.request_id)
    except MCPError as error:
        return text(f"Elicitation failed: {error}", isError=True)
    return text(f"Elicitation completed: action={result.action}, content={result.content or {}}")


@tool("test_elicitation", "Asks the user.", one("message", "What to ask"))
async def elicitation(ctx: Context, arguments: Json) -> Json:
    properties = {
        "username": {"type": "string", "description": "User's response"},
        "email": {"type": "string", "description": "User's email address"},
    }
    return await elicit(ctx, arguments["message"], properties, ("username", "email"))


@tool("test_elicitation_sep1034_defaults", "Asks the user, with a default of every primitive type.")
async def elicitation_defaults(ctx: Context, _arguments: Json) -> Json:
    properties = {
        "name": {"type": "string", "description": "User name", "default": "John Doe"},
        "age": {"type": "integer", "description": "User age", "default": 30},
        "score": {"type": "number", "description": "User score", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "description": "Verification status", "default": True},
    }
    return await elicit(ctx, "Please review and update the form fields with defaults", properties)


def titled(*pairs: tuple[str, str]) -> list[Json]:
    return [{"const": value, "title": title} for value, title in pairs]


@tool("test_elicitation_sep1330_enums", "Asks the user, with every shape of enumeration.")
async def elicitation_enums(ctx: Context, _arguments: Json) -> Json:
    plain = ["option1", "option2", "option3"]
    named = titled(("value1", "First Option"), ("value2", "Second Option"), ("value3", "Third Option"))
    properties: Json = {
        "untitledSingle": {"type": "string", "enum": plain},
        "titledSingle": {"type": "string", "oneOf": named},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": plain}},
        "titledMulti": {"type": "array", "items": {"anyOf": named}},
    }
    return await elicit(ctx, "Please select options from the enum fields", properties)


def input_required(requests: Json, state: str = "") -> Json:
    result: Json = {"resultType": "input_required", "inputRequests": requests}
    return result | {"requestState": state} if state else result


def ask_form(message: str, name: str, kind: str = "string") -> Json:
    schema = {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}
    return {"method": "elicitation/create", "params": {"mode": "form", "message": message, "requestedSchema": schema}}


def ask_model(question: str) -> Json:
    message = {"role": "user", "content": {"type": "text", "text": question}}
    return {"method": "sampling/createMessage", "params": {"messages": [message], "maxTokens": 100}}


ASK_ROOTS: Json = {"method": "roots/list", "params": {}}


def responses(ctx: Context) -> Json:
    return (ctx.params or {}).get("inputResponses") or {}


def state_of(ctx: Context) -> str:
    """The state this server minted; the SDK's boundary has opened its seal by now."""
    return (ctx.params or {}).get("requestState") or ""


def accepted(answer: Any) -> Json | None:
    """The content of an accepted elicitation, None for anything else."""
    match answer:
        case {"action": "accept", "content": dict()}:
            return cast(Json, answer["content"])
        case _:
            return None


@tool("test_input_required_result_elicitation", "Asks the user's name before it answers.")
async def input_elicitation(ctx: Context, _arguments: Json) -> Json:
    answer = accepted(responses(ctx).get("user_name"))
    if answer is None:
        return input_required({"user_name": ask_form("What is your name?", "name")})
    return text(f"Hello, {answer.get('name')}!")


@tool("test_input_required_result_sampling", "Asks the client's model before it answers.")
async def input_sampling(ctx: Context, _arguments: Json) -> Json:
    answer = responses(ctx).get("capital_question")
    if answer is None:
        return input_required({"capital_question": ask_model("What is the capital of France?")})
    return text(f"The model says: {answer.get('content')}")


@tool("test_input_required_result_list_roots", "Asks for the client's roots before it answers.")
async def input_list_roots(ctx: Context, _arguments: Json) -> Json:
    answer = responses(ctx).get("client_roots")
    if answer is None:
        return input_required({"client_roots": ASK_ROOTS})
    return text(f"Roots: {[root.get('uri') for root in answer.get('roots', [])]}")


@tool("test_input_required_result_request_state", "Keeps its state with the client.")
async def input_request_state(ctx: Context, _arguments: Json) -> Json:
    if "confirm" not in responses(ctx):
        return input_required({"confirm": ask_form("Please confirm", "ok", "boolean")}, "first")
    return text("state-ok" if state_of(ctx) == "first" else "state-wrong")


@tool("test_input_required_result_multiple_inputs", "Asks three things at once.")
async def input_multiple(ctx: Context, _arguments: Json) -> Json:
    asked = {
        "user_name": ask_form("What is your name?", "name"),
        "greeting": ask_model("Generate a greeting"),
        "client_roots": ASK_ROOTS,
    }
    if asked.keys() - responses(ctx).keys():
        return input_required(asked, "asked")
    return text("All three were answered")


@tool("test_input_required_result_multi_round", "Asks twice.")
async def input_multi_round(ctx: Context, _arguments: Json) -> Json:
    answers, state = responses(ctx), state_of(ctx)
    if state == "named" and "step2" in answers:
        return text(f"Both rounds done: {answers['step2']}")
    if state == "begun" and "step1" in answers:
        return input_required({"step2": ask_form("Step 2: What is your favourite colour?", "color")}, "named")
    return input_required({"step1": ask_form("Step 1: What is your name?", "name")}, "begun")


@tool("test_input_required_result_tampered_state", "Its state cannot be changed unseen.")
async def input_tampered_state(ctx: Context, _arguments: Json) -> Json:
    if "confirm" not in responses(ctx):
        return input_required({"confirm": ask_form("Please confirm", "ok", "boolean")}, "sealed")
    return text("state-ok")


@tool("test_input_required_result_capabilities", "Asks only what the client declared.")
async def input_capabilities(ctx: Context, _arguments: Json) -> Json:
    declared = ctx.session.client_capabilities or types.ClientCapabilities()
    asked: Json = {}
    if declared.sampling is not None:
        asked["sample"] = ask_model("Say hello")
    if declared.elicitation is not None:
        asked["confirm"] = ask_form("Please confirm", "ok", "boolean")
    if declared.roots is not None:
        asked["client_roots"] = ASK_ROOTS
    if asked.keys() & responses(ctx).keys() or not asked:
        return text("Nothing more to ask")
    return input_required(asked)


@tool("test_streaming_elicitation", "Asks the user; its stream holds no requests.")
async def streaming_elicitation(ctx: Context, _arguments: Json) -> Json:
    if "confirm" not in responses(ctx):
        return input_required({"confirm": ask_form("Please confirm", "ok", "boolean")})
    return text("Confirmed")
