"""Every "only X does Y" of the design, read from the sources. Each search is shown to find what it looks for."""

from __future__ import annotations

import ast
import re

import pytest

from proxy.sources import (
    GUARD,
    ROOT,
    TREES,
    Found,
    Search,
    attributes,
    importers,
    imports,
    nodes,
    own_imports,
    reads,
    texts,
    where,
)


class TestTheSearches:
    @pytest.mark.parametrize(
        ("search", "code"),
        [
            (attributes("unseal"), "key.unseal()"),
            (attributes("unseal"), "getattr(key, 'unseal')()"),
            (texts("set-cookie"), "headers.append('Set-Cookie', value)"),
            (texts("set-cookie"), "(b'set-cookie', value)"),
            (texts(r".*__host-.*"), "f'__Host-{name}'"),
            (reads("origin"), "request.headers.get('Origin', '')"),
            (reads("origin"), "request.headers.getlist('origin')"),
            (reads("origin"), "request.headers['ORIGIN']"),
            (reads("origin"), "'origin' in request.headers"),
            (reads("origin"), "scope['headers'].get(b'origin')"),
        ],
    )
    def test_each_finds_what_it_looks_for(self, search: Search, code: str) -> None:
        assert next(search(ast.parse(code)), None) is not None

    @pytest.mark.parametrize(
        ("search", "code"),
        [
            (texts("cookie"), "kind: Literal['cookie', 'token']"),
            (texts("set-cookie"), "'''Explains Set-Cookie.'''"),
            (reads("origin"), "headers = {'origin': ours}"),
            (reads("origin"), "session.origin"),
        ],
    )
    def test_none_finds_what_is_allowed(self, search: Search, code: str) -> None:
        assert next(search(ast.parse(code)), None) is None

    def test_imports_are_found_wherever_they_stand(self) -> None:
        code = "def late():\n    from a.b import c\nif x:\n    import d.e"
        assert imports(ast.parse(code)) == {"a.b", "a.b.c", "d.e"}

    def test_the_whole_package_is_read(self) -> None:
        assert {"cli.py", "gateway/gate.py", "assistant/routes.py", "site/pages.py"} <= TREES.keys()


class TestSecrets:
    def test_secrets_are_unsealed_where_they_are_used_and_nowhere_else(self) -> None:
        assert where(attributes("unseal")) == {
            "cli.py",  # the assistant's own credential
            "gateway/sessions.py",  # the signing keys
            "gateway/upstream.py",  # the API token
            "gateway/vouching.py",  # what sites sign their users' tokens with
        }

    def test_the_command_line_unseals_the_assistants_own_credential_alone(self) -> None:
        functions = {
            node.name
            for node in TREES["cli.py"].body
            if isinstance(node, ast.FunctionDef) and next(attributes("unseal")(node), None)
        }
        assert functions == {"assistant"}

    def test_nobody_reaches_into_a_sealed_secret(self) -> None:
        assert where(attributes("_value")) == {"sealed.py"}

    def test_only_the_settings_and_what_makes_secrets_seal_them(self) -> None:
        def seals(tree: ast.AST) -> Found:
            for node in nodes(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "Sealed":
                    yield node

        assert where(seals) == {"setting_values.py", "state/secret.py", "app.py"}

    def test_only_the_command_line_reads_the_environment(self) -> None:
        assert where(attributes("environ", "getenv", "environb")) == {"cli.py"}


class TestRequests:
    def test_only_sessions_touches_the_cookie(self) -> None:
        only = {"gateway/sessions.py"}
        assert where(texts(r"set-cookie|cookie|.*__(?:host|secure)-.*")) == only
        assert where(attributes("cookies", "delete_cookie", "cookie_parser")) == set()
        assert importers("http.cookies", "starlette.middleware.sessions") == set()

    def test_only_origins_reads_where_a_request_comes_from(self) -> None:
        only = {"gateway/origins.py"}
        assert where(reads("origin|referer")) == only
        assert where(reads("host")) - GUARD == only
        assert where(texts(r"sec-fetch-.*|access-control-.*")) - _answering_everyone() == only

    def test_only_addresses_reads_forwarded_headers_and_the_peer(self) -> None:
        only = {"gateway/addresses.py"}
        assert where(texts(r"x-forwarded-.*|forwarded|x-real-ip|.*connecting-ip|via")) == only
        assert where(reads("client")) == only
        assert where(attributes("client")) <= only

    def test_uvicorn_never_believes_a_forwarded_header(self) -> None:
        configured = []
        for path, tree in TREES.items():
            for node in nodes(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "uvicorn.Config":
                    said = {word.arg: ast.unparse(word.value) for word in node.keywords}
                    configured.append(path)
                    assert said["proxy_headers"] == "False", path
                    assert said["access_log"] == "False", path
        assert {"assistant/server.py", "serving.py"} <= set(configured)

    def test_bodies_are_read_through_the_one_that_limits_them(self) -> None:
        assert where(_body_readers) == {"wire.py"}

    def test_no_exception_of_another_librarys_is_told_to_anyone(self) -> None:
        """``str(error)`` may quote a secret; only our own errors, and those of files, are printed."""
        assert where(attributes("exception", "format_exc", "print_exc", "print_exception")) <= {
            "assistant/server.py"  # the task's own exception, raised again as it is
        }


def _body_readers(tree: ast.AST) -> Found:
    for node in nodes(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "request.json",
            "request.body",
            "request.form",
            "request.stream",
        ):
            yield node


def _answering_everyone() -> set[str]:
    """Files and the health check say ``*``: they have nothing to hide from any origin."""
    return {path for path in TREES if path.startswith("site/")}


_ORDER = [
    {"__main__.py"},
    {"cli.py"},
    {"app.py"},
    {"gateway", "assistant", "site"},
    {"state"},
]


def _layer(path: str) -> int:
    head = path.partition("/")[0]
    return next((number for number, layer in enumerate(_ORDER) if head in layer), len(_ORDER))


class TestImports:
    def test_they_go_one_way(self) -> None:
        against = {
            f"{path} imports {other}"
            for path in TREES
            for other in own_imports(path)
            if _layer(other) < _layer(path)
        }
        assert against == set()

    def test_gateway_assistant_and_site_do_not_know_each_other(self) -> None:
        across = {
            f"{path} imports {other}"
            for path in TREES
            for other in own_imports(path)
            if _layer(path) == _layer(other) == _layer("gateway/x")
            if path.partition("/")[0] != other.partition("/")[0]
        }
        assert across == set()

    def test_there_is_no_circle(self) -> None:
        left = {path: own_imports(path) - {path} for path in TREES}
        while left:
            free = {path for path, needs in left.items() if not needs & left.keys()}
            assert free, f"a circle among {sorted(left)}"
            left = {path: needs for path, needs in left.items() if path not in free}

    def test_only_the_composition_root_wires_the_parts_together(self) -> None:
        both = importers("asklight.gateway") & importers("asklight.assistant", "asklight.site")
        assert both == {"app.py"}

    @pytest.mark.parametrize(
        ("package", "allowed"),
        [
            ("http.cookies", set[str]()),
            ("multipart", set[str]()),
            ("python_multipart", set[str]()),
            ("sse_starlette", set[str]()),
            ("httpx", set[str]()),
            ("requests", set[str]()),
            ("urllib.request", set[str]()),
            ("pickle", set[str]()),
            ("subprocess", set[str]()),
            ("random", set[str]()),
            ("starlette.middleware", set[str]()),
            ("limits.aio", {"state/counters.py"}),
            ("jinja2", {"site/templating.py"}),
            ("jwt", {"gateway/vouching.py"}),
            ("h2", {"gateway/http2.py"}),
            ("trustme", set[str]()),
            ("pydantic_settings", set[str]()),
        ],
    )
    def test_what_is_left_out_stays_out(self, package: str, allowed: set[str]) -> None:
        assert importers(package) == allowed

    def test_only_the_upstreams_modules_speak_http_to_others(self) -> None:
        speaking = importers("httpx2")
        assert "gateway/upstream.py" in speaking
        assert {path.partition("/")[0] for path in speaking} == {"gateway"}

    def test_sessions_are_signed_with_sha_256_and_nothing_is_hashed_with_less(self) -> None:
        assert where(attributes("md5", "sha1", "new")) == set()

    def test_streams_are_never_read_by_lines(self) -> None:
        """``aiter_lines`` splits at characters that may stand inside JSON."""
        assert (
            where(attributes("aiter_lines", "iter_lines", "splitlines"))
            - {path for path in TREES if path.startswith("assistant/")}
            == set()
        )
        assert where(attributes("aiter_lines", "iter_lines")) == set()

    def test_no_middleware_stands_between_a_stream_and_its_reader(self) -> None:
        names = ("BaseHTTPMiddleware", "CORSMiddleware", "GZipMiddleware", "SessionMiddleware")
        named = {
            path
            for path, tree in TREES.items()
            for node in nodes(tree)
            if isinstance(node, ast.Name) and node.id in names
        }
        assert named | where(attributes(*names)) == set()

    def test_the_dependencies_left_out_are_not_declared_either(self) -> None:
        declared = (ROOT / "pyproject.toml").read_text() + (ROOT / "constraints.txt").read_text()
        for package in ("python-multipart", "sse-starlette", "requests"):
            assert not re.search(rf'^\s*"?{package}\b', declared, re.MULTILINE)
