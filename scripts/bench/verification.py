"""What one verification costs in-process: cold (a token never seen) and warm (seen before), against the peers.

Times are of the processor, so that what else the machine does counts less.

Every round measures every contender once, on the same tokens; ratios are taken within a round.
"""

import asyncio
import gc
import resource
import time
import warnings
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import cycle, islice
from pathlib import Path
from statistics import median

import jwt
from fastapi_better_auth import JwtVerifier, User
from fastapi_betterauth import BetterAuth as FastapiBetterAuth
from joserfc import jwk
from joserfc import jwt as joserfc_jwt

from resource_server.server import ResourceServer
from resource_server.settings import ResourceServerSettings
from scripts.bench.table import print_table, spread
from scripts.bench.tokens import Issuer, serving

TOKENS = 200
ROUNDS = 21
WARM_CALLS = 20_000
MANY = 100_000

Verify = Callable[[str], object]
Measure = Callable[[list[str]], Awaitable[float]]


def timed(verify: Verify) -> Measure:
    """Microseconds of processor time per call of a plain function."""

    async def measure(tokens: list[str]) -> float:
        started = time.process_time()
        for token in tokens:
            verify(token)
        return (time.process_time() - started) / len(tokens) * 1e6

    return measure


def timed_async(verify: Callable[[str], Awaitable[object]]) -> Measure:
    async def measure(tokens: list[str]) -> float:
        started = time.process_time()
        for token in tokens:
            await verify(token)
        return (time.process_time() - started) / len(tokens) * 1e6

    return measure


def settings(issuer: Issuer) -> ResourceServerSettings:
    keys = f"{issuer.origin}/api/auth/jwks"
    return ResourceServerSettings(issuer=issuer.origin, audience=issuer.origin, jwks_url=keys)


def raw(issuer: Issuer, tokens: list[str]) -> Measure:
    """`cryptography` alone, on parts that were decoded beforehand."""
    key = jwt.PyJWK(issuer.jwks["keys"][0])
    parts = {token: token.rpartition(".") for token in tokens}
    decoded = {
        token: (jwt.utils.base64url_decode(signature), signed.encode())
        for token, (signed, _, signature) in parts.items()
    }
    if issuer.algorithm == "EdDSA":
        return timed(lambda token: key.key.verify(*decoded[token]))
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    return timed(lambda token: key.key.verify(*decoded[token], PKCS1v15(), SHA256()))


async def contenders(issuer: Issuer, tokens: list[str], stack: AsyncExitStack) -> dict[str, Measure]:
    key = jwt.PyJWK(issuer.jwks["keys"][0])

    def decode(token: str, key: jwt.PyJWK) -> object:
        return jwt.decode(token, key, algorithms=[issuer.algorithm], issuer=issuer.origin, audience=issuer.origin)

    client = jwt.PyJWKClient(f"{issuer.origin}/api/auth/jwks")
    joserfc_key = jwk.import_key(issuer.jwks["keys"][0])
    registry = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": issuer.origin}, aud={"essential": True, "value": issuer.origin}
    )
    peer = FastapiBetterAuth(issuer.origin, algorithms=[issuer.algorithm])
    bridge = JwtVerifier(base_url=issuer.origin, algorithms=[issuer.algorithm], max_token_lifetime=86_400)

    def by_joserfc(token: str) -> object:
        decoded = joserfc_jwt.decode(token, joserfc_key, algorithms=[issuer.algorithm])
        registry.validate(decoded.claims)
        return decoded

    def by_client(token: str) -> object:
        return decode(token, client.get_signing_key_from_jwt(token))

    async def cold(batch: list[str]) -> float:
        async with ResourceServer(settings(issuer)) as fresh:
            await fresh.authenticate(issuer.token())
            return await timed_async(fresh.authenticate)(batch)

    warm = await stack.enter_async_context(ResourceServer(settings(issuer)))
    for token in tokens:
        await warm.authenticate(token)

    async def known(_batch: list[str]) -> float:
        return await timed_async(warm.authenticate)(list(islice(cycle(tokens), WARM_CALLS)))

    return {
        "cryptography (raw)": raw(issuer, tokens),
        "resource_server, warm": known,
        "resource_server, cold": cold,
        "PyJWT": timed(lambda token: decode(token, key)),
        "joserfc": timed(by_joserfc),
        "PyJWKClient + PyJWT": timed(by_client),
        "fastapi-betterauth": timed(peer.fetch_token),
        "fastapi-better-auth-bridge": timed_async(lambda token: bridge.verify(token, User)),
    }


async def compare(algorithm: str) -> None:
    with serving(algorithm) as issuer:
        tokens = [issuer.token() for _ in range(TOKENS)]
        async with AsyncExitStack() as stack:
            measures = await contenders(issuer, tokens, stack)
            rounds: dict[str, list[float]] = {name: [] for name in measures}
            for number in range(ROUNDS + 1):
                for name, measure in measures.items():
                    gc.collect()
                    figure = await measure(tokens)
                    if number > 0:
                        rounds[name].append(figure)
    baseline = rounds["cryptography (raw)"]
    print_table(
        f"One verification, {algorithm}: microseconds, and against raw verification",
        ("contender", "microseconds", "times raw"),
        [
            (name, spread(figures, 1), spread([figure / base for figure, base in zip(figures, baseline, strict=True)]))
            for name, figures in rounds.items()
        ],
    )


def resident() -> float:
    """MB of this process."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6


async def compare_sizes() -> None:
    """Ten live tokens against a hundred thousand."""
    with serving("EdDSA") as issuer:
        few = [issuer.token() for _ in range(10)]
        many = [issuer.token() for _ in range(MANY)]
        async with ResourceServer(settings(issuer)) as small, ResourceServer(settings(issuer)) as large:
            for token in few:
                await small.authenticate(token)
            gc.collect()
            before = resident()
            for token in many:
                await large.authenticate(token)
            gc.collect()
            memory = resident() - before
            sample = list(islice(cycle(few), MANY))
            pairs = [
                (await timed_async(small.authenticate)(sample), await timed_async(large.authenticate)(many))
                for _ in range(ROUNDS)
            ]
    print_table(
        "Live tokens held, warm",
        ("tokens", "microseconds", "memory"),
        [
            ("10", spread([ten for ten, _ in pairs], 1), ""),
            (f"{MANY:,}", spread([all_ for _, all_ in pairs], 1), f"{memory:.0f} MB"),
            ("difference", f"{median([all_ - ten for ten, all_ in pairs]):.1f}", ""),
        ],
    )


async def main() -> None:
    for algorithm in ("EdDSA", "RS256"):
        await compare(algorithm)
    await compare_sizes()


if __name__ == "__main__":
    # joserfc warns of EdDSA's new name at every call.
    warnings.simplefilter("ignore")
    asyncio.run(main())
