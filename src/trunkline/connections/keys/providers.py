"""The providers that are set up, made when first needed: their libraries are large, and most start with one."""

from collections.abc import Callable, Mapping

from trunkline.connections.keys import KeyProvider, sealed

Make = Callable[[], KeyProvider]


class Providers:
    """Finds the provider of a wrapped key by its id. `makers` may raise KeysUnavailable: it is not set up."""

    def __init__(self, current: str, makers: Mapping[str, Make]) -> None:
        self.scheme = current
        self._makers = makers
        self._made: dict[str, KeyProvider] = {}

    def led_by(self, scheme: str) -> "Providers":
        """The same, with another (if named) as the current one."""
        return Providers(scheme or self.scheme, self._makers)

    @property
    def current(self) -> KeyProvider:
        """The one that wraps new data keys. Raises KeysUnavailable."""
        return self.named(self.scheme)

    def of(self, key_id: str) -> KeyProvider:
        """The one that wrapped with the key `key_id`. Raises KeysUnavailable."""
        return self.named(key_id.partition(":")[0])

    def named(self, scheme: str) -> KeyProvider:
        """Raises KeysUnavailable."""
        if scheme not in self._makers:
            raise sealed(f"there is no key provider {scheme!r}", f"There are: {', '.join(self._makers)}.")
        if scheme not in self._made:
            self._made[scheme] = self._makers[scheme]()
        return self._made[scheme]
