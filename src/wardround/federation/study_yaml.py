"""YAML as plain values, for documents that strangers write: no tags, no anchors, no surprises.

Booleans are ``true`` and ``false`` only (YAML 1.2), so that ``off`` and ``no`` stay words; dates stay text; a key given
twice is refused.
"""

import re
from typing import Any

import yaml

from wardround.federation.errors import StudyError

LARGEST = 256 * 1024
DEEPEST = 24
_MAP, _STR, _INT, _FLOAT, _BOOL, _NULL = (
    f"tag:yaml.org,2002:{n}" for n in ("map", "str", "int", "float", "bool", "null")
)


class _Loader(yaml.SafeLoader):
    """A safe loader with the scalars of YAML 1.2's core schema."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF"))
_Loader.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_INT, re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    _FLOAT, re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][-+]?[0-9]{1,3})?\Z"), list("-+.0123456789")
)


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    return float(loader.construct_scalar(node))


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1 if key_node.start_mark else 1
        if not isinstance(key, str):
            raise StudyError(f"Line {line}: the key {key!r} is not a word; put it in quotes.")
        if key in found:
            raise StudyError(f"Line {line}: {key!r} is given twice.")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor(_FLOAT, _number)
_Loader.add_constructor(_MAP, _mapping)


def read_yaml(data: bytes) -> Any:
    """The document's values: mappings, lists, text, whole numbers, numbers, booleans, None.

    Raises StudyError for more than 256 KiB, anchors, aliases, tags, deep nesting and unreadable YAML.
    """
    if len(data) > LARGEST:
        raise StudyError("The study document is larger than 256 KiB.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StudyError("The study document is not UTF-8 text.") from error
    try:
        _refuse_tricks(text)
        return _Loader(text).get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f"Line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise StudyError(f"{line}this is not readable YAML ({error.problem}).") from error
    except (yaml.YAMLError, ValueError) as error:
        raise StudyError("The study document is not readable YAML.") from error


def _refuse_tricks(text: str) -> None:
    """Reads the events, which needs no recursion and follows no alias, before anything is built from them."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        where = f"Line {event.start_mark.line + 1}: " if event.start_mark else ""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise StudyError(f"{where}anchors and aliases are not allowed in a study; write the value out.")
        if getattr(event, "tag", None) is not None:
            raise StudyError(f"{where}tags are not allowed in a study.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise StudyError(f"{where}the document is nested too deeply.")
