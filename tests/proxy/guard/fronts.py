"""nginx and HAProxy in front of a server, telling which requests they passed on."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from proxy.guard.served import PATIENCE_SECONDS
from support.packages import program

Forwarded = Counter[tuple[str, str]]
"""Requests as method and target, and how often each was passed on and answered with 200."""

# The first listener passes everything on as it comes, the second as nginx does when nothing else is said:
# HTTP/1.0, and whole bodies with a length.
_NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  log_format agreed '$request_method $request_uri $upstream_status';
  access_log {folder}/access.log agreed;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  underscores_in_headers on; ignore_invalid_headers off; proxy_ignore_client_abort on; merge_slashes off;
  upstream back {{ server 127.0.0.1:{back}; keepalive 4; }}
  server {{ listen 127.0.0.1:{streaming}; location / {{
    proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering off;
    proxy_set_header Host $http_host; }} }}
  server {{ listen 127.0.0.1:{plain}; location / {{ proxy_pass http://back; }} }}
}}
"""

# The second listener lets pass what HAProxy would refuse.
_HAPROXY = """
global
  log stdout format raw local0 info
defaults
  mode http
  log global
  log-format "%HM %HU %ST"
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  http-reuse always
  default_backend back
frontend strict
  bind 127.0.0.1:{streaming}
frontend lenient
  bind 127.0.0.1:{plain}
  option accept-invalid-http-request
backend back
  server app 127.0.0.1:{back}
"""


@dataclass(frozen=True)
class Front:
    """A running front proxy: the ports of its two listeners, and its log."""

    ports: tuple[int, int]
    log: Path

    def forwarded(self) -> Forwarded:
        """What it has passed on and got an answer to; its words for what was refused are left out."""
        lines = (line.split(" ") for line in self.log.read_text("latin-1").splitlines())
        return Counter((line[0], line[1]) for line in lines if len(line) == 3 and line[2] == "200")


@contextmanager
def nginx(folder: Path, back: int) -> Iterator[Front]:
    """nginx in front of the server at port `back`."""
    ports = free_ports()
    config = folder / "nginx.conf"
    config.write_text(_config(_NGINX, folder, back, ports))
    command = [program("nginx", "nginx-light"), "-p", str(folder), "-c", str(config)]
    with running(command, folder / "output.log", ports):
        yield Front(ports, folder / "access.log")


@contextmanager
def haproxy(folder: Path, back: int) -> Iterator[Front]:
    """HAProxy in front of the server at port `back`."""
    ports = free_ports()
    config = folder / "haproxy.cfg"
    config.write_text(_config(_HAPROXY, folder, back, ports))
    command = [program("haproxy", "haproxy"), "-f", str(config)]
    with running(command, folder / "output.log", ports):
        yield Front(ports, folder / "output.log")


def _config(template: str, folder: Path, back: int, ports: tuple[int, int]) -> str:
    return template.format(folder=folder, back=back, streaming=ports[0], plain=ports[1])


def free_ports() -> tuple[int, int]:
    """Two ports that are free now: neither program takes port 0."""
    here = ("127.0.0.1", 0)
    with socket.create_server(here) as one, socket.create_server(here) as other:
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def running(command: list[str], output: Path, ports: Sequence[int]) -> Iterator[None]:
    """A program that listens on `ports`, once it does."""
    with output.open("wb") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
    try:
        for port in ports:
            _wait_for(port, process, output)
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _wait_for(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    pause = threading.Event()
    while process.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.02)
    raise RuntimeError(f"{process.args!r} ended: {output.read_text('utf-8')}")
