"""The English of operation names: splitting, singulars and plurals, verbs."""

import re

_TOKEN = re.compile(r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
_VERSION = re.compile(r"(?:v?\d+(?:[._-]\d+)*(?:alpha|beta)?\d*|api|rest)", re.IGNORECASE)

# Verbs that lead an operation's name. The value is what Trunkline calls it (the same, unless two words mean one thing).
_PLAIN_VERBS = """
abort accept acknowledge activate add answer append apply approve archive assign associate attach authorize
autocomplete ban batch begin block book bulk calculate call cancel capture change check clear clone close commit
compare compile complete compress compute configure confirm connect convert copy count create deactivate debug decline
decrypt delete deny deploy describe destroy detach detect disable disassociate discard disconnect dismiss dispatch
display dispute download draft drop duplicate edit embed enable encrypt end enqueue enroll estimate evaluate exchange
execute expire explain export extract favorite fetch filter finalize find finish flag flush follow force fork forward
generate get grant graph group hide hold identify import increment index initialize initiate insert install invalidate
invite invoke join kick kill leave like link list load lock log login logout lookup make map mark match merge migrate
modify move mute notify open order pair patch pause pay peek perform pin ping play poll post poweroff poweron predict
prepare preview print process promote provision publish pull purge push put query queue read reboot rebuild
recalculate receive record recover redeem redeliver refresh refund regenerate register reject release reload remove
rename render renew reopen reorder replace reply report request rerun reschedule resend reserve reset resize resolve
restart restore restrict resume retrieve retry return reverse review revoke rewrite roll rollback rotate run save
scale scan schedule search seek select send set setup share show shutdown sign simulate skip snooze sort split star
start stop submit subscribe suggest suspend swap switch sync synchronize tag test track transfer translate trigger
trim turn unarchive unassign unban unblock undelete undo unfavorite unfollow uninstall unlink unlock unmark unmute
unpause unpin unpublish unregister unshare unstar unsubscribe unsuspend update upgrade upload upsert use validate
verify view void vote wait watch write
"""
_SYNONYMS = {
    "fetch": "get",
    "retrieve": "get",
    "show": "get",
    "read": "get",
    "view": "get",
    "destroy": "delete",
    "patch": "update",
    "modify": "update",
    "edit": "update",
}
VERBS: dict[str, str] = {verb: verb for verb in _PLAIN_VERBS.split()} | _SYNONYMS
# Also nouns: a verb only where a verb must be (the first word), never at the end of a name.
_ALSO_NOUNS = """
access archive batch block book bulk call change check comment copy display draft embed end export flag force forward
graph group hold import index like link list load lock log map mark match move order pair pin play post preview print
process pull push put query queue record refund release report request return review roll run scale scan schedule
search set setup share show sign sort split star start stop switch sync tag test track transfer trigger turn update
upgrade upload use view vote watch
"""
AMBIGUOUS = frozenset(_ALSO_NOUNS.split())
SMALL_WORDS = frozenset(("a", "an", "the"))
LINK_WORDS = frozenset(("for", "of", "in", "to", "with", "by", "from", "on", "and", "or", "at", "via", "as"))

_SAME = """
access address alias analytics atlas aws bonus bus business campus canvas class contents credentials data details
dns gas https kubernetes media news os pass permissions preferences prefs process progress radius s sales series
settings sms ssl statistics stats status terms tls virus
"""
_IRREGULAR_PAIRS = """
people:person children:child addresses:address statuses:status analyses:analysis indices:index indexes:index
vertices:vertex aliases:alias databases:database releases:release licenses:license cases:case leases:lease
purchases:purchase responses:response expenses:expense courses:course invoices:invoice caches:cache movies:movie
cookies:cookie metrics:metric ips:ip emojis:emoji apis:api ids:id urls:url quizzes:quiz axes:axis
"""
_IRREGULAR = {word: word for word in _SAME.split()} | {
    many: one for many, _, one in (pair.partition(":") for pair in _IRREGULAR_PAIRS.split())
}
_UNCOUNTABLE = frozenset(
    ("info", "history", "metadata", "usage", "feedback", "content", "all", "me", "self", "v2", "activity")
)
_MASS = frozenset(("settings", "preferences", "prefs", "stats", "statistics", "details", "analytics", "credentials"))


def split(text: str) -> list[str]:
    """Lower-case words of a camelCase, snake_case, kebab-case or dotted name."""
    return [token.lower() for token in _TOKEN.findall(text)]


def is_version(segment: str) -> bool:
    """Whether a path segment says nothing about the resource: `v1`, `2010-04-01`, `api`, `rest`."""
    return _VERSION.fullmatch(segment) is not None and not segment.isdigit()


def singular(word: str) -> str:
    """The singular of a noun, as well as a name needs it."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def plural(word: str) -> str:
    """The plural of a noun, as well as a name needs it; a word that is no countable noun stays."""
    if is_plural(word) or word in _UNCOUNTABLE or word.endswith(("ly", "ed", "ing")) or _IRREGULAR.get(word) == word:
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")


def is_plural(word: str) -> bool:
    """Whether a noun names several things (mass nouns such as `settings` do not)."""
    return word not in _MASS and singular(word) != word
