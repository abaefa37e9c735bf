"""A tool and its neighbours as shapes."""

from trunkline.admin.api.playground import Around
from trunkline.admin.pages.neighbours import drawing


def test_what_is_needed_stands_left_and_what_needs_it_right_and_nothing_overlaps() -> None:
    made = drawing(Around("a_post", ("a_list", "a_find"), ("a_reply", "a_pin", "a_star")))
    assert made is not None
    columns = {box.place: box.x for box in made.boxes}
    assert columns["needs"] < columns["centre"] < columns["feeds"]
    assert len({(box.x, box.y) for box in made.boxes}) == 6
    assert len(made.arrows) == 5
    for box in made.boxes:
        assert 0 <= box.x <= made.width - made.box_width
        assert 0 <= box.y <= made.height - made.box_height


def test_a_tool_that_stands_alone_is_not_drawn() -> None:
    assert drawing(Around("a_post", (), ())) is None


def test_there_are_a_dozen_boxes_at_most_and_the_rest_is_counted() -> None:
    made = drawing(Around("a_list", ("a_x", "a_y", "a_z"), tuple(f"a_get_{n}" for n in range(50))))
    assert made is not None
    assert (len(made.boxes), made.more) == (12, 42)


def test_a_long_name_is_cut_and_the_service_left_out() -> None:
    made = drawing(Around("github_list", (), ("github_" + "x" * 57,)))
    assert made is not None
    assert [box.label for box in made.boxes] == ["list", "x" * 32 + "…"]
