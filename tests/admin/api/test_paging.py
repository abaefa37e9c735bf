"""Lists by pages."""

import pytest

from trunkline.admin.api.paging import paged


@pytest.mark.parametrize(("page", "shown"), [(1, ("a", "b")), (2, ("c",)), (3, ())])
def test_a_page_holds_its_part_and_says_how_many_there_are(page: int, shown: tuple[str, ...]) -> None:
    assert paged(("a", "b", "c"), page, 2) == (shown, 3, page, 2)


def test_an_empty_list_has_one_page() -> None:
    assert paged((), 1, 2) == ((), 0, 1, 1)
