"""The HTTP protocol of the feed, served from Postgres by a minimal program."""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "service-credential"
PAGE = 1_000

Row = dict[str, Any]


def feed_server(address: str) -> Starlette:
    async def revocations(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Response(status_code=401)
        after = request.query_params.get("after")
        wait = min(int(request.query_params.get("wait", "0")), 30)
        try:
            async with await psycopg.AsyncConnection.connect(
                address, autocommit=True, row_factory=dict_row
            ) as connection:
                if after and (listener := request.query_params.get("listener")):
                    await connection.execute("SELECT auth.revocation_acknowledge('http', %s, %s)", (listener, after))
                row = await page(connection, after)
                if wait and is_news(row) is False:
                    for channel in row["channels"]:
                        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    row = await page(connection, after)
                if wait and is_news(row) is False:
                    async for _ in connection.notifies(timeout=wait, stop_after=1):
                        pass
                    row = await page(connection, after)
        except psycopg.OperationalError:
            return Response(status_code=503)
        origin = {"Revocation-Origin": ", ".join(row["origins"])}
        if after and not is_news(row) and request.headers.get("if-none-match") == etag(after):
            return Response(status_code=304, headers=origin)
        headers = {"Cache-Control": "no-store", "ETag": etag(str(row["cursor"])), **origin}
        return JSONResponse(body(row), headers=headers)

    return Starlette(routes=[Route("/revocations", revocations)])


def etag(cursor: str) -> str:
    return f'"{cursor}"'


async def page(connection: psycopg.AsyncConnection[Row], after: str | None) -> Row:
    answer = await connection.execute(
        "SELECT *, ARRAY(SELECT auth.missing_revocation_triggers()) AS missing_triggers,"
        " auth.revocation_origins() AS origins"
        " FROM auth.revocation_page(%s, %s)",
        (after, PAGE),
    )
    row = await answer.fetchone()
    assert row is not None
    return row


def is_news(row: Row) -> bool:
    return bool(row["reset"] or not row["complete"] or row["sids"] or row["subs"] or row["others"])


def body(row: Row) -> Row:
    def columns(*names: str) -> list[tuple[object, ...]]:
        return list(zip(*(row[name] for name in names), strict=True))

    flags = ("cursor", "reset", "complete", "max_token_life", "expected", "missing_triggers")
    return {
        **{name: row[name] for name in flags},
        "schema_version": row["version"],
        "revocations": [
            *({"sid": sid, "expires_at": expires_at} for sid, expires_at in columns("sids", "sid_expires")),
            *(
                {"sub": sub, "min_ver": min_ver, "expires_at": expires_at}
                for sub, min_ver, expires_at in columns("subs", "sub_min_vers", "sub_expires")
            ),
            *row["others"],
        ],
    }
