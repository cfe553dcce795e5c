"""HAProxy: one thread, a bearer token added, its defaults otherwise.

Except for one: without ``http-no-delay`` it holds small chunks back for up to 200 ms, and nobody streams like that.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
from typing import Final

from bench.contenders.contender import Contender, Launch, Place
from bench.load.emitter import TOKEN

_FILES_OF_ITS_OWN: Final = 100

_CONFIGURATION: Final = """\
global
  nbthread 1
  maxconn {connections}
defaults
  mode http
  option http-no-delay
  timeout connect 10s
  timeout client 1h
  timeout server 1h
frontend readers
  bind 127.0.0.1:{port} backlog 4096
  default_backend emitter
backend emitter
  http-request set-header Authorization "Bearer {token}"
  server emitter 127.0.0.1:{emitter_port}
"""


class HAProxy(Contender):
    """HAProxy as the system has it."""

    name = "haproxy"
    title = "HAProxy"

    def absent(self) -> str | None:
        if shutil.which("haproxy"):
            return None
        return "not installed. On Debian and Ubuntu: apt-get install haproxy"

    def version(self) -> str:
        told = subprocess.run(["haproxy", "-v"], capture_output=True, text=True).stdout
        return told.split()[2].partition("-")[0]

    def launch(self, place: Place) -> Launch:
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        connections = (
            files // 2 - _FILES_OF_ITS_OWN
        )  # each needs two; more than there are is an error
        configuration = place.folder / "haproxy.cfg"
        configuration.write_text(
            _CONFIGURATION.format(
                port=place.port,
                emitter_port=place.emitter_port,
                token=TOKEN,
                connections=connections,
            )
        )
        return Launch(["haproxy", "-db", "-f", configuration])
