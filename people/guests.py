"""THE DOOR: guests. The first submit makes one; signing in hands what it owns to the account."""

import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, Func, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from people.models import User

SESSION_KEY: Final = "guest"
Handover = Callable[[User, User], None]
_handovers: list[Handover] = []


class TooManyGuests(Exception):
    """This network address has made as many guests today as it may."""


def on_handover(handover: Handover) -> None:
    """Register a part's `handover(guest, user)`, called in one transaction (from AppConfig.ready)."""
    _handovers.append(handover)


def owner(request: HttpRequest) -> User | None:
    """Who acts in this request: the signed-in user, the session's guest, or nobody yet."""
    if request.user.is_authenticated:
        return request.user
    guest_id = request.session.get(SESSION_KEY)
    return User.objects.filter(pk=guest_id, is_guest=True, leaving_at=None).first() if guest_id else None


def owner_or_new_guest(request: HttpRequest) -> User:
    """The owner of what is about to be submitted. Raises TooManyGuests."""
    found = owner(request)
    if found is None:
        found = _new_guest(hash_of(address(request)))
        request.session[SESSION_KEY] = found.pk
    return found


def act_as(request: HttpRequest, guest: User) -> bool:
    """Whether this request acts for `guest`; one that acts for nobody yet is bound to it.

    For a request that has proved by other means that it is the guest's, such as a form's secret token.
    """
    acting = owner(request)
    if acting is None and guest.is_guest and guest.is_active:
        request.session[SESSION_KEY] = guest.pk
        return True
    return acting == guest


def forget(request: HttpRequest) -> None:
    """Unbind the session from its guest, who keeps nothing that matters."""
    request.session.pop(SESSION_KEY, None)


def hand_over(request: HttpRequest, user: User) -> None:
    """Give everything the session's guest owns to `user`, who has just signed up or in."""
    guest_id = request.session.pop(SESSION_KEY, None)
    if guest_id:
        _give(guest_id, user)


def claim(request: HttpRequest, guest: User) -> bool:
    """Make this browser the guest's, for whoever holds a claim link; whoever is signed in is given what the guest owns.

    What another guest has in this browser joins it. False: one of the two has just gone, and nothing is changed.
    """
    acting = owner(request)
    if acting and not acting.is_guest:
        return _give(guest.pk, acting)
    if acting and acting != guest and not _give(acting.pk, guest):
        return False
    request.session[SESSION_KEY] = guest.pk
    return True


def address(request: HttpRequest) -> str:
    """The visitor's network address, as seen by the outermost of our own proxies (TRUSTED_PROXIES)."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))


def hash_of(network_address: str) -> str:
    """Enough to tell networks apart, not enough to read them in a stolen table."""
    network = _network(network_address)
    return hmac.new(settings.SECRET_KEY.encode(), network.encode(), hashlib.sha256).hexdigest()[:32]


def _network(network_address: str) -> str:
    """One address of IPv4; of IPv6 the /64, because every home has as many addresses as it likes."""
    try:
        address = ipaddress.ip_address(network_address)
    except ValueError:
        return network_address
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def hold(address_hash: str) -> None:
    """Let the rest of this transaction be alone with the guests of one address."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [address_hash])


def hold_owner(owner: User, *, with_neighbours: bool, even_leaving: bool = False) -> None:
    """Let the rest of this transaction be alone with one owner, and with all guests of a guest's address.

    Both locks in one statement; what it guards must be read by a later one. Raises User.DoesNotExist, also for whoever
    is about to be deleted.
    """
    held = User.objects.select_for_update()
    if not even_leaving:
        held = held.filter(leaving_at=None)
    if with_neighbours:
        place = Func(Value(owner.address_hash), Value(0), function="hashtextextended")
        held = held.annotate(alone=Func(place, function="pg_advisory_xact_lock", output_field=CharField()))
    held.values_list("pk", *held.query.annotations).get(pk=owner.pk)


@transaction.atomic
def _give(guest_id: int, to: User) -> bool:
    """Everything that a guest owns, and then the guest goes. Two who are given to each other at once: one of them."""
    both = User.objects.select_for_update().filter(pk__in=[guest_id, to.pk], leaving_at=None)
    found = {one.pk: one for one in both.order_by("pk")}
    guest = found.get(guest_id)
    if guest is None or not guest.is_guest or to.pk not in found:
        return False
    for handover in _handovers:
        handover(guest, to)
    guest.delete()
    return True


def _new_guest(address_hash: str) -> User:
    with transaction.atomic():
        hold(address_hash)
        since = timezone.now() - timedelta(days=1)
        made = User.objects.filter(is_guest=True, address_hash=address_hash, created_at__gte=since).count()
        if made >= settings.GUESTS_PER_ADDRESS:
            raise TooManyGuests(
                _("Many pictures were started from your network today. Sign up, and you can go on at once.")
            )
        guest = User(is_guest=True, address_hash=address_hash)
        guest.set_unusable_password()
        guest.save()
        return guest
