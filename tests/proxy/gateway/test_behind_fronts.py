"""Behind nginx, HAProxy and Caddy, each as the README has it: events arrive one by one, and who leaves has left."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from pathlib import Path

import pytest

from proxy.gateway.relayed import DELTA, DONE, FINISH, START, Relayed, relayed, reply
from proxy.guard.fronts import free_ports, running
from support.faults import Held
from support.packages import program

StartFront = Callable[[Path, int], AbstractContextManager[int]]

README = Path(__file__).parents[3] / "README.md"
LEAVING_SECONDS = 10.0
"""For how long a reader's leaving is waited for, and far longer than it takes."""

_NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port};
{snippet}
  }}
}}
"""
_HAPROXY = """
{snippet}

frontend ask
  bind 127.0.0.1:{port}
  default_backend asklight
"""
_CADDY = """
{{
  admin off
  auto_https off
  storage file_system {folder}
}}
{snippet}
"""


def snippet(language: str, back: int) -> str:
    """What the README says, for a proxy at another port."""
    [found] = re.findall(rf"```{language}\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found.count("127.0.0.1:8080") == 1
    return str(found).replace("127.0.0.1:8080", f"127.0.0.1:{back}")


@contextmanager
def nginx(folder: Path, back: int) -> Iterator[int]:
    port, _ = free_ports()
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port, snippet=snippet("nginx", back)))
    command = [program("nginx", "nginx-light"), "-p", str(folder), "-c", str(config)]
    with running(command, folder / "front.log", [port]):
        yield port


@contextmanager
def haproxy(folder: Path, back: int) -> Iterator[int]:
    port, _ = free_ports()
    config = folder / "haproxy.cfg"
    config.write_text(_HAPROXY.format(port=port, snippet=snippet("haproxy", back)))
    command = [program("haproxy", "haproxy"), "-f", str(config)]
    with running(command, folder / "front.log", [port]):
        yield port


@contextmanager
def caddy(folder: Path, back: int) -> Iterator[int]:
    port, _ = free_ports()
    config = folder / "Caddyfile"
    said = snippet("caddy", back).replace("ask.example.com", f"http://127.0.0.1:{port}")
    config.write_text(_CADDY.format(folder=folder, snippet=said))
    here = [f"XDG_CONFIG_HOME={folder}", f"XDG_DATA_HOME={folder}"]  # it writes there
    run = ["run", "--config", str(config), "--adapter", "caddyfile"]
    command = ["env", *here, program("caddy", "caddy"), *run]
    with running(command, folder / "front.log", [port]):
        yield port


@asynccontextmanager
async def fronted(start: StartFront, folder: Path, grace: str) -> AsyncIterator[Relayed]:
    """The proxy as clients reach it through a front."""
    settings = {
        "ASKLIGHT_GRACE_SECONDS": grace,
        "ASKLIGHT_TRUSTED_PROXIES": "127.0.0.0/8",
        "ASKLIGHT_KEEP_ALIVE_SECONDS": "60",  # or a front would notice by a comment that it has missed a leaving
    }
    async with AsyncExitStack() as stack:
        behind = await stack.enter_async_context(relayed(folder, settings))
        back = int(behind.origin.rpartition(":")[2])
        port = stack.enter_context(start(folder, back))
        yield Relayed(behind.upstream, port, await stack.enter_async_context(AsyncExitStack()))


FRONTS = pytest.mark.parametrize(
    "start", [nginx, haproxy, caddy], ids=["nginx", "HAProxy", "Caddy"]
)


@FRONTS
async def test_each_event_arrives_before_the_next_is_sent_and_is_resumed(
    start: StartFront, tmp_path: Path
) -> None:
    async with fronted(start, tmp_path, "30") as front:
        visitor = await front.visitor()
        identity, held = await visitor.converse(), Held()
        reply(front.upstream, held)
        opening = asyncio.create_task(held.open())
        async with visitor.reading(identity) as reading:
            await opening
            for data in (START, DELTA):
                await held.event(data)
                assert await reading.data() == data
            await held.event(DELTA)
            seen = await reading.next()
            assert seen is not None
            assert seen.data == DELTA
            assert reading.response.headers["content-type"].startswith("text/event-stream")
            async with visitor.resuming(identity) as other:
                assert [await other.data() for _ in range(3)] == [START, DELTA, DELTA]
        await held.event(DELTA)
        async with visitor.resuming(identity, after=seen.id) as again:
            assert await again.data() == DELTA
            await held.event(FINISH)
            await held.end()
            assert [frame.data for frame in await again.rest()] == [FINISH, DONE]


@FRONTS
async def test_whoever_leaves_ends_the_upstream_request(start: StartFront, tmp_path: Path) -> None:
    async with fronted(start, tmp_path, "0") as front:
        visitor = await front.visitor()
        loop = asyncio.get_running_loop()
        for phase in ("before the headers", "while silent"):
            identity, held = await visitor.converse(), Held()
            reply(front.upstream, held)
            asking = asyncio.create_task(visitor.ask(identity))
            if phase == "while silent":
                await held.open()
                await held.event(START)
            exchange = await held.exchange()
            asking.cancel()
            left = loop.time()
            gone = await exchange.request.closed(LEAVING_SECONDS)
            print(f"{phase}: {1_000 * (gone - left):.1f} ms")  # noqa: T201 - the figure
            held.let_go()
