"""Whose credential it is, as services say it."""

import pytest

from trunkline.connections.verify import whose


@pytest.mark.parametrize(
    ("answer", "account"),
    [
        ('{"login":"octocat","id":1}', "octocat"),
        ('{"data":{"email":"a@example.com"}}', "a@example.com"),
        ('{"bot":{"owner":{"user":{"name":"Ada"}}}}', "Ada"),
        ('[{"displayName":"Ada"}]', "Ada"),
        ('{"name":"A\\u001b[31m\\nB"}', "A[31mB"),
        ('{"name":7,"id":1}', ""),
        ("no JSON", ""),
        ("[" * 3000, ""),
        ('{"name":"' + "x" * 5000 + '"}', "x" * 200),
    ],
)
def test_an_answer_says_whose_it_is(answer: str, account: str) -> None:
    assert whose(answer) == account
