"""From what an operator wrote to :class:`~asklight.settings.Settings`; every fault is reported at once, by its name.

Settings come from the environment (``ASKLIGHT_PORT``), from files for secrets (``ASKLIGHT_SECRET_FILE``) and from one
TOML file (``ASKLIGHT_CONFIG``: the same names in lower case without the prefix, and ``[[sites]]``). The environment
wins over the file for the server's own settings; what belongs to a site stands in one place only.

pydantic-settings is left out on purpose: it reads the process's environment by itself and quotes the values it
refuses. Here the environment is an argument, and no message holds a secret.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

import platformdirs
from pydantic import BaseModel, ConfigDict, Field
from pydantic import ValidationError as PydanticError
from pydantic_core import PydanticCustomError

from asklight.contract import BODY_LIMIT_BYTES
from asklight.errors import SettingsError
from asklight.guard.bounds import BODY_SLACK_BYTES, Bounds
from asklight.setting_values import (
    Certificates,
    Colour,
    Extensions,
    FilePath,
    Networks,
    Origins,
    OriginText,
    PageKey,
    PublicUrl,
    Rates,
    Secret,
    ServiceUrl,
    SigningKeys,
    SiteId,
    WebAddress,
    file_path,
    rates,
    service_url,
)
from asklight.settings import (
    CHROMIUM_EXTENSION_ID,
    DEFAULT_UPSTREAM,
    Limits,
    Look,
    Patience,
    Relaying,
    Sending,
    Settings,
    Site,
    Transport,
    Upstream,
)
from asklight.weborigin import OriginPattern, is_loopback

PREFIX: Final = "ASKLIGHT_"
_MIB: Final = 1_048_576
_RELAYING: Final = Relaying()

Label = Callable[[str], str]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _ServerWritten(_Written):
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    public_url: PublicUrl | None = None
    data_dir: FilePath = Field(default_factory=lambda: platformdirs.user_data_path("asklight"))
    secret: SigningKeys | None = None
    trusted_proxies: Networks = ()
    grace_seconds: Annotated[float, Field(ge=0, le=3_600)] = 30
    session_idle_seconds: Annotated[int, Field(ge=60, le=31_536_000)] = 14 * 86_400
    session_max_seconds: Annotated[int, Field(ge=60, le=31_536_000)] = 90 * 86_400
    assistant_token: Secret | None = None
    assistant_key: Secret | None = None
    connect_seconds: Annotated[float, Field(gt=0, le=600)] = 10
    first_byte_seconds: Annotated[float, Field(gt=0, le=3_600)] = 60
    silence_seconds: Annotated[float, Field(gt=0, le=3_600)] = 60
    answer_seconds: Annotated[float, Field(gt=0, le=86_400)] = 600
    streams: Annotated[int, Field(ge=1, le=1_000_000)] = _RELAYING.streams
    event_bytes: Annotated[int, Field(ge=1_024, le=_MIB * 64)] = _RELAYING.event_bytes
    answer_bytes: Annotated[int, Field(ge=16_384, le=_MIB * 1_024)] = _RELAYING.answer_bytes
    all_answers_bytes: Annotated[int, Field(ge=_MIB, le=_MIB * 1_048_576)] = (
        _RELAYING.all_answers_bytes
    )
    lag_bytes: Annotated[int, Field(ge=1_024, le=_MIB * 64)] = _RELAYING.lag_bytes
    readers_per_session: Annotated[int, Field(ge=1, le=1_000_000)] = _RELAYING.readers_per_session
    keep_alive_seconds: Annotated[float, Field(gt=0, le=3_600)] = _RELAYING.keep_alive_seconds
    guard_header_bytes: Annotated[int, Field(ge=1_024, le=1_048_576)] = 32 * 1024
    guard_header_count: Annotated[int, Field(ge=10, le=1_000)] = 100
    guard_header_seconds: Annotated[float, Field(gt=0, le=600)] = 10
    guard_body_bytes: Annotated[int, Field(ge=BODY_LIMIT_BYTES, le=104_857_600)] = (
        BODY_LIMIT_BYTES + BODY_SLACK_BYTES
    )
    guard_body_seconds: Annotated[float, Field(gt=0, le=3_600)] = 30
    guard_send_seconds: Annotated[float, Field(gt=0, le=3_600)] = 30
    guard_idle_seconds: Annotated[float, Field(gt=0, le=3_600)] = 75
    guard_connections_per_address: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    guard_connections: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000
    sending: Sending = "asgi"
    stop_seconds: Annotated[float, Field(ge=0, le=3_600)] = 5


class _SiteWritten(_Written):
    site: SiteId = "demo"
    origins: Origins | None = None
    extensions: Extensions | None = None
    upstream_url: ServiceUrl | None = None
    upstream_token: Secret | None = None
    upstream_key: Secret | None = None
    upstream_origin: OriginText | None = None
    upstream_allow_http: str | None = None
    upstream_transport: Transport = "relay"
    upstream_ca_file: Certificates | None = None
    title: Annotated[str, Field(max_length=100)] | None = None
    welcome: Annotated[str, Field(max_length=500)] | None = None
    placeholder: Annotated[str, Field(max_length=100)] | None = None
    color: Colour | None = None
    color_dark: Colour | None = None
    position: Literal["bottom-left", "bottom-right"] = "bottom-right"
    theme: Literal["light", "dark", "auto"] = "auto"
    privacy_url: WebAddress | None = None
    retention: Annotated[str, Field(max_length=300)] | None = None
    page_key: PageKey | None = None
    user_secret: SigningKeys | None = None
    limit_messages_per_session: Rates = rates("10/minute, 200/day")
    limit_messages_per_address: Rates = rates("30/minute, 1000/day")
    limit_conversations_per_session: Rates = rates("20/minute, 200/day")
    limit_sessions_per_address: Rates = rates("20/minute, 200/day")


_FROM_FILE: Final = (
    "secret",
    "assistant_token",
    "assistant_key",
    "upstream_token",
    "upstream_key",
    "user_secret",
)


def _names(model: type[BaseModel]) -> frozenset[str]:
    fields = model.model_fields
    return frozenset(fields) | {f"{name}_file" for name in _FROM_FILE if name in fields}


_SERVER: Final = _names(_ServerWritten)
_SITE: Final = _names(_SiteWritten)

Model = TypeVar("Model", bound=_Written)


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """Variables that look like settings and are none: most often a slip of the pen, worth a warning.

    They are no fault, because container platforms put variables of their own beside ours.
    """
    return sorted(
        name
        for name in environment
        if name.startswith(PREFIX)
        and name.removeprefix(PREFIX).lower() not in _SERVER | _SITE | {"config"}
    )


def load_settings(environment: Mapping[str, str]) -> Settings:
    """The settings from `environment` and the files it names.

    :raises SettingsError: with every fault found, each naming its setting and none holding a secret.
    """
    loader = _Loader()
    settings = loader.load(environment)
    if settings is None or loader.faults:
        raise SettingsError(loader.faults)
    return settings


def _variable(name: str) -> str:
    return PREFIX + name.upper()


class _Loader:
    """Builds what it can and collects the faults of the rest."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def load(self, environment: Mapping[str, str]) -> Settings | None:
        written: dict[str, Any] = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and value.strip()
        }
        file = self._read_toml(written.get("config"))
        tables = file.pop("sites", None)
        self._check_places(written, file, tables)
        merged = file | written
        server = self._validated(_ServerWritten, _only(_SERVER, merged), _variable)
        if server is not None:
            self._check_sizes(server)
        sites = self._several(tables) if tables is not None else self._single(merged)
        return None if server is None else _settings(server, sites)

    def _check_sizes(self, server: _ServerWritten) -> None:
        """An event fits into an answer, and an answer into what there is for all."""
        for part, whole in (("event_bytes", "answer_bytes"), ("answer_bytes", "all_answers_bytes")):
            if getattr(server, part) > getattr(server, whole):
                self.faults.append(f"{_variable(whole)}: must not be less than {_variable(part)}.")

    def _read_toml(self, path: str | None) -> dict[str, Any]:
        if path is None:
            return {}
        try:
            return tomllib.loads(file_path(path).read_text(encoding="utf-8"))
        except PydanticCustomError as fault:
            self.faults.append(f"{PREFIX}CONFIG: {fault.message()}")
        except OSError as error:
            self.faults.append(f"{PREFIX}CONFIG: {path} cannot be read ({error.strerror}).")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            self.faults.append(f"{PREFIX}CONFIG: {path} is not valid TOML.")
        return {}

    def _check_places(
        self, written: Mapping[str, Any], file: Mapping[str, Any], tables: object
    ) -> None:
        """What belongs to a site stands in one place; the file has no names of its own."""
        for name in sorted(file):
            if name not in _SERVER | _SITE:
                self.faults.append(f"{name}: no such setting in {PREFIX}CONFIG.")
            elif name in _SITE and tables is not None:
                self.faults.append(f"{name}: belongs into one of the [[sites]] of {PREFIX}CONFIG.")
        if "config" in written:
            self.faults += [
                f"{_variable(name)}: belongs into {PREFIX}CONFIG, not beside it."
                for name in sorted(_SITE & written.keys())
            ]

    def _single(self, merged: Mapping[str, Any]) -> list[Site]:
        site = self._site(_only(_SITE, merged), _variable)
        return [site] if site else []

    def _several(self, tables: object) -> list[Site]:
        if not isinstance(tables, list) or not tables:
            self.faults.append("sites: must be one or more [[sites]] tables.")
            return []
        sites = [self._table(number, table) for number, table in enumerate(tables, start=1)]
        built = [site for site in sites if site is not None]
        self._check_disjoint(built)
        return built

    def _table(self, number: int, table: object) -> Site | None:
        def label(name: str) -> str:
            return f"sites[{number}].{'id' if name == 'site' else name}"

        if not isinstance(table, dict):
            self.faults.append(f"sites[{number}]: must be a table.")
            return None
        if "id" not in table:
            self.faults.append(f"{label('id')}: is missing.")
        values = {("site" if name == "id" else name): value for name, value in table.items()}
        if "site" in table:
            self.faults.append(f"sites[{number}].site: no such setting; an id is written as id.")
        site = self._site(values, label)
        return site if "id" in table else None

    def _check_disjoint(self, sites: Iterable[Site]) -> None:
        """An origin belongs to one site, so that a request's origin alone tells the site."""
        ids: set[str] = set()
        owners: dict[str, str] = {}
        for site in sites:
            if site.id in ids:
                self.faults.append(f"sites: the id {site.id} is used twice.")
            ids.add(site.id)
            for pattern in site.origins:
                owner = owners.setdefault(pattern.text, site.id)
                if owner != site.id:
                    self.faults.append(
                        f"sites: {pattern.text} is allowed by {owner} and by {site.id}; "
                        "an origin belongs to one site."
                    )

    def _site(self, values: Mapping[str, Any], label: Label) -> Site | None:
        self._check_upstream(values, label)
        written = self._validated(_SiteWritten, values, label)
        return None if written is None else _site(written)

    def _check_upstream(self, values: Mapping[str, Any], label: Label) -> None:
        """One credential, an address only with it, and neither in the clear across a network."""
        token, key, url = label("upstream_token"), label("upstream_key"), label("upstream_url")
        has_token = bool(values.keys() & {"upstream_token", "upstream_token_file"})
        has_key = bool(values.keys() & {"upstream_key", "upstream_key_file"})
        if has_token and has_key:
            self.faults.append(f"{token}, {key}: set one of the two.")
        if "upstream_url" not in values:
            return
        if not (has_token or has_key):
            self.faults.append(f"{url}: needs {token} or {key}.")
        try:
            parts = urlsplit(service_url(values["upstream_url"]))
        except PydanticCustomError:
            return  # told where the field is checked
        host = parts.hostname or ""
        if parts.scheme == "http" and not is_loopback(f"[{host}]" if ":" in host else host):
            allowance = label("upstream_allow_http")
            if values.get("upstream_allow_http") != host:
                self.faults.append(
                    f"{url}: would send the credential unencrypted. Use https, or allow it by "
                    f"name: {allowance}={host}"
                )

    def _validated(
        self, model: type[Model], values: Mapping[str, Any], label: Label
    ) -> Model | None:
        try:
            return model.model_validate(self._with_files(values, label))
        except PydanticError as error:
            for fault in error.errors(include_url=False, include_input=False):
                name = label(str(fault["loc"][0]))
                sentence = (
                    "no such setting." if fault["type"] == "extra_forbidden" else fault["msg"]
                )
                self.faults.append(f"{name}: {sentence}")
            return None

    def _with_files(self, values: Mapping[str, Any], label: Label) -> dict[str, Any]:
        """`values` with each ``…_file`` replaced by what its file holds, without the line break at its end."""
        resolved = dict(values)
        for name in _FROM_FILE:
            path = resolved.pop(f"{name}_file", None)
            if path is None:
                continue
            if name in resolved:
                self.faults.append(f"{label(name)}, {label(name + '_file')}: set one of the two.")
                continue
            try:
                resolved[name] = file_path(path).read_text(encoding="ascii").strip()
            except PydanticCustomError as fault:
                self.faults.append(f"{label(name + '_file')}: {fault.message()}")
            except OSError as error:
                self.faults.append(f"{label(name + '_file')}: cannot be read ({error.strerror}).")
            except UnicodeDecodeError:
                self.faults.append(f"{label(name + '_file')}: is not ASCII text.")
        return resolved


def _only(names: frozenset[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _settings(written: _ServerWritten, sites: Iterable[Site]) -> Settings:
    return Settings(
        host=written.host,
        port=written.port,
        public_url=written.public_url,
        data_dir=written.data_dir,
        sites={site.id: site for site in sites},
        secrets=written.secret,
        trusted_proxies=written.trusted_proxies,
        grace_seconds=written.grace_seconds,
        session_idle_seconds=written.session_idle_seconds,
        session_max_seconds=written.session_max_seconds,
        assistant_token=written.assistant_token,
        assistant_key=written.assistant_key,
        patience=Patience(
            **{f.name: getattr(written, f"{f.name}_seconds") for f in fields(Patience)}
        ),
        relaying=Relaying(**{f.name: getattr(written, f.name) for f in fields(Relaying)}),
        guard=Bounds(**{f.name: getattr(written, f"guard_{f.name}") for f in fields(Bounds)}),
        sending=written.sending,
        stop_seconds=written.stop_seconds,
    )


def _site(written: _SiteWritten) -> Site:
    first_run = written.origins is None
    ours = frozenset({CHROMIUM_EXTENSION_ID, "firefox"}) if first_run else frozenset[str]()
    return Site(
        id=written.site,
        origins=written.origins if written.origins is not None else (OriginPattern("localhost"),),
        # The first run allows our own builds; once the origins are chosen, the extensions are too.
        extensions=ours if written.extensions is None else written.extensions,
        limits=Limits(
            messages_per_session=written.limit_messages_per_session,
            messages_per_address=written.limit_messages_per_address,
            conversations_per_session=written.limit_conversations_per_session,
            sessions_per_address=written.limit_sessions_per_address,
        ),
        look=Look(
            title=written.title,
            welcome=written.welcome,
            placeholder=written.placeholder,
            color=written.color,
            color_dark=written.color_dark,
            position=written.position,
            theme=written.theme,
            privacy_url=written.privacy_url,
            retention=written.retention,
        ),
        page_key=written.page_key,
        user_secrets=written.user_secret or (),
        upstream=_upstream(written),
    )


def _upstream(written: _SiteWritten) -> Upstream | None:
    if not (written.upstream_token or written.upstream_key):
        return None
    return Upstream(
        url=written.upstream_url or DEFAULT_UPSTREAM,
        token=written.upstream_token,
        key=written.upstream_key,
        origin=written.upstream_origin,
        transport=written.upstream_transport,
        ca_file=written.upstream_ca_file,
    )
