"""The practice till for every test of the desk that asks for it."""

from tests.till import till, with_till

__all__ = ["till", "with_till"]
