"""A route class that authenticates callers first, and costs FastAPI far less per request than a dependency does.

The library's parameters are taken out of the endpoint's signature before FastAPI sees it, and are passed in after
FastAPI's own work. Any other endpoint is left to FastAPI with its dependencies.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import wraps
from typing import Annotated, Any, Final, NamedTuple, TypeGuard, get_args, get_origin

from fastapi.params import Depends
from fastapi.params import Security as SecurityParameter
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from starlette.requests import Request
from starlette.responses import Response

from resource_server.fastapi.dependencies import Authentication, OptionalPrincipal, RequiredPrincipal
from resource_server.fastapi.openapi import with_refusals

_PRINCIPALS: Final = "resource_server.principals"
"""The key in a request's scope under which its endpoint finds its principals. One request may be handled while another
is, in the same task, so they are in nothing that the two share."""
_REQUEST: Final = "resource_server_request"
"""The parameter in which an endpoint that takes no request is given one."""
_MARK: Final = "_resource_server_protected"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = Callable[..., Any]
Complete = Callable[[dict[str, object]], Mapping[str, object]]
Check = RequiredPrincipal | OptionalPrincipal


class Guard(NamedTuple):
    """One dependency of the library on a route; ``name`` is that of the endpoint's parameter, if there is one."""

    name: str | None
    check: Check
    scopes: SecurityScopes


class AuthenticatedRoute(APIRoute):
    """For ``APIRouter(route_class=AuthenticatedRoute)``; ``Auth.install`` sets it for the application's own routes.

    Routes are declared as ever. The dependencies ``requires``, ``required``, ``optional`` and ``require_roles`` of a
    route itself are called before the body is read. In ``dependency_overrides``, one of them may be replaced by a
    function without parameters, or with one, the request, which may yield.
    """

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        dependencies: Sequence[Depends] | None = None,
        openapi_extra: dict[str, Any] | None = None,
        responses: dict[int | str, dict[str, Any]] | None = None,
        **options: Any,  # noqa: ANN401  whatever FastAPI's own route takes
    ) -> None:
        bound, guards = _protect(endpoint, dependencies or ())
        if guards:
            dependencies = [depends for depends in dependencies or () if not _is_ours(depends.dependency)]
            declared = [(guard.check, guard.scopes.scopes) for guard in guards]
            openapi_extra = with_refusals(openapi_extra or {}, declared, responses or {})
        self._guards = guards
        super().__init__(
            path, bound, dependencies=dependencies, openapi_extra=openapi_extra, responses=responses, **options
        )

    def get_route_handler(self) -> Handler:
        """The handler of the route; FastAPI calls this once for each place where the route is included."""
        direct = super().get_route_handler()
        guards = self._guards
        if not guards:
            return direct

        async def handle(request: Request) -> Response:
            overrides = getattr(request.scope.get("app"), "dependency_overrides", None)
            if overrides:
                async with AsyncExitStack() as stack:
                    request.scope[_PRINCIPALS] = await _principals(guards, request, overrides, stack)
                    return await direct(request)
            principals: dict[str, object] = {}
            for name, check, scopes in guards:
                principal = check.recall(request, scopes.scopes) or await check(request, scopes)
                if name is not None:
                    principals[name] = principal
            request.scope[_PRINCIPALS] = principals
            return await direct(request)

        return handle


def _protect(endpoint: Endpoint, dependencies: Sequence[Depends]) -> tuple[Endpoint, tuple[Guard, ...]]:
    """The endpoint as FastAPI is to see it, and the library's dependencies that were taken out."""
    # Some versions of FastAPI build the routes of an included router again, from endpoints that were already wrapped.
    original, earlier = getattr(endpoint, _MARK, (endpoint, ()))
    if (
        not inspect.isfunction(original)
        or inspect.isgeneratorfunction(original)
        or inspect.isasyncgenfunction(original)
    ):
        return endpoint, ()
    try:
        signature = inspect.signature(original, eval_str=True)
    except (NameError, TypeError, SyntaxError):
        return endpoint, ()
    own = [(name, _dependency(parameter)) for name, parameter in signature.parameters.items()]
    named = tuple(_guard(name, depends) for name, depends in own if depends is not None)
    unnamed = [_guard(None, depends) for depends in dependencies if _is_ours(depends.dependency)]
    added = tuple(guard for guard in unnamed if not _is_among(guard, earlier))
    guards = (*named, *(guard for guard in earlier if guard.name is None), *added)
    if not guards:
        return endpoint, ()
    left = [signature.parameters[name] for name, depends in own if depends is None]
    bound = _bind(original, signature.replace(parameters=left)) if named else _alias(original)
    setattr(bound, _MARK, (original, guards))
    return bound, guards


def _is_among(guard: Guard, guards: Sequence[Guard]) -> bool:
    return any(guard.check is other.check and guard.scopes.scopes == other.scopes.scopes for other in guards)


def _dependency(parameter: inspect.Parameter) -> Depends | None:
    """The library's dependency of a parameter, if it has one."""
    found = parameter.default if isinstance(parameter.default, Depends) else None
    if get_origin(parameter.annotation) is Annotated:
        found = next((item for item in get_args(parameter.annotation)[1:] if isinstance(item, Depends)), found)
    return found if found is not None and _is_ours(found.dependency) else None


def _guard(name: str | None, depends: Depends) -> Guard:
    check = depends.dependency
    if not _is_ours(check):
        raise TypeError("not a dependency of this library")
    scopes = depends.scopes if isinstance(depends, SecurityParameter) else None
    return Guard(name, check, SecurityScopes(list(scopes or ())))


def _is_ours(call: object) -> TypeGuard[Check]:
    # A subclass may check more than the remembered caller shows: it is left to FastAPI.
    return (
        type(call) in {RequiredPrincipal, OptionalPrincipal}
        and isinstance(call, RequiredPrincipal | OptionalPrincipal)
        and type(call.authentication).authenticate is Authentication.authenticate
    )


async def _principals(
    guards: Sequence[Guard],
    request: Request,
    overrides: Mapping[Callable[..., object], Endpoint],
    stack: AsyncExitStack,
) -> dict[str, object]:
    """The principals of a request to an application with ``dependency_overrides``, as in its tests."""
    principals: dict[str, object] = {}
    for name, check, scopes in guards:
        override = overrides.get(check)
        principal = await (check(request, scopes) if override is None else _overridden(override, request, stack))
        if name is not None:
            principals[name] = principal
    return principals


async def _overridden(override: Endpoint, request: Request, stack: AsyncExitStack) -> object:
    parameters = len(inspect.signature(override).parameters)
    if parameters > 1:
        raise TypeError("an override of a dependency of AuthenticatedRoute takes no parameter, or only the request")
    arguments = (request,) if parameters else ()
    if inspect.isasyncgenfunction(override):
        return await stack.enter_async_context(asynccontextmanager(override)(*arguments))
    if inspect.isgeneratorfunction(override):
        return stack.enter_context(contextmanager(override)(*arguments))
    found = override(*arguments)
    return await found if inspect.isawaitable(found) else found


def _bind(endpoint: Endpoint, signature: inspect.Signature) -> Endpoint:
    """The endpoint, with the principals of its request added to what FastAPI passes in."""
    # FastAPI knows one such parameter of an endpoint, the last.
    own = next((each.name for each in reversed(list(signature.parameters.values())) if _is_request(each)), None)
    if own is None:
        signature = _with_request(signature)

    def complete(values: dict[str, object]) -> Mapping[str, object]:
        request: Any = values.pop(_REQUEST) if own is None else values[own]
        values.update(request.scope[_PRINCIPALS])
        return values

    return _wrap(endpoint, signature, complete)


def _alias(endpoint: Endpoint) -> Endpoint:
    return _wrap(endpoint, inspect.signature(endpoint, eval_str=True), lambda values: values)


def _wrap(endpoint: Endpoint, signature: inspect.Signature, complete: Complete) -> Endpoint:
    if inspect.iscoroutinefunction(endpoint):

        @wraps(endpoint)
        async def bound(**values: object) -> object:
            return await endpoint(**complete(values))

    else:

        @wraps(endpoint)
        def bound(**values: object) -> object:
            return endpoint(**complete(values))

    bound.__signature__ = signature  # type: ignore[attr-defined]
    return bound


def _is_request(parameter: inspect.Parameter) -> bool:
    """Whether FastAPI passes the request in this parameter."""
    annotation = parameter.annotation
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return isinstance(annotation, type) and issubclass(annotation, Request)


def _with_request(signature: inspect.Signature) -> inspect.Signature:
    added = inspect.Parameter(_REQUEST, inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    parameters = list(signature.parameters.values())
    last = len(parameters) - bool(parameters and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD)
    return signature.replace(parameters=[*parameters[:last], added, *parameters[last:]])
