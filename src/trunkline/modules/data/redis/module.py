"""Redis and Valkey: the commands people use, one tool each, named as the commands are."""

from trunkline.modules.data.redis.collections import Lists, Sets, SortedSets
from trunkline.modules.data.redis.keys import Keys, Server
from trunkline.modules.data.redis.streams import Streams
from trunkline.modules.data.redis.values import Hashes, Json, Strings


class Redis(Strings, Hashes, Json, Lists, Sets, SortedSets, Streams, Keys, Server):
    """One database of one server."""
