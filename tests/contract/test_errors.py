from itertools import chain

import msgspec
import pytest

from trunkline.contract import Fact, Fault, Internal, NotFound, UpstreamUnavailable, fault_of


def kinds(kind: type[Fault] = Fault) -> list[type[Fault]]:
    """Those of the contract: what other rooms derive stays within them."""
    children = [child for child in kind.__subclasses__() if child.__module__ == Fault.__module__]
    return [kind, *chain.from_iterable(kinds(child) for child in children)]


@pytest.mark.parametrize("kind", kinds()[1:], ids=lambda kind: kind.__name__)
def test_a_fault_survives_the_wire(kind: type[Fault]) -> None:
    sent = kind("what is wrong", "what to do")
    wire = msgspec.msgpack.encode(sent.fact())
    received = fault_of(msgspec.msgpack.decode(wire, type=Fact))
    assert type(received) is kind
    assert (received.message, received.hint) == (sent.message, sent.hint)


def test_every_fault_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in kinds()[1:]]
    assert len(codes) == len(set(codes))


def test_an_unknown_code_becomes_an_internal_fault() -> None:
    assert type(fault_of(Fact("from_the_future", "new", "", False))) is Internal


def test_a_fault_without_a_hint_gives_the_default_one() -> None:
    assert "find_tools" in NotFound("no such tool").hint
    assert NotFound("no such tool", "look elsewhere").hint == "look elsewhere"


def test_whether_trying_again_helps_is_part_of_the_fact() -> None:
    assert UpstreamUnavailable("busy").fact().retryable
    assert not NotFound("gone").fact().retryable
