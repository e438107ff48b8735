"""The service behind the page: the built bundle, the answers under ``/api`` and the gate in front of both."""

import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles

import motherlode
from motherlode.errors import BadInput, MotherlodeError, StoreError, UnknownAsteroid, UnknownName
from motherlode.web import api, events, security

STATIC = Path(__file__).parent / "static"
LOG = "security.jsonl"  # in the workspace


def create(workspace: Path) -> FastAPI:
    """The application without its gate: what the tests call and what OpenAPI describes.

    workspace  folder of the runs; made when the first job needs it
    """
    app = FastAPI(
        title="motherlode",
        version=motherlode.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.include_router(api.router(workspace))
    app.add_exception_handler(MotherlodeError, _told)
    app.add_api_route("/health", _health, response_class=PlainTextResponse, include_in_schema=False)
    app.mount("/", StaticFiles(directory=STATIC, html=True))
    return app


async def _health() -> str:
    return "ok"


def _told(_: Request, error: Exception) -> JSONResponse:
    """Errors that teach reach the page as one sentence."""
    statuses = {UnknownName: 404, UnknownAsteroid: 404, StoreError: 507}
    status = next((statuses[kind] for kind in type(error).__mro__ if kind in statuses), 422)
    return JSONResponse({"detail": str(error)}, status_code=status)


def serve(
    workspace: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8040,
    certificate: Path | None = None,
    key: Path | None = None,
    exposed: bool = False,
    names: tuple[str, ...] = (),
    token: str | None = None,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve the page until interrupted; ``ready`` is told the address with its token once it listens.

    raises  BadInput where the bind is refused or the port is taken
    """
    import uvicorn

    security.refuse_exposure(host, certificate=certificate is not None, exposed=exposed)
    listener = _listener(host, port)
    scheme = "https" if certificate else "http"
    door = security.door(host, listener.getsockname()[1], scheme=scheme, token=token, names=names)
    log = events.EventLog(workspace / LOG, service=min(door.origins), hidden=(door.token,))
    settings = uvicorn.Config(
        security.Gate(create(workspace), door, log),
        log_level="warning",
        access_log=False,  # addresses carry the token once; they are not written down
        server_header=False,
        h11_max_incomplete_event_size=32_768,
        timeout_keep_alive=15,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        ws="none",
    )
    ready(f"{scheme}://{security.bracketed(host)}:{listener.getsockname()[1]}/?token={door.token}")
    uvicorn.Server(settings).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named, so that asyncio sets TCP_NODELAY
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(128)  # whoever reads the address may come at once
    except OSError as error:
        listener.close()
        raise BadInput(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another with --port, 0 for any"
        ) from None
    return listener


def openapi(workspace: Path) -> dict[str, Any]:
    """The OpenAPI description of the service."""
    return create(workspace).openapi()
