"""A service model of AWS -> drafts of tools, one for each operation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from trunkline.catalog.manifest import Manifest
from trunkline.compiler.arguments import Arguments
from trunkline.compiler.aws import schemas
from trunkline.compiler.aws.effects import effect_of, is_idempotent
from trunkline.compiler.aws.endpoints import Endpoints
from trunkline.compiler.aws.model import Model
from trunkline.compiler.aws.paging import paging
from trunkline.compiler.aws.wire import wire_model
from trunkline.compiler.document import BrokenDescription, Document
from trunkline.compiler.draft import Draft, Outline, Reading, Texts
from trunkline.compiler.fit import fit
from trunkline.compiler.level import Level
from trunkline.compiler.node import Node, child
from trunkline.compiler.schema import Shaper
from trunkline.compiler.whole import Whole, left_out
from trunkline.compiler.words import split
from trunkline.contract import AwsPlan

# What stands before the text that says what an operation does.
_ASIDE = re.compile(r"<(note|important|fullname)>.*?</\1>", re.DOTALL)


def read(manifest: Manifest, texts: Texts) -> Reading:
    """Every operation that is one request and one answer. Raises InvalidManifest if a file is missing."""
    model = Model.parse(texts)
    document, parts = schemas.document(model), dict[str, Any]()
    compiler = _Compiler(manifest, model, document, Whole(document, parts), Endpoints(model))
    problems = tuple(_left_out(manifest, model))
    streams = {name for name, operation in model.operations.items() if _streams(model, operation)}
    return Reading(tuple(_draft(compiler, name) for name in model.operations if name not in streams), problems, parts)


def _draft(compiler: "_Compiler", name: str) -> Draft:
    base = "_".join(split(name))
    deprecated = compiler.model.operations[name].get("deprecated") is True
    return Draft(name, (name,), base, (deprecated, name), lambda: [base], partial(compiler.compile, name))


def _left_out(manifest: Manifest, model: Model) -> Iterator[str]:
    for name, operation in model.operations.items():
        if _streams(model, operation):
            yield f"{manifest.id}: {name}: a stream of events is no single answer"


def _streams(model: Model, operation: Node) -> bool:
    members = [*model.members(operation, "input").values(), *model.members(operation, "output").values()]
    return any(model.shape(member).get("eventstream") for member in members)


@dataclass(frozen=True)
class _Compiler:
    manifest: Manifest
    model: Model
    document: Document
    whole: Whole
    endpoints: Endpoints

    def compile(self, name: str, _: str) -> Outline:
        """Raises BrokenDescription."""
        operation = self.model.operations[name]
        schema, wholes = fit(partial(self._at_level, operation))
        shown: Node = schema["properties"]
        cut = [each for each in wholes if each not in shown or left_out(shown[each])]
        text = str(operation.get("documentation") or "")
        return Outline(
            title=None,
            description=_ASIDE.sub("", text) or text,
            effect=effect_of(split(name), operation),
            idempotent=is_idempotent(operation),
            schema=schema,
            plan=self._plan(name, operation),
            deprecated=operation.get("deprecated") is True,
            anonymous=operation.get("authtype") == "none",
            whole={each: self.whole.schema(wholes[each]) for each in cut},
            paging=paging(self.model, name),
        )

    def _at_level(self, operation: Node, level: Level) -> tuple[Node, dict[str, object]]:
        """The input schema, and by argument its schema in the model."""
        shaper, found = Shaper(self.document, level), Arguments()
        for each in schemas.arguments(self.model, operation):
            schema = shaper.argument(each.schema, as_text=each.as_text, required=each.required)
            found.add(each.name, "input", schema, required=each.required, whole=each.schema)
        return found.schema(), found.wholes

    def _plan(self, name: str, operation: Node) -> AwsPlan:
        endpoint = self.endpoints.of(operation)
        plan = AwsPlan(
            operation=name,
            model=wire_model(self.model, name),
            host=endpoint.host,
            path=endpoint.path,
            signing_name=endpoint.signing_name,
            signing_region=endpoint.signing_region,
        )
        self._check_host(child(operation, "endpoint").get("hostPrefix", "") + endpoint.host)
        return plan

    def _check_host(self, host: str) -> None:
        """Labels that the arguments fill are `*` in the manifest's hosts."""
        wanted = re.sub(r"\{(?!region\})[^}]*\}", "*", host)
        if wanted not in self.manifest.hosts:
            raise BrokenDescription(f"its host {wanted} is not one of the manifest's")
