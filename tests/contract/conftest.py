"""Each test of this folder runs against both faces."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from contract.faces import Face, assistant_alone
from support.servers import RunningProxy


@pytest.fixture(scope="session")
def assistant_face(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    with assistant_alone(tmp_path_factory.mktemp("assistant")) as face:
        yield face


@pytest.fixture(scope="session")
def gateway_face(proxy: RunningProxy) -> Face:
    return Face(f"{proxy.origin}/v2", "demo")


@pytest.fixture(params=["assistant", "gateway"])
def face(request: pytest.FixtureRequest) -> Face:
    found: Face = request.getfixturevalue(f"{request.param}_face")
    return found


@pytest.fixture
def nobody(face: Face) -> Iterator[httpx2.Client]:
    """A client without credentials."""
    with face.client() as client:
        yield client


@pytest.fixture
def visitor(face: Face) -> Iterator[httpx2.Client]:
    with face.visitor() as client:
        yield client


@pytest.fixture
def stranger(face: Face) -> Iterator[httpx2.Client]:
    """Another visitor than `visitor`."""
    with face.visitor() as client:
        yield client
