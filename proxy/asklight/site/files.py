"""Files from disk: the build for pages of any origin, and the served pages' own."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import PathLike, StaticFiles
from starlette.types import Scope

from asklight.site.build import Build
from asklight.site.problems import NOT_BUILT, problem_page

CHECK_OFTEN = "public, max-age=300, must-revalidate"  # an old copy lives on for five minutes
CHECK_ALWAYS = "no-cache"
NEVER_CHANGES = "public, max-age=31536000, immutable"  # one year, for names that carry a hash

ANY_ORIGIN: Mapping[str, str] = MappingProxyType(
    {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
)
OWN_ORIGIN: Mapping[str, str] = MappingProxyType({"Cross-Origin-Resource-Policy": "same-origin"})

# Stated here because the system's tables differ between machines, and `nosniff` makes a wrong type an error.
_CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".mjs": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".map": "application/json",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
        ".zip": "application/zip",
    }
)
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class Files(StaticFiles):
    """A folder, read-only: GET and HEAD, nothing outside it, no symbolic links out of it.

    A file with a compressed twin beside it (``a.js.br``, ``a.js.gz``) is sent compressed to those who accept it.

    :param cache_control: for every file of the folder.
    :param headers: further headers for every file.
    """

    def __init__(self, folder: Path, *, cache_control: str, headers: Mapping[str, str]) -> None:
        super().__init__(directory=folder, check_dir=False)
        # A folder that is not there yet is an empty one: each file is looked up when it is asked for.
        self.config_checked = True
        self._headers = {
            **headers,
            "Cache-Control": cache_control,
            "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        }

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at ``path``, in the best encoding the client accepts.

        :raises HTTPException: 404 and 405, as Starlette's own.
        """
        response = await super().get_response(path, scope)
        for encoding, suffix in _accepted(Headers(scope=scope).get("accept-encoding", "")):
            full_path, found = await anyio.to_thread.run_sync(self.lookup_path, path + suffix)
            if found and stat.S_ISREG(found.st_mode):
                response = self.file_response(full_path, found, scope)
                response.headers["Content-Encoding"] = encoding
                break
        return response

    def file_response(
        self,
        full_path: PathLike,
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file, or 304 where the client has it, with this folder's headers."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(self._headers)
        if response.status_code != 304:
            response.headers["Content-Type"] = _content_type(Path(full_path))
        return response


class BuildFiles(Files):
    """Files of the browser side's build; before the first build, a page that says how to make it.

    :param earlier: folders with the files of earlier builds, for those who still ask for them.
    """

    def __init__(
        self, build: Build, subfolder: str, *, cache_control: str, earlier: Iterable[Path] = ()
    ) -> None:
        super().__init__(build.folder / subfolder, cache_control=cache_control, headers=ANY_ORIGIN)
        # Looked through in this order: names carry a hash, so that the same name is the same file.
        self.all_directories = [*self.all_directories, *earlier]
        self._build = build

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at ``path``, or the page that says there is no build."""
        try:
            return await super().get_response(path, scope)
        except HTTPException as missing:
            if missing.status_code == 404 and not self._build.is_there:
                return problem_page(NOT_BUILT)
            raise


def is_known(etag: str, headers: Headers) -> bool:
    """Whether the client has what ``etag`` names (RFC 9110, 13.1.2)."""
    known = headers.get("if-none-match", "").split(",")
    return etag in {each.strip().removeprefix("W/") for each in known}


def takes_gzip(headers: Headers) -> bool:
    """Whether the client takes gzip."""
    return "gzip" in dict(_accepted(headers.get("accept-encoding", "")))


def _accepted(accept_encoding: str) -> Iterator[tuple[str, str]]:
    """The encodings of ours that an ``Accept-Encoding`` takes (RFC 9110, 12.5.3), smallest result first."""
    refused = {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    offers = [offer.replace(" ", "").split(";") for offer in accept_encoding.lower().split(",")]
    taken = {name for name, *weight in offers if not refused.intersection(weight)}
    return ((encoding, suffix) for encoding, suffix in _ENCODINGS if encoding in taken)


def _content_type(path: Path) -> str:
    """By the name's suffix, that of a compressed twin taken off."""
    twins = {suffix for _, suffix in _ENCODINGS}
    named = path.with_suffix("") if path.suffix in twins else path
    return _CONTENT_TYPES.get(named.suffix, "application/octet-stream")
