"""THE BENCH: who owns what comes with the house, and what the house paints; nobody can sign in as either."""

from typing import Final

from django.contrib.auth.hashers import make_password

from people.models import User, new_handle

HOUSE_EMAIL: Final = "house@ostagram.local"
HOUSE_HANDLE: Final = "ostagram"
PAINTER_EMAIL: Final = "house-painter@ostagram.local"
PAINTER_HANDLE: Final = "house-painter"


def house() -> User:
    """The owner of the sample gallery and of the house styles."""
    return _nobody(HOUSE_EMAIL, HOUSE_HANDLE)


def painter() -> User:
    """The owner of what the house painter paints."""
    return _nobody(PAINTER_EMAIL, PAINTER_HANDLE)


def _nobody(email: str, handle: str) -> User:
    found = User.objects.filter(email=email).first()
    if found:
        return found
    taken = User.objects.filter(handle=handle).exists()  # by somebody who was here before
    given = {"handle": new_handle() if taken else handle, "is_active": False, "password": make_password(None)}
    return User.objects.get_or_create(email=email, defaults=given)[0]
