"""THE DESK: how the practice till says no: Stripe's errors, in Stripe's shape."""

from typing import Any


class Refusal(Exception):
    """What was asked for is refused; the same request would be refused again."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        said = {"code": code, "message": message, "param": param, "type": kind}
        self.body: dict[str, Any] = {"error": {name: value for name, value in said.items() if value is not None}}


def missing(kind: str, name: str, *, param: str = "id", status: int = 404) -> Refusal:
    return Refusal(f"No such {kind}: '{name}'", code="resource_missing", param=param, status=status)
