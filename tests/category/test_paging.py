"""Where the next page is: links are followed as far as they turn pages, and nowhere else."""

import pytest

from trunkline.category.cursor import Position
from trunkline.category.paging import next_link, next_page, with_query
from trunkline.category.upstream import Answer
from trunkline.contract import Paging, PagingStrategy

BY_HEADER = Paging(PagingStrategy.LINK_HEADER)
BY_LINK = Paging(PagingStrategy.NEXT_LINK, next=("/next",))


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ('<https://x/a?page=2>; rel="next", <https://x/a?page=9>; rel="last"', "https://x/a?page=2"),
        ('<https://x/a?page=1>; rel="prev first", <https://x/b>; title="a, b"; rel="last next"', "https://x/b"),
        ("<https://x/c>; rel=next", "https://x/c"),
        ('<https://x/a>; rel="previous"', ""),
        ('<https://x/a>; rel="nextish"', ""),
        ('<https://x/a?cursor=1>; rel="next"; results="false"; cursor="1"', ""),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_the_next_link_is_the_one_with_that_relation(header: str, target: str) -> None:
    assert next_link(header) == target


def test_a_link_turns_the_page_and_asks_for_nothing_else() -> None:
    linked = (("page_info", "abc"), ("limit", "5"), ("access_token", "evil"), ("status", "any"), ("state", "open"))
    turned = with_query(BY_HEADER, "status=closed&fields=id&limit=5", linked)
    assert turned == "status=closed&page_info=abc&limit=5"
    assert with_query(BY_HEADER, "a=1", ()) == "a=1"


def test_a_link_that_says_nothing_of_a_page_or_leads_back_ends_the_list() -> None:
    def following(link: str | None, position: Position) -> Position | None:
        return next_page(BY_LINK, Answer(200, "", b""), {"next": link}, position, {})

    beginning = Position()
    second = following("https://x/a?page=2", beginning)
    assert second is not None
    assert second == Position(query=(("page", "2"),))
    assert following("https://x/a?page=2", second) is None
    assert following("https://x/a?id=7", beginning) is None
    assert following("not a link", beginning) is None
    assert following(None, beginning) is None


def test_a_service_that_gives_the_same_cursor_again_is_not_asked_for_ever() -> None:
    how = Paging(PagingStrategy.CURSOR, ("cursor",), ("/next",))
    answer = Answer(200, "", b"")
    assert next_page(how, answer, {"next": "c2"}, Position(), {"cursor": "c1"}) == Position({"cursor": "c2"})
    for ended in ("c1", "", None, False, {"a": 1}):
        assert next_page(how, answer, {"next": ended}, Position(), {"cursor": "c1"}) is None


@pytest.mark.parametrize(
    ("how", "value", "arguments", "to"),
    [
        (Paging(PagingStrategy.PAGE, ("page",), first=1), [1, 2], {}, 2),
        (Paging(PagingStrategy.PAGE, ("page",), first=0), [1, 2], {}, 1),
        (Paging(PagingStrategy.PAGE, ("page",), first=1, size="n", default=2), [1, 2], {"page": 4}, 5),
        (Paging(PagingStrategy.PAGE, ("page",), first=1, size="n", default=3), [1, 2], {}, None),
        (Paging(PagingStrategy.PAGE, ("page",), first=1, size="n", most=2), [1, 2], {"n": 500}, 2),
        (Paging(PagingStrategy.PAGE, ("page",), first=1, size="n"), [1, 2], {"n": 500}, 2),
        (Paging(PagingStrategy.PAGE, ("page",), first=1), [], {"page": 3}, None),
        (Paging(PagingStrategy.OFFSET, ("at",), items="/x", total="/all"), {"x": [1, 2], "all": 4}, {"at": 1}, 3),
        (Paging(PagingStrategy.OFFSET, ("at",), items="/x", total="/all"), {"x": [1, 2], "all": 4}, {"at": 2}, None),
        (Paging(PagingStrategy.OFFSET, ("at",), items="/x", more="/more"), {"x": [1], "more": False}, {}, None),
    ],
)
def test_numbers_count_on_until_the_list_is_known_to_end(
    how: Paging, value: object, arguments: dict[str, int], to: int | None
) -> None:
    following = next_page(how, Answer(200, "", b""), value, Position(), {**arguments})
    assert (following.arguments[how.send[0]] if following else None) == to
