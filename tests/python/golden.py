"""The golden files and the JSON that describes each of them field by field."""

import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Another folder of such pairs can be tested as well.
COMPAT = Path(os.environ.get("EVZ_COMPAT", ROOT / "fixtures" / "compat"))
FILES = sorted(COMPAT.glob("v0_2_*.evz"))


def described(path):
    return json.loads(path.with_suffix(".json").read_text())


def same_fields(found, expected, where):
    """Every field of the JSON against the attribute of the same name."""
    for name, value in expected.items():
        field = getattr(found, name)
        field = list(field) if isinstance(field, bytes) else field
        assert field == value, f"{where}.{name}: {field}, expected {value}"
