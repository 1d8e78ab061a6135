"""The golden files and the JSON that describes each of them field by field."""

import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Another folder of such pairs can be tested as well.
COMPAT = Path(os.environ.get("EVZ_COMPAT", ROOT / "fixtures" / "compat"))
FILES = sorted(COMPAT.glob("*.evz"))


def described(path):
    return json.loads(path.with_suffix(".json").read_text())


def same_fields(found, expected, where):
    """Every field of the JSON against the attribute of the same name."""
    for name, value in expected.items():
        field = plain(getattr(found, name))
        assert field == value, f"{where}.{name}: {field}, expected {value}"


def same_list(found, expected, where):
    assert len(found) == len(expected), where
    for i, (one, fields) in enumerate(zip(found, expected)):
        same_fields(one, fields, f"{where}[{i}]")


def plain(value):
    """As JSON has it: bytes as a list, an enum as its number."""
    value = getattr(value, "value", value)
    return list(value) if isinstance(value, bytes) else value
