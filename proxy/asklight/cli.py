"""The command line: ``asklight serve | assistant | keygen | snippet``."""

from __future__ import annotations

import argparse
import errno
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Final

from asklight import __version__
from asklight.configure import load_settings, unknown_names
from asklight.errors import AsklightError, SettingsError
from asklight.settings import Settings
from asklight.state.secret import new_secret

DESCRIPTION: Final = """\
Asklight answers questions about the page in front of you.

  asklight serve       the proxy, with the embedded assistant unless an upstream is configured
  asklight assistant   the embedded assistant alone, as a SiteAssist v2 server
  asklight snippet     the script tag that puts the widget on a page
  asklight keygen      a new signing key for ASKLIGHT_SECRET

Settings come from the environment; the README lists them all. The most used:

  ASKLIGHT_HOST, ASKLIGHT_PORT   where to listen               127.0.0.1, 8080
  ASKLIGHT_PUBLIC_URL            the address people use        none: localhost only
  ASKLIGHT_ORIGINS               the sites that may embed it   this server and localhost
  ASKLIGHT_UPSTREAM_TOKEN        your SiteAssist API token     none: the embedded assistant
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command.

    :returns: the exit status: 0 done, 1 could not be done (one line on standard error for each reason).
    """
    parser = argparse.ArgumentParser(
        prog="asklight",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="asklight [--help] [--version] COMMAND",
        add_help=False,
    )
    parser.add_argument("--help", "-h", action="help", help=argparse.SUPPRESS)
    parser.add_argument("--version", action="version", version=__version__, help=argparse.SUPPRESS)
    parser.add_argument("command", choices=_COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    command = parser.parse_args(arguments).command
    try:
        return _COMMANDS[command]()
    except SettingsError as error:
        for fault in error.faults:
            _say_error(fault)
    except (AsklightError, OSError) as error:
        _say_error(str(error))
    return 1


def serve() -> int:
    """Runs the proxy until it is told to stop."""
    from asklight.app import create_app
    from asklight.serving import run

    settings = _settings()
    with _listen(settings) as listener:
        app = create_app(settings)
        greeting = _greeting(settings, _address(settings, listener))
        return run(nullcontext(app), listener, settings, greeting)


def assistant() -> int:
    """Runs the embedded assistant alone, until it is told to stop."""
    from asklight.assistant.app import create_assistant
    from asklight.serving import AtOnce, run
    from asklight.state.database import opened

    settings = _settings()
    if settings.assistant_token is None:
        raise SettingsError(
            ["ASKLIGHT_ASSISTANT_TOKEN: is needed here; clients send it as their bearer token."]
        )
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    token, key = settings.assistant_token, settings.assistant_key

    @asynccontextmanager
    async def standing_alone() -> AsyncIterator[AtOnce]:
        async with opened(settings.data_dir / "assistant.sqlite3") as database:
            app = create_assistant(
                database,
                token=token.unseal(),
                publishable_key=None if key is None else key.unseal(),
            )
            yield AtOnce(app)

    with _listen(settings) as listener:
        greeting = [f"The embedded assistant answers at {_address(settings, listener)}/v2"]
        return run(standing_alone(), listener, settings, greeting)


def snippet() -> int:
    """Prints the script tags for a page: the one that stays as it is, and the one that follows the releases."""
    from asklight.app import STATIC
    from asklight.site.build import Build

    settings = _settings()
    origin = settings.public_url or f"http://{_shown_host(settings.host)}:{settings.port}"
    pinned = Build(STATIC).pinned()
    if pinned is not None:
        _say(
            "<!-- Stays as it is. The hash covers this file, the launcher, and not what it loads later. -->"
        )
        for site in settings.sites:
            _say(
                f'<script src="{origin}{pinned.path}" integrity="{pinned.integrity}" crossorigin="anonymous"'
                f' data-site="{site}" async></script>'
            )
        _say("<!-- Follows the releases of this server. -->")
    for site in settings.sites:
        _say(f'<script src="{origin}/embed.js" data-site="{site}" async></script>')
    return 0


def keygen() -> int:
    """Prints a new signing key."""
    _say(new_secret())
    return 0


_COMMANDS: Final = {
    "serve": serve,
    "assistant": assistant,
    "snippet": snippet,
    "keygen": keygen,
}


def _settings() -> Settings:
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    for name in unknown_names(os.environ):
        _say_error(f"{name}: no such setting; it is ignored.")
    return load_settings(os.environ)


def _listen(settings: Settings) -> socket.socket:
    """A listening socket, before anything else is started.

    :raises SettingsError: the port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    everywhere = settings.host == "::" and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=family,
            backlog=2_048,
            dualstack_ipv6=everywhere,
        )
    except OSError as error:
        reason = {
            errno.EADDRINUSE: "is taken. Stop what uses it, or choose another: "
            f"ASKLIGHT_PORT={settings.port + 1}",
            errno.EACCES: "may not be used by this user; choose one above 1023.",
        }.get(error.errno or 0, f"cannot be used ({error.strerror or error}).")
        raise SettingsError([f"Port {settings.port} on {settings.host} {reason}"]) from None


def _address(settings: Settings, listener: socket.socket) -> str:
    return f"http://{_shown_host(settings.host)}:{listener.getsockname()[1]}"


def _shown_host(host: str) -> str:
    """A host to type into a browser: listening everywhere includes this machine."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _greeting(settings: Settings, address: str) -> list[str]:
    place = settings.public_url or address
    site = next(iter(settings.sites))
    return [
        f"Asklight is at {place}",
        "",
        f"  Open {place} in a browser, select a sentence and press “Ask about this”.",
        f'  On your own page: <script src="{place}/embed.js" data-site="{site}" async></script>',
        "",
    ]


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _say_error(line: str) -> None:
    sys.stderr.write(f"asklight: {line}\n")
