"""Error pages for people: what happened and what to do, outside ``/v2``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from asklight.site.headers import page_headers
from asklight.site.templating import render


@dataclass(frozen=True, slots=True)
class Problem:
    """An error page's content.

    :param command: a shell command that helps, shown as code below the advice.
    """

    status: int
    title: str
    advice: str
    command: str | None = None


NOT_BUILT = Problem(
    503,
    "The browser side is not built yet",
    "The server runs, but the files it hands to browsers are missing. Build them and start again:",
    command="make run",
)
UNKNOWN_SITE = Problem(
    404,
    "No site has this name",
    "The address asks for a site this server does not serve. Check the part after “site=”.",
)
SERVER_FAULT = Problem(
    500,
    "Something went wrong on this server",
    "The fault is not yours, and the server's log has the details. Load the page again in a moment.",
)
_BY_STATUS: Mapping[int, Problem] = MappingProxyType(
    {
        problem.status: problem
        for problem in (
            Problem(404, "Nothing is here", "Check the address, or begin at the start page."),
            Problem(
                405,
                "This address is only for reading",
                "Open it in a browser tab instead of sending something to it.",
            ),
            Problem(
                421,
                "This server does not answer to that name",
                "Use the address it printed when it started. If people should reach it by this one, "
                "its operator sets ASKLIGHT_PUBLIC_URL.",
            ),
            SERVER_FAULT,
        )
    }
)


def problem_page(
    problem: Problem | int, *, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page for ``problem``.

    :param problem: a page's content, or a status; a status without words of its own reads as a server fault
        from 500 up and as "nothing is here" below, and keeps its number.
    :param headers: further headers, such as ``Allow``.
    """
    if isinstance(problem, int):
        status, problem = problem, _for_status(problem)
    else:
        status = problem.status
    return HTMLResponse(
        render("problem.html", problem=problem, status=status),
        status_code=status,
        headers={**page_headers(), "Cache-Control": "no-store", **(headers or {})},
    )


def _for_status(status: int) -> Problem:
    return _BY_STATUS.get(status) or (SERVER_FAULT if status >= 500 else _BY_STATUS[404])


async def answer_with_page(request: Request, exception: Exception) -> Response:
    """Starlette exception handler: the page for an ``HTTPException``, the server-fault page for anything else.

    Nothing of the exception's text is shown.
    """
    if isinstance(exception, HTTPException):
        return problem_page(exception.status_code, headers=exception.headers)
    return problem_page(SERVER_FAULT)
