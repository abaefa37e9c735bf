from trunkline.selection.ledger import Ledger, Spent


def test_reaching_tools_is_all_but_calls_and_answers() -> None:
    ledger = Ledger(listing=100_000)
    for kind, tokens in ((Spent.MENU, 500), (Spent.DISCOVERY, 300), (Spent.SCHEMAS, 200), (Spent.CALLS, 50)):
        ledger.add(kind, tokens)
    ledger.add(Spent.ANSWERS, 400)
    assert (ledger.total, ledger.reaching, ledger.factor) == (1450, 1000, 100.0)


def test_an_agent_that_spent_nothing_divides_by_nothing() -> None:
    assert Ledger(listing=10).factor == 10.0
