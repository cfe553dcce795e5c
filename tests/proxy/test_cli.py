"""The command line: in this process for what it prints, as real processes for what runs."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from socket import AF_INET6, create_connection, create_server
from tempfile import mkdtemp

import httpx2
import pytest

from asklight import __version__
from asklight.app import STATIC
from asklight.cli import main
from asklight.configure import load_settings

START_SECONDS = 40
STOP_SECONDS = 10
EVERY_IPV4_ADDRESS = "0.0.0.0"  # noqa: S104 - the one test that listens there needs it

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of whoever runs the tests, and a data folder of its own."""
    for name in os.environ:
        if name.startswith("ASKLIGHT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASKLIGHT_DATA_DIR", str(tmp_path / "data"))


class TestHelp:
    @pytest.mark.parametrize("flag", ["--help", "-h"])
    def test_it_says_what_this_is_the_commands_and_the_settings_used_most(
        self, flag: str, capsys: Capture
    ) -> None:
        with pytest.raises(SystemExit) as left:
            main([flag])
        assert left.value.code == 0
        said = capsys.readouterr()
        assert said.err == ""
        assert said.out.startswith("usage: asklight [--help] [--version] COMMAND\n")
        for command in ("serve", "assistant", "snippet", "keygen"):
            assert re.search(rf"^  asklight {command} +\w", said.out, re.MULTILINE)
        for name in ("HOST", "PORT", "PUBLIC_URL", "ORIGINS", "UPSTREAM_TOKEN"):
            assert f"ASKLIGHT_{name}" in said.out
        assert "==SUPPRESS==" not in said.out
        assert max(map(len, said.out.splitlines())) <= 100

    def test_the_defaults_it_names_are_the_real_ones(self, capsys: Capture) -> None:
        with pytest.raises(SystemExit):
            main(["--help"])
        settings = load_settings({})
        assert f"{settings.host}, {settings.port}" in capsys.readouterr().out

    def test_the_version_is_the_packages(self, capsys: Capture) -> None:
        with pytest.raises(SystemExit) as left:
            main(["--version"])
        assert left.value.code == 0
        assert capsys.readouterr().out == f"{__version__}\n"

    @pytest.mark.parametrize("arguments", [[], ["sing"], ["serve", "--port", "80"]])
    def test_what_is_no_command_is_told_with_the_usage(
        self, arguments: list[str], capsys: Capture
    ) -> None:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 2
        assert "usage: asklight" in capsys.readouterr().err


class TestKeygen:
    def test_it_prints_a_key_that_is_taken(self, capsys: Capture) -> None:
        printed = set()
        for _ in range(5):
            assert main(["keygen"]) == 0
            line = capsys.readouterr().out
            assert line.endswith("\n")
            load_settings({"ASKLIGHT_SECRET": line})
            printed.add(line)
        assert len(printed) == 5


def tags(printed: str) -> list[str]:
    """The script tags among what was printed."""
    return [line for line in printed.splitlines() if line.startswith("<script ")]


class TestSnippet:
    def test_it_prints_the_tag_to_paste(self, capsys: Capture) -> None:
        assert main(["snippet"]) == 0
        pinned, floating = tags(capsys.readouterr().out)
        assert floating == (
            '<script src="http://127.0.0.1:8080/embed.js" data-site="demo" async></script>'
        )
        parts = re.fullmatch(
            r'<script src="http://127\.0\.0\.1:8080(/assets/embed-[\w.-]+\.js)" integrity="sha384-(\S+)"'
            r' crossorigin="anonymous" data-site="demo" async></script>',
            pinned,
        )
        assert parts is not None
        script = (STATIC / parts[1].removeprefix("/")).read_bytes()
        assert parts[2] == base64.b64encode(hashlib.sha384(script).digest()).decode()

    def test_it_says_what_the_hash_covers(self, capsys: Capture) -> None:
        assert main(["snippet"]) == 0
        assert "<!-- Stays as it is. The hash covers this file, the launcher, and not" in (
            capsys.readouterr().out
        )

    def test_it_names_the_public_address_and_each_site(
        self, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        config = tmp_path / "asklight.toml"
        config.write_text('[[sites]]\nid = "shop"\n[[sites]]\nid = "docs"\norigins = []\n')
        monkeypatch.setenv("ASKLIGHT_CONFIG", str(config))
        monkeypatch.setenv("ASKLIGHT_PUBLIC_URL", "https://ask.example")
        assert main(["snippet"]) == 0
        printed = tags(capsys.readouterr().out)
        assert printed[2:] == [
            f'<script src="https://ask.example/embed.js" data-site="{site}" async></script>'
            for site in ("shop", "docs")
        ]
        assert [
            f'data-site="{site}"' in tag
            for site, tag in zip(("shop", "docs"), printed, strict=False)
        ]

    @pytest.mark.parametrize(
        ("host", "shown"),
        [
            ("::1", "[::1]"),
            (EVERY_IPV4_ADDRESS, "127.0.0.1"),
            ("::", "127.0.0.1"),
            ("10.0.0.7", "10.0.0.7"),
        ],
    )
    def test_it_names_a_host_that_can_be_typed_into_a_browser(
        self, capsys: Capture, monkeypatch: pytest.MonkeyPatch, host: str, shown: str
    ) -> None:
        monkeypatch.setenv("ASKLIGHT_HOST", host)
        assert main(["snippet"]) == 0
        assert f'src="http://{shown}:8080/' in capsys.readouterr().out


class TestFaults:
    @pytest.mark.parametrize("command", ["serve", "assistant", "snippet"])
    def test_each_is_a_line_and_nothing_is_started(
        self, command: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("ASKLIGHT_PORT", "high")
        monkeypatch.setenv("ASKLIGHT_COLOR", "red")
        monkeypatch.setenv("ASKLIGHT_PROT", "80")
        assert main([command]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        lines = said.err.splitlines()
        assert [line.split(": ")[:2] for line in lines] == [
            ["asklight", "ASKLIGHT_PROT"],
            ["asklight", "ASKLIGHT_PORT"],
            ["asklight", "ASKLIGHT_COLOR"],
        ]
        assert not (tmp_path / "data").exists()

    @pytest.mark.parametrize("command", ["serve", "assistant"])
    def test_a_taken_port_is_one_clear_line(
        self, command: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            monkeypatch.setenv("ASKLIGHT_PORT", str(port))
            monkeypatch.setenv("ASKLIGHT_ASSISTANT_TOKEN", "token")
            assert main([command]) == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err == (
            f"asklight: Port {port} on 127.0.0.1 is taken. Stop what uses it, "
            f"or choose another: ASKLIGHT_PORT={port + 1}\n"
        )

    def test_a_host_that_is_not_this_machines_is_one_clear_line(
        self, capsys: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ASKLIGHT_HOST", "192.0.2.1")
        assert main(["serve"]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("asklight: Port 8080 on 192.0.2.1 cannot be used (")

    def test_a_data_folder_that_cannot_be_made_is_one_line(
        self, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("ASKLIGHT_DATA_DIR", str(tmp_path / "file" / "data"))
        monkeypatch.setenv("ASKLIGHT_PORT", "0")
        assert main(["serve"]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert str(tmp_path / "file") in line

    def test_the_assistant_alone_demands_a_token(self, capsys: Capture) -> None:
        assert main(["assistant"]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("asklight: ASKLIGHT_ASSISTANT_TOKEN: is needed")


class Process:
    """A command that runs, and the address it printed."""

    def __init__(self, running: subprocess.Popen[str], temporary: Path) -> None:
        self._running = running
        self.temporary = temporary
        self.printed: list[str] = []

    def wait_for_address(self) -> str:
        assert self._running.stdout
        for line in self._running.stdout:
            self.printed.append(line)
            found = re.search(r"at (http://[^\s/]+)", line)
            if found:
                return found[1]
        raise AssertionError(f"no address: {self.printed} {self.errors()}")

    def errors(self) -> str:
        assert self._running.stderr
        return self._running.stderr.read()

    def rest(self) -> str:
        """What is still to be read of its output, now that it has ended."""
        assert self._running.stdout
        return self._running.stdout.read()

    def wait(self) -> int:
        """The exit status of a process that ends by itself."""
        return self._running.wait(START_SECONDS)

    def send(self, number: int) -> None:
        """Sends a signal that it may not end at."""
        self._running.send_signal(number)

    def stop(self, number: int) -> int:
        """The exit status after a signal; it may take :data:`STOP_SECONDS`."""
        self._running.send_signal(number)
        return self._running.wait(STOP_SECONDS)


@contextmanager
def running(
    command: str, folder: Path, environment: Mapping[str, str], *, files: int | None = None
) -> Iterator[Process]:
    """``asklight command`` on a port of its own; ended hard if it does not end by itself.

    :param files: how many it may open; as many as this process where there is none.
    """
    temporary = Path(mkdtemp())  # a short path: a socket's has little room
    settings = {
        "HOME": str(folder),
        "TMPDIR": str(temporary),
        "PATH": os.environ["PATH"],
        "ASKLIGHT_PORT": "0",
        "ASKLIGHT_DATA_DIR": str(folder / "data"),
    }
    limits = (files, files) if files else resource.getrlimit(resource.RLIMIT_NOFILE)
    process = subprocess.Popen(
        [sys.executable, "-m", "asklight", command],
        env=settings | dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_NOFILE, limits),
    )
    watchdog = threading.Timer(START_SECONDS + STOP_SECONDS, process.kill)
    watchdog.start()
    try:
        yield Process(process, temporary)
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()
        shutil.rmtree(temporary)


def has_ipv6() -> bool:
    """Whether this machine has the other family at all; some containers do not."""
    try:
        create_server(("::1", 0), family=AF_INET6).close()
    except OSError:
        return False
    return True


def get(address: str, headers: Mapping[str, str] | None = None) -> httpx2.Response:
    with httpx2.Client(trust_env=False) as client:
        return client.get(address, headers=dict(headers or {}))


class TestServe:
    def test_it_says_where_it_is_answers_there_and_ends_cleanly_when_told(
        self, tmp_path: Path
    ) -> None:
        with running("serve", tmp_path, {}) as process:
            address = process.wait_for_address()
            assert get(f"{address}/healthz").json()["name"] == "asklight"
            assert get(f"{address}/healthz", {"Host": "evil.test"}).status_code == 421
            assert len(list(process.temporary.iterdir())) == 1  # the assistant's socket
            idle = create_connection(("127.0.0.1", int(address.rpartition(":")[2])))
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half-")
            with idle:
                status = process.stop(signal.SIGTERM)
            assert (status, process.errors()) == (0, "")
            assert list(process.temporary.iterdir()) == []
        data = tmp_path / "data"
        assert data.stat().st_mode & 0o777 == 0o700
        kept = {path.name: path.stat().st_mode & 0o777 for path in data.iterdir()}
        assert kept == {"asklight.sqlite3": 0o600, "secret": 0o600, "releases": 0o700}

    def test_an_unread_answer_does_not_keep_it_from_ending(self, tmp_path: Path) -> None:
        with running("serve", tmp_path, {}) as process:
            address = process.wait_for_address()
            with httpx2.Client(base_url=f"{address}/v2", trust_env=False) as client:
                begun = client.post(
                    "/identity/init", json={"apiKey": "demo"}, headers={"Origin": address}
                )
                client.headers["Authorization"] = f"Bearer {begun.json()['sessionToken']}"
                identity = client.post("/conversations").json()["id"]
                page = {"content": " ".join(f"Why is this sentence {n}?" for n in range(500))}
                body = {"content": "Why is this?", "stream": True, "pageContext": page}
                path = f"/conversations/{identity}/messages"
                with client.stream("POST", path, json=body) as answer:
                    assert next(answer.iter_raw()).startswith(b"id: ")
                    status = process.stop(signal.SIGTERM)
            assert status == 0
            assert "Traceback" not in process.errors()

    def test_everywhere_means_both_families_and_control_c_ends_it_as_well(
        self, tmp_path: Path
    ) -> None:
        host, names = (
            ("::", ["127.0.0.1", "[::1]"]) if has_ipv6() else (EVERY_IPV4_ADDRESS, ["127.0.0.1"])
        )
        with running("serve", tmp_path, {"ASKLIGHT_HOST": host}) as process:
            port = process.wait_for_address().rpartition(":")[2]
            for name in names:
                assert get(f"http://{name}:{port}/healthz").status_code == 200
            status = process.stop(signal.SIGINT)
            assert (status, process.errors()) == (0, "")

    def test_a_closed_terminal_ends_it_as_cleanly(self, tmp_path: Path) -> None:
        with running("serve", tmp_path, {}) as process:
            process.wait_for_address()
            status = process.stop(signal.SIGHUP)
            assert (status, process.errors()) == (0, "")
            assert list(process.temporary.iterdir()) == []

    def test_what_was_started_to_outlive_its_terminal_does(self, tmp_path: Path) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does; children inherit it
        try:
            with running("serve", tmp_path, {}) as process:
                address = process.wait_for_address()
                process.send(signal.SIGHUP)
                assert get(f"{address}/healthz").status_code == 200
                assert process.stop(signal.SIGTERM) == 0
        finally:
            signal.signal(signal.SIGHUP, before)

    def test_where_few_files_may_be_open_it_says_how_many_connections_it_takes(
        self, tmp_path: Path
    ) -> None:
        with running("serve", tmp_path, {}, files=200) as process:
            process.wait_for_address()
            assert process.stop(signal.SIGTERM) == 0
            assert "takes no more than 24 connections at once" in process.errors()

    def test_a_database_it_cannot_use_keeps_it_from_greeting(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "asklight.sqlite3").write_text(
            "this is no database, and stays as it is"
        )
        with running("serve", tmp_path, {}) as process:
            assert process.wait() != 0
            assert "cannot be used as the database" in process.errors()
            assert process.rest() == ""


class TestAssistant:
    def test_it_answers_those_with_its_token_and_ends_cleanly_when_told(
        self, tmp_path: Path
    ) -> None:
        token = "a-token-of-the-operator"
        with running("assistant", tmp_path, {"ASKLIGHT_ASSISTANT_TOKEN": token}) as process:
            address = process.wait_for_address()
            conversations = f"{address}/v2/conversations"
            assert get(conversations).status_code == 401
            assert get(conversations, {"Authorization": "Bearer wrong"}).status_code == 401
            assert get(conversations, {"Authorization": f"Bearer {token}"}).status_code == 200
            status = process.stop(signal.SIGTERM)
            assert (status, process.errors()) == (0, "")
            assert token not in "".join(process.printed)
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["assistant.sqlite3"]
