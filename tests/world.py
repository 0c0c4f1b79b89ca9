"""A world with one thing of each kind, and a browser for everybody who may come by, for tests of all addresses."""

from dataclasses import dataclass
from typing import Any, Final

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from billing.models import Payment
from feed import avatars, posts, talk
from feed.models import Post
from people import claims, guests, mailing, ways
from people.models import Export, User
from stylize import keepsakes, parcels, progress
from stylize.models import Filter, Frame, Job
from tests import make, proof_sheets
from tests.billing import buying, canvasing
from tests.till import Till

ROLES: Final = ("anonymous", "guest", "owner", "stranger", "staff")  # the guest and the stranger own nothing of it


@dataclass
class World:
    """One thing of each kind, all of them alice's; and a browser for each role."""

    things: dict[str, list[Any]]
    cookies: dict[str, str]  # of the session, by role
    avatar: str = ""  # the version of hers

    def address(self, name: str, thing: str = "") -> str:
        return reverse(name, args=self.things[thing])

    def browser(self, role: str) -> Client:
        """Anew for each request: an answer may throw its cookie away."""
        client = Client()
        if self.cookies[role]:
            client.cookies["sessionid"] = self.cookies[role]
        return client

    def ask(self, role: str, method: str, address: str, sends: str = "") -> int:
        """The answer's status; whatever was done is undone. What begins with ? goes into the address."""
        if sends.startswith("?"):
            address, sends = address + sends.format(avatar=self.avatar), ""
        with transaction.atomic():
            answer = self.browser(role).generic(method, address, sends, "application/x-www-form-urlencoded")
            transaction.set_rollback(True)
        return answer.status_code


def things(till: Till, alice: User) -> dict[str, list[Any]]:
    """What can stand in an address, by what it is called in the table."""
    shown = {name: make.done_job(alice, visibility=name) for name in ("public", "unlisted", "private")}
    public, private = make.done_job(alice, show_photo=True, allow_prints=True), shown["private"]
    queued, failed, watched = make.job(alice), make.in_status(alice, Job.Status.FAILED), make.running_job(alice)
    progress.write(watched.key, progress.Snapshot(status="running", phase="paint", preview=1), preview=b"webp")
    framed = make.done_job(alice, visibility="private")
    frame = Frame.objects.create(job=framed, iteration=40, file=keepsakes.store_frame(make.picture(), 1))
    gallery, style = make.style(alice, listed=True), make.style(alice)
    nine, middle = proof_sheets.done(alice), proof_sheets.middle(alice, public)
    order, ready, payment = canvasing.placed(alice, public), canvasing.ready(till, alice), buying.opened(alice)
    unpaid = buying.job_of(payment)
    paid = Payment.objects.get(order_key=ready.key)
    post = Post.objects.get(job=public)
    posts.describe(post, "A calm sea", ["sea"])
    avatars.change(alice, make.picture(300, 300))
    alice.refresh_from_db()
    comment = talk.say(post, alice, "Painted in the rain.")
    saved, offered = (
        Filter.objects.create(owner=alice, style=make.style(alice), name=name, is_public=is_public)
        for name, is_public in (("Rain", False), ("Sun", True))
    )
    parcels.ask(alice)
    parcels.collect_due()
    token, card = progress.token_of(watched.key), "card.webp"
    address = EmailAddress.objects.create(user=alice, email=alice.email or "", primary=True)
    return {
        "a public picture": [public.key], "an unlisted picture": [shown["unlisted"].key],
        "a private picture": [private.key], "a job in line": [queued.key], "a failed job": [failed.key],
        "an unpaid job": [unpaid.key], "a sheet of proofs": [nine.key], "a proof": [nine.key, 4],
        "a picture with a frame": [framed.key],
        "a frame": [framed.key, frame.iteration, "thumb.webp"],
        "a public picture's file": [shown["public"].key, card],
        "an unlisted picture's file": [shown["unlisted"].key, card],
        "a private picture's file": [private.key, card], "a shown photo": [public.key, card],
        "a photo that is not shown": [shown["public"].key, card], "a private picture's photo": [private.key, card],
        "a public picture's style": [public.key, 0, card], "a private picture's style": [private.key, 0, card],
        "a style of the gallery": [gallery.key, card], "a private style": [style.key, card],
        "an upload": [style.image.key, card], "a mask": [make.mask(alice).key],
        "a token to watch": [token], "a token that is forged": [f"{watched.key}:forged"],
        "a proof of a canvas": [middle.key], "a canvas not paid for": [order.key], "a canvas to be made": [ready.key],
        "a payment": [paid.key],
        "a span": ["week"], "a tag": ["sea"], "a person": [alice.handle], "an avatar": [alice.handle, 64],
        "a comment": [comment.key], "a saved style": [saved.key], "a saved style in the gallery": [offered.key],
        "collected data": [Export.objects.get(owner=alice).key],
        "a picture that is judged": [private.key, "picture", 0],
        "a token for the digest": [mailing.digest_token_of(alice)],
        "a token for mail": [mailing.token_of(alice)], "a token for a claim": [claims.token_of(make.guest("claimed"))],
        "a token of no one": ["forged"], "a key to confirm": [EmailConfirmationHMAC(address).key],
        "a key to a new password": ["1", "set-password"],
    }  # fmt: skip


@pytest.fixture
def passers_by(settings: LazySettings, db: None) -> World:
    """Everybody, and nothing of anybody's; every way to sign in is open, and nothing is asked too often."""
    settings.SOCIALACCOUNT_PROVIDERS = ways.providers({way.id: ("id", "secret") for way in ways.WAYS})
    settings.PRINT_DPI, settings.ACCOUNT_RATE_LIMITS = canvasing.TINY_DPI, False
    settings.RATES = dict.fromkeys(settings.RATES, "1000000/m/ip")
    guest = Client()
    session = guest.session
    session[guests.SESSION_KEY] = make.guest().pk
    session.save()
    cookies = {"anonymous": "", "guest": str(session.session_key), "owner": signed_in(make.user("alice"))}
    cookies["stranger"] = signed_in(make.user("bob"))
    cookies["staff"] = signed_in(make.user("sue", is_staff=True, is_superuser=True))
    return World({"": []}, cookies)


@pytest.fixture
def world(passers_by: World, till: Till) -> World:
    """And alice's things."""
    passers_by.things |= things(till, User.objects.get(email="alice@example.org"))
    passers_by.avatar = avatars.version(User.objects.get(email="alice@example.org"))
    return passers_by


def signed_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
