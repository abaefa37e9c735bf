"""How a list operation gives its further pages.

A pointer is a JSON Pointer (RFC 6901) into the service's answer, in which `-1` stands for the last item of a list:
"/response_metadata/next_cursor", "/@odata.nextLink", "/data/-1/id". "" is the whole answer.
"""

from enum import StrEnum

import msgspec


class PagingStrategy(StrEnum):
    """Where the position of the next page comes from, and where it goes."""

    CURSOR = "cursor"
    """Values in the answer (`next`) go into the arguments `send`: Slack's cursor, Google's pageToken, AWS's tokens."""
    LAST_ITEM = "last-item"
    """As CURSOR, but the value is of the last item (Stripe's starting_after); `more` or an empty page ends it."""
    PAGE = "page"
    """A number of pages, counted from `first`, in the argument `send`."""
    OFFSET = "offset"
    """A number of items, counted from `first`, in the argument `send`."""
    LINK_HEADER = "link-header"
    """The `Link` header with rel="next" (RFC 8288); what its query says of the page goes into the query."""
    NEXT_LINK = "next-link"
    """The same, but the link stands in the answer, at `next` (Microsoft's @odata.nextLink)."""


class Paging(msgspec.Struct, frozen=True, omit_defaults=True):
    """The strategy of one operation.

    CURSOR and LAST_ITEM: `next[i]` is the pointer to what goes into the argument `send[i]`; AWS has operations with up
    to three. A pointer may have alternatives, the first that finds something counts: "/NextMarker || /Contents/-1/Key".
    PAGE and OFFSET: one argument in `send`, no `next`.
    LINK_HEADER and NEXT_LINK: `send` holds query parameters that the link may set besides those whose name says page.
    """

    strategy: PagingStrategy
    send: tuple[str, ...] = ()  # arguments, by their names in the input schema
    next: tuple[str, ...] = ()
    items: str | None = None  # pointer to the list whose items the pages share out; None: the largest list there is
    more: str = ""  # pointer to a boolean: there are further pages. "": the answer has none
    total: str = ""  # pointer to the number of all items. "": the answer has none
    pages: str = ""  # pointer to the number of all pages. "": the answer has none
    size: str = ""  # the argument that takes the items a page. "": there is none
    default: int = 0  # items a page if `size` is not given; 0: unknown
    most: int = 0  # most items a page; 0: unknown
    first: int = 0  # the number of the first page, or of the first item
