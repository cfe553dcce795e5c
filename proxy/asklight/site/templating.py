"""The one Jinja environment of the served pages: everything is escaped, a missing value is a fault."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: object) -> str:
    """The text of ``templates/<template>`` with ``values``, each escaped for HTML."""
    return _ENVIRONMENT.get_template(template).render(values)
