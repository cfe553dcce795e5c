"""nginx: a reverse proxy with buffering off, one worker, kept upstream connections, a bearer token added."""

from __future__ import annotations

import shutil
import subprocess
from typing import Final

from bench.contenders.contender import Contender, Launch, Place
from bench.load.emitter import TOKEN

_CONFIGURATION: Final = """\
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 32768; }}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  upstream emitter {{
    server 127.0.0.1:{emitter_port};
    keepalive 64;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://emitter;
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_read_timeout 1h;
      proxy_set_header Connection "";
      proxy_set_header Authorization "Bearer {token}";
    }}
  }}
}}
"""


class Nginx(Contender):
    """nginx as the system has it."""

    name = "nginx"
    title = "nginx, buffering off"

    def absent(self) -> str | None:
        if shutil.which("nginx"):
            return None
        return "not installed. On Debian and Ubuntu: apt-get install nginx-light"

    def version(self) -> str:
        told = subprocess.run(["nginx", "-v"], capture_output=True, text=True).stderr
        return told.strip().removeprefix("nginx version: nginx/")

    def launch(self, place: Place) -> Launch:
        configuration = place.folder / "nginx.conf"
        configuration.write_text(
            _CONFIGURATION.format(port=place.port, emitter_port=place.emitter_port, token=TOKEN)
        )
        return Launch(["nginx", "-p", place.folder, "-c", configuration, "-e", "stderr"])
