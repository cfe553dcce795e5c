"""What a site's own server does for a user who is signed in there: it signs a word for them."""

from __future__ import annotations

import time
from typing import Any, Final

import jwt

USER_SECRET: Final = "what-the-site-signs-its-users-with-0123456789"
"""The site's secret; wherever it is seen, it has leaked."""

VOUCHING: Final = {"ASKLIGHT_USER_SECRET": USER_SECRET}


def user_token(user: str, *, secret: str = USER_SECRET, **claims: Any) -> str:
    """A token for `user`, good for five minutes at the site ``demo``, or with other `claims`."""
    said = {"aud": "demo", "sub": user, "exp": int(time.time()) + 300, **claims}
    return jwt.encode(said, secret, algorithm="HS256")


def signed_in(user: str) -> str:
    """What a page calls for `user`, once in its head or at any time later; `tokens` counts what was fetched."""
    token = user_token(user)
    return f"""(() => {{
      window.Asklight ||= function () {{ (Asklight._q ||= []).push(arguments) }};
      window.tokens ??= 0;
      Asklight('identify', {{ token: async () => {{ tokens++; return '{token}' }} }});
    }})()"""
