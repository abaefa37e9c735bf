"""What a person knows and a statistic does not: words without meaning, verbs of one deed, nouns of one thing.

All words are plain lower-case English; `words.Analyzer` stems them.
"""

from typing import Final

_STOP_WORDS = """
a about above after again all also am an and any anyone api application are as at be because been before being both
but by can could did do does doing done each either endpoint etc every few for from further had has have having he her
here hers him his how however i if in into is it its itself just let lets ll may me might more most much must my
myself need needs no nor not now of off on once only or other our ours out over own per please provide provides rather
re s same she should so some such than that the their theirs them then there these they this those through to too
under until up upon us use used using very via want wants was we were what when where whether which while who whom
whose why will with within without would you your yours yourself able help like looking tool tools
"""

# class: its verbs, the usual one first.
_VERBS: Final = {
    "create": "create add new make open insert register book schedule submit generate compose write draft put "
    "record initiate reserve place enroll assign attach build establish issue start invite copy "
    "duplicate clone",
    "read": "get read list find search fetch show retrieve view look lookup query check see display describe "
    "browse obtain return scan track monitor verify inspect count analyze watch export give which "
    "what who",
    "update": "update edit modify change rename replace move set patch adjust alter correct transfer "
    "reschedule extend mark enable disable archive unarchive lock unlock close reopen pin unpin "
    "switch toggle resolve upsert",
    "delete": "delete remove cancel drop erase clear destroy revoke unsubscribe withdraw detach terminate "
    "purge leave trash",
    "send": "send notify message email post share publish forward reply announce broadcast text alert dm "
    "ping remind inform mail",
    "run": "run execute trigger invoke launch start dispatch deploy rerun play restart retry",
    "upload": "upload attach import push",
    "download": "download save backup",
}

# Families of classes: a tool of the asked family but another class is a smaller miss.
VERB_FAMILIES: Final = (("create", "update", "send", "run", "upload"), ("read", "download"), ("delete",))

# Words that are verbs in a request, but nouns or something else in the name of a tool.
SPOKEN_VERBS: Final = {
    "file": ("create",),
    "drop": ("create", "send", "delete"),
    "know": ("read", "send"),
    "tell": ("read", "send"),
    "ask": ("send",),
    "say": ("send",),
    "log": ("create",),
    "react": ("create",),
    "reply": ("create", "send"),
    "comment": ("create",),
    "refund": ("create",),
    "charge": ("create",),
    "pay": ("create",),
    "bill": ("create",),
    "transcribe": ("create",),
    "approve": ("update",),
    "merge": ("update",),
}

# What one tells a receiver stays unsaid ("notify the team"), but it is what tools are named after.
IMPLIED: Final = ("message", "send", "post")
IMPLIED_BY_MAIL: Final = ("email", "message", "send")  # "mail it to ..."
IMPLIED_BY_TEXT: Final = ("sms", "message", "send")  # "text her"
IMPLIED_BY_CHANNEL: Final = ("channel", *IMPLIED)  # "... in #support"

# Common stand-ins of agents' words for API words; one line is one thing.
_SYNONYMS = """
issue ticket bug
email mail
message chat dm notify post
repository repo
picture image photo
video clip movie film
document doc
directory folder
contact person
customer client
company organization organisation
meeting event appointment
task todo reminder
price cost pricing
invoice bill
payment pay charge
member user
remark comment note
song track
location place
spreadsheet sheet
row record
column field
webpage page
website site
job career
teammate colleague
deal opportunity
stock share
merge combine
buy purchase order
crypto cryptocurrency coin
definition meaning dictionary
recipe dish
news article headline
calendar agenda
"""

# Words that say nothing about which service is meant, however often its name holds them.
_GENERIC_SERVICE_WORDS = """
api apis app apps service services tool tools platform cloud online web rest v1 v2 v3 data the by of for and io com
inc hq server mcp client integration public open free world real time live search info information finder manager
management system hub
"""

# Names of services that are words of every day, though descriptions hardly use them as such.
_EVERYDAY_NAMES = """
april august beeper box bridge buffer calendar canvas chef clever close contacts copper docs drift drive drone
expensify fly forms friday front ghost greenhouse gusto harvest heap hive ink june later lever linear lob loop
make maps march may medium meet mercury messenger mode model monday needle orbit outreach people photos pinboard
plaid post process puppet python ramp records render rocket sage salt scale search segment sheets shop simple
slides snow spark spike splash spring square stack strip sunday switch tap tasks tempo ticket timely toggle
transfer trigger twist vault verify vision wave wire word words workplace yield zoom
"""
EVERYDAY_NAMES: Final = frozenset(_EVERYDAY_NAMES.split())

# A capital says nothing of these.
DAYS: Final = frozenset(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))

# The product's own name follows them: Amazon S3, Google Drive.
VENDOR_WORDS: Final = frozenset(
    (
        "amazon",
        "aws",
        "google",
        "microsoft",
        "azure",
        "apple",
        "adobe",
        "atlassian",
        "oracle",
        "ibm",
        "zoho",
    )
)


# One line is one thing, which a service may call by one word in the names of tools and by another in their arguments.
_THINGS = """
channel conversation
repository repo
organization organisation org
document doc
folder directory
user member
"""


def _lines(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in text.strip().splitlines())


STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
GENERIC_SERVICE_WORDS: Final = frozenset(_GENERIC_SERVICE_WORDS.split())
SYNONYMS: Final = _lines(_SYNONYMS)
THINGS: Final = _lines(_THINGS)
VERB_CLASSES: Final = tuple(_VERBS)
VERBS: Final = {name: tuple(words.split()) for name, words in _VERBS.items()}
