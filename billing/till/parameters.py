"""THE DESK: how the practice till reads requests: Stripe's form encoding, held to the types of Stripe's own library.

The library leaves its enumerations open and its unknown fields to the server; here both are closed, so that a word
that Stripe would refuse is refused before Stripe sees it.
"""

import functools
import re
import types
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from pydantic import BeforeValidator, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from stripe import RequestOptions, StripeObject
from typing_extensions import TypedDict, is_typeddict

from billing.till.refusal import Refusal

Form = dict[str, Any]

NAME: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
FIELD: Final = re.compile(r"[a-z][a-z0-9_]*")
TAGS: Final = {"int", "str", "bool", "float", "decimal"}  # pydantic's words for a branch of a union
TRUTHS: Final = {"true": True, "false": False}


def decode(pairs: Iterable[tuple[str, str]]) -> Form:
    """line_items[0][price_data][currency]=rub → {"line_items": {"0": {"price_data": {"currency": "rub"}}}}"""
    form: Form = {}
    for name, value in pairs:
        parts = NAME.fullmatch(name)
        if parts is None:
            raise Refusal(f"Invalid parameter name: {name}", code="parameter_unknown", param=name)
        *path, last = [parts[1], *re.findall(r"\[([^\[\]]*)\]", parts[2])]
        node = form
        for key in path:
            node = node.setdefault(key or str(len(node)), {})
            if not isinstance(node, dict):
                raise Refusal(f"Invalid parameter: {name}", code="parameter_invalid_empty", param=name)
        node[last or str(len(node))] = value
    return form


def check(params: type, form: Form) -> Form:
    """The form in the types that `params`, a TypedDict of Stripe's library, asks for. Raises Refusal."""
    try:
        return dict(_adapter(params).validate_python(form))
    except ValidationError as error:
        raise _refusal(error.errors()[0]) from None


def paths(form: Any, above: str = "") -> Iterable[str]:
    """What a checked form names, without the numbers in lists: line_items.price_data.currency"""
    if isinstance(form, dict):
        for key, value in form.items():
            yield from paths(value, f"{above}.{key}" if above else key)
    elif isinstance(form, list):
        for one in form:
            yield from paths(one, above)
    else:
        yield above


# Within --------------------------------------------------------------------------------------------------------------


def _whole(given: Any) -> int:
    if not isinstance(given, str) or not re.fullmatch(r"-?[0-9]{1,18}", given, re.ASCII):
        raise ValueError("integer")
    return int(given)


def _truth(given: Any) -> bool:
    if not isinstance(given, str) or given not in TRUTHS:
        raise ValueError("boolean")
    return TRUTHS[given]


def _listed(given: Any) -> list[Any]:
    if not isinstance(given, dict) or not all(key.isdecimal() for key in given):
        raise ValueError("array")
    return [given[key] for key in sorted(given, key=int)]


PLAIN: Final[dict[Any, Any]] = {
    int: Annotated[int, BeforeValidator(_whole)],
    bool: Annotated[bool, BeforeValidator(_truth)],
}


@functools.cache
def _adapter(params: type) -> TypeAdapter[Any]:
    return TypeAdapter(_closed(params))


@functools.cache
def _closed(params: type) -> Any:
    """The same TypedDict without the options of a request, every type in it taken strictly, nothing else allowed."""
    own = {name: hint for name, hint in params.__annotations__.items() if name not in RequestOptions.__annotations__}
    read = type(params.__name__, (), {"__annotations__": own, "__module__": params.__module__})
    hints = get_type_hints(read, include_extras=True)
    make: Any = TypedDict
    closed = make(params.__name__, {name: _strict(hint) for name, hint in hints.items()})
    closed.__pydantic_config__ = ConfigDict(extra="forbid")
    return closed


def _strict(hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        return _closed(hint)
    if origin is NotRequired:
        return NotRequired[_strict(args[0])]
    if origin in (Union, types.UnionType):
        return Union[tuple(_strict(kind) for kind in _branches(args))]  # noqa: UP007 - how many, only Stripe knows
    if origin is list:
        return Annotated[list[_strict(args[0])], BeforeValidator(_listed)]  # type: ignore[misc]
    if origin is dict:
        return dict[str, _strict(args[1])]  # type: ignore[misc]
    return PLAIN.get(hint, hint)


def _branches(args: tuple[Any, ...]) -> list[Any]:
    """Of `Literal["a", "b"] | str` only the words that are named; of objects only what a form can carry."""
    kinds = [kind for kind in args if not _is_object(get_origin(kind) or kind)]
    if any(get_origin(kind) is Literal and kind != Literal[""] for kind in kinds):
        kinds = [kind for kind in kinds if kind is not str]
    return kinds


def _is_object(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, StripeObject)


def _refusal(error: ErrorDetails) -> Refusal:
    where = [part for part in error["loc"] if isinstance(part, int) or (FIELD.fullmatch(part) and part not in TAGS)]
    param = "".join(f"[{part}]" if number else str(part) for number, part in enumerate(where))
    given, kind, words = error["input"], error["type"], error["msg"].removeprefix("Value error, ")
    if kind == "extra_forbidden":
        return Refusal(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
    if kind == "missing":
        return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)
    if kind == "literal_error":
        return Refusal(f"Invalid {param}: must be one of {error['ctx']['expected']}", param=param)
    if kind == "value_error":
        code = "parameter_invalid_integer" if words == "integer" else None
        return Refusal(f"Invalid {words}: {given}", code=code, param=param)
    return Refusal(f"Invalid {param}: {words}", param=param)
