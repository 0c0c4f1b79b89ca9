"""What the tests of the door stand on, too."""

from tests.provider import provider

__all__ = ["provider"]
