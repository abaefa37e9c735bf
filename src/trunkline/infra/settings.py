"""Settings: one TOML file < environment (`TRUNKLINE_*`) < flags. Every value knows where it came from.

A package describes its settings as a small frozen `msgspec.Struct` whose fields are `Annotated[type, Meta(...)]` with a
default and a description. The field `idle_seconds` is the key `idle_seconds` of the file, the variable
`TRUNKLINE_IDLE_SECONDS` and the flag `--idle-seconds`: one name, three spellings.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from trunkline.contract import InvalidSettings
from trunkline.infra.location import masked

PREFIX = "TRUNKLINE_"
FILE_NAME = "trunkline.toml"
Kind = type[msgspec.Struct]
S = TypeVar("S", bound=msgspec.Struct)


class Origin(msgspec.Struct, frozen=True):
    """Where a value came from. `kind` is default | file | environment | flag; `where` is the exact place."""

    kind: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.where}".strip()


class Setting(msgspec.Struct, frozen=True):
    """One setting as `trunkline config` shows it: without passwords."""

    name: str
    value: Any
    origin: Origin
    description: str
    accepted: str
    variable: str
    flag: str


class Sources(msgspec.Struct, frozen=True):
    """Where settings are looked up, weakest first: `file`, `environment` (by full variable name), `flags` (by name)."""

    file: Mapping[str, Any]
    file_path: Path
    environment: Mapping[str, str]
    flags: Mapping[str, Any]

    def lookup(self, name: str) -> tuple[Any, Origin] | None:
        """The strongest value given for `name`, unconverted; None where only the default is left."""
        if self.flags.get(name) is not None:
            return self.flags[name], Origin("flag", flag_of(name))
        if variable_of(name) in self.environment:
            return self.environment[variable_of(name)], Origin("environment", variable_of(name))
        if name in self.file:
            return self.file[name], Origin("file", str(self.file_path))
        return None


def variable_of(name: str) -> str:
    return PREFIX + name.upper()


def flag_of(name: str) -> str:
    return "--" + name.replace("_", "-")


def sources(flags: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> Sources:
    """Finds the settings file: `--config`, else `TRUNKLINE_CONFIG`, else `trunkline.toml` in the data directory.

    Raises `InvalidSettings` when a file that was named is missing, or a file is not TOML.
    """
    named = flags.get("config") or environment.get(PREFIX + "CONFIG")
    folder = flags.get("data_dir") or environment.get(PREFIX + "DATA_DIR") or default_data_dir(environment)
    path = Path(named).expanduser() if named else Path(folder).expanduser() / FILE_NAME
    if named and not path.is_file():
        raise InvalidSettings(f"The settings file {path} does not exist.", "Create it, or leave --config out.")
    content = _read(path) if path.is_file() else {}
    if "data_dir" in content and not named:
        raise InvalidSettings(
            f"{path} sets data_dir, but this file is found through the data directory.",
            f"Use {PREFIX}DATA_DIR or --data-dir, or name the file with --config.",
        )
    ours = {key: value for key, value in environment.items() if key.startswith(PREFIX)}
    return Sources(content, path, ours, flags)


def default_data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """`$XDG_DATA_HOME/trunkline`, by default `~/.local/share/trunkline` (XDG Base Directory specification)."""
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "trunkline"


def load(kind: type[S], given: Sources) -> S:
    """The settings of one package. Raises `InvalidSettings` naming the place of a bad value and what is accepted."""
    values = {field.name: _value(field, given)[0] for field in msgspec.structs.fields(kind)}
    return kind(**values)


def explain(kinds: Iterable[Kind], given: Sources) -> tuple[Setting, ...]:
    """Every setting of `kinds` with its value and origin, in the order of declaration."""
    return tuple(_explain(field, given) for kind in kinds for field in msgspec.structs.fields(kind))


class Described(msgspec.Struct, frozen=True):
    """A setting that was loaded."""

    name: str
    value: Any
    description: str
    variable: str


def described(loaded: msgspec.Struct) -> tuple[Described, ...]:
    """The settings of one package as they are, in the order of declaration."""
    return tuple(
        Described(field.name, getattr(loaded, field.name), _description(field), variable_of(field.name))
        for field in msgspec.structs.fields(loaded)
    )


def check_names(kinds: Iterable[Kind], given: Sources, known: Sequence[str] = ()) -> None:
    """Refuses a key of the file or a variable that no setting has; `known` names further keys of the file (tables)."""
    names = {field.name for kind in kinds for field in msgspec.structs.fields(kind)} | {*known, "config"}
    for key in given.file:
        if key not in names:
            raise InvalidSettings(f"{given.file_path}: there is no setting {key!r}.", _near(key, names, str))
    for variable in given.environment:
        if variable.removeprefix(PREFIX).lower() not in names:
            close = _near(variable.removeprefix(PREFIX).lower(), names, variable_of)
            raise InvalidSettings(f"There is no setting {variable}.", close)


def _near(name: str, names: Iterable[str], spell: Any) -> str:
    close = difflib.get_close_matches(name, sorted(names), n=1)
    guess = f"Did you mean {spell(close[0])}? " if close else ""
    return guess + "`trunkline config` lists every setting."


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise InvalidSettings(f"{path} is not a TOML file: {fault}.", "Correct the line, or remove the file.") from None
    except OSError as fault:
        raise InvalidSettings(f"{path} cannot be read: {fault.strerror}.", "Check its owner and permissions.") from None


def _value(field: msgspec.structs.FieldInfo, given: Sources) -> tuple[Any, Origin]:
    found = given.lookup(field.name)
    if found is None:
        return _default(field), Origin("default")
    raw, origin = found
    try:
        return msgspec.convert(_expand(raw, _kind(field)), field.type, strict=False), origin
    except msgspec.ValidationError:
        place = f"{origin.where}: {field.name}" if origin.kind == "file" else origin.where
        text = masked(f"{place} = {raw!r} is not accepted.")
        raise InvalidSettings(text, f"Accepted: {_accepted(field)}.") from None


def _expand(raw: Any, kind: msgspec.inspect.Type) -> Any:
    """Text of the environment or a flag as its kind reads it; the conversion knows the rest."""
    if not isinstance(raw, str):
        return raw
    text = raw.strip()
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return [part.strip() for part in text.split(",") if part.strip()]
    words = {"on": "true", "yes": "true", "off": "false", "no": "false"}
    return words.get(text.lower(), text) if isinstance(kind, msgspec.inspect.BoolType) else text


def _default(field: msgspec.structs.FieldInfo) -> Any:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


def _explain(field: msgspec.structs.FieldInfo, given: Sources) -> Setting:
    value, origin = _value(field, given)
    name = field.name
    shown = masked(value) if isinstance(value, str) else value
    return Setting(name, shown, origin, _description(field), _accepted(field), variable_of(name), flag_of(name))


def _description(field: msgspec.structs.FieldInfo) -> str:
    schema = msgspec.json.schema(field.type)
    return str(schema.get("description", ""))


def _accepted(field: msgspec.structs.FieldInfo) -> str:
    """What a value may be, in words."""
    kind = _kind(field)
    if isinstance(kind, msgspec.inspect.LiteralType):
        return ", ".join(str(value) for value in kind.values)
    if isinstance(kind, msgspec.inspect.BoolType):
        return "1 or 0, true or false, yes or no, on or off"
    if isinstance(kind, msgspec.inspect.IntType | msgspec.inspect.FloatType):
        return _number(kind)
    if isinstance(kind, msgspec.inspect.VarTupleType):
        return "texts, separated by commas; in the file a list"
    return "a table, in the file only" if isinstance(kind, msgspec.inspect.DictType) else "text"


def _kind(field: msgspec.structs.FieldInfo) -> msgspec.inspect.Type:
    info = msgspec.inspect.type_info(field.type)
    while isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    return info


def _number(kind: msgspec.inspect.IntType | msgspec.inspect.FloatType) -> str:
    word = "a whole number" if isinstance(kind, msgspec.inspect.IntType) else "a number"
    if kind.ge is not None and kind.le is not None:
        return f"{word} from {kind.ge} to {kind.le}"
    return f"{word}, at least {kind.ge}" if kind.ge is not None else word
