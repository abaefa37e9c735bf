"""The names that services give to what pages need: without case and punctuation, the likeliest first."""

from typing import Final

CURSORS: Final = [
    "cursor",
    "pagetoken",
    "nextpagetoken",
    "nexttoken",
    "nextcursor",
    "pagecursor",
    "aftercursor",
    "pageafter",
    "after",
    "startingafter",
    "startcursor",
    "paginationtoken",
    "pagingtoken",
    "continuationtoken",
    "continuation",
    "marker",
    "bookmark",
    "startkey",
    "exclusivestartkey",
    "nextkey",
    "scrollid",
    "searchafter",
    "skiptoken",
    "starttoken",
    "pagestate",
    "iterator",
    "lastkey",
    "next",
    "token",
    "offset",
    "page",
    "pageid",
    "start",
    "position",
]
"""Arguments that take the position that an answer gave."""

GIVEN: Final = [
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "nextpagecursor",
    "endcursor",
    "nextcontinuationtoken",
    "nextmarker",
    "nextkey",
    "nextpagekey",
    "nextoffset",
    "nextstart",
    "nextid",
    "nextpageid",
    "lastevaluatedkey",
    "nextafter",
    "nextpagestart",
    "nextsyncpagetoken",
    "nextpageafter",
    "nextposition",
    "nextiterator",
    "nextsearchafter",
    "nextpage",
]
"""Members of an answer that give a position."""

GIVEN_BELOW: Final = [
    "next",
    "after",
    "cursor",
    "marker",
    "bookmark",
    "token",
    "nextpage",
    "afters",
    "continuationtoken",
]
"""The same, where they stand below a member that speaks of pages; elsewhere they may be an echo or a date."""

SAME: Final = [
    "continuationtoken",
    "paginationtoken",
    "scrollid",
    "bookmark",
    "marker",
    "cursor",
    "nexttoken",
    "pagetoken",
    "nextpagetoken",
    "nextcursor",
    "iterator",
    "offset",
    "searchafter",
    "pagestate",
    "continuation",
    "after",
    "exclusivestartkey",
    "startkey",
    "position",
    "next",
    "startingafter",
]
"""Arguments whose next value the answer gives under the same name."""

LINKS: Final = [
    "odatanextlink",
    "nextlink",
    "nextpageurl",
    "nextpageuri",
    "nexturl",
    "nexturi",
    "nexthref",
    "nextpagelink",
    "nextrecordsurl",
    "linksnext",
    "linksnexthref",
    "pagingnext",
    "pagenext",
    "paginationnext",
    "paginationnextpage",
    "metadatanext",
    "metanext",
]
"""Members with the address of the next page; several steps in one word."""

PAGES: Final = ["page", "pagenumber", "pageno", "pagenum", "pageindex", "currentpage", "p", "pagenr"]
"""Arguments with the number of a page."""

OFFSETS: Final = [
    "offset",
    "skip",
    "start",
    "startat",
    "startindex",
    "from",
    "startposition",
    "firstresult",
    "first",
    "pageoffset",
]
"""Arguments with the number of items to pass over."""

SIZES: Final = [
    "perpage",
    "pagesize",
    "limit",
    "maxresults",
    "pagelen",
    "resultsperpage",
    "itemsperpage",
    "pagelimit",
    "maxitems",
    "maxpagesize",
    "count",
    "size",
    "top",
    "take",
    "rows",
    "max",
    "first",
    "num",
    "numresults",
    "results",
    "n",
    "maxkeys",
    "maxrecords",
    "length",
    "number",
    "perpagelimit",
    "maxentries",
]
"""Arguments with the number of items a page."""

MORE: Final = [
    "hasmore",
    "hasnext",
    "hasnextpage",
    "more",
    "hasmoreitems",
    "hasmoreresults",
    "istruncated",
    "moreresults",
    "truncated",
    "hasmoredata",
    "nextpageexists",
]
"""Members that say whether there are further pages."""

TOTALS: Final = [
    "total",
    "totalcount",
    "totalresults",
    "totalitems",
    "totalrecords",
    "totalelements",
    "totalsize",
    "numfound",
    "totalrows",
    "numresults",
    "resultcount",
    "recordcount",
    "totalhits",
]
"""Members with the number of all items."""

PAGE_TOTALS: Final = ["totalpages", "pagecount", "numpages", "pagestotal", "pages", "lastpage", "maxpage"]
"""Members with the number of all pages."""

BESIDE: Final = ["links", "errors", "warnings", "included", "facets", "aggregations", "notices"]
"""Lists that stand beside that of the items."""

LISTS: Final = [
    "items",
    "data",
    "results",
    "values",
    "value",
    "entries",
    "records",
    "list",
    "content",
    "elements",
    "result",
    "rows",
    "hits",
    "objects",
    "resources",
    "nodes",
]
"""What lists of items are called, whatever the items are."""
