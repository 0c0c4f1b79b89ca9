"""The proof of a canvas: asking for it, waiting, looking at it, ordering with it; with the litany."""

import uuid
from typing import Any

import pytest
from django.conf import LazySettings
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from billing.models import CanvasOrder
from people.models import User
from stylize import jobs, pictures, tiers
from stylize.models import Job
from tests import make
from tests.billing import canvasing
from tests.billing.test_canvas_page import form, of_photo, words

pytestmark = pytest.mark.django_db


def asked(client: Client, picture: Job, **fields: Any) -> HttpResponseBase:
    return client.post(reverse("billing:order_proof", args=[picture.key]), form(**fields))


def the_proof() -> Job:
    return Job.objects.get(tier=tiers.PRINT_PROOF.name)


def address(proof: Job, what: str = "proof") -> str:
    return reverse(f"billing:{what}", args=[proof.key])


def painted(proof: Job) -> Job:
    Job.objects.filter(pk=proof.pk).update(rank=-1)
    claim = jobs.claim_next("test")
    assert claim == proof
    files = pictures.store_print(canvasing.lively(claim.width, claim.height), claim.fence)
    jobs.finish(claim, jobs.Result(files, 1.0, "test", 7))
    return Job.objects.get(pk=proof.pk)


@pytest.fixture(autouse=True)
def _small(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI


@pytest.fixture
def picture(alice: User) -> Job:
    return of_photo(make.done_job(alice), 4000, 3000)


def test_works(as_alice: Client, alice: User, picture: Job) -> None:
    answer = asked(as_alice, picture, strength="2")
    proof = the_proof()
    assert answer.status_code == 302 and answer.headers["Location"].startswith(address(proof))
    assert (proof.owner, proof.goes_on_from, proof.width, proof.height) == (alice, picture, 79, 79)
    assert (proof.plan.whole, proof.controls, proof.amount_minor) == ((315, 236), {"strength": 2.0}, 0)
    waiting = as_alice.get(answer.headers["Location"])
    assert "data-watch=" in waiting.content.decode() and "Cancel the proof" in words(waiting)


def test_it_is_shown_at_its_true_size_and_ordered_with_its_settings(as_alice: Client, picture: Job) -> None:
    where = asked(as_alice, picture, wrap="colour", colour="#334455", brush_size="0.5").headers["Location"]
    proof = painted(the_proof())
    page = as_alice.get(where)
    assert "at true size" in words(page) and "A canvas, 40 × 30 cm" in words(page) and "2,400 ₽" in words(page)
    assert as_alice.get(address(proof, "proof_file")).headers["Content-Type"] == "image/png"
    chosen = dict(page.context["chosen"])
    as_alice.post(reverse("billing:choose", args=[picture.key]), chosen | {"form_token": str(uuid.uuid4())})
    order = CanvasOrder.objects.get()
    assert (order.size, order.wrap, order.wrap_colour, order.controls) == (
        "30x40", "colour", "#334455", {"brush_size": 0.5},
    )  # fmt: skip


@pytest.mark.parametrize("wrap", ["mirror", "picture"])
@pytest.mark.parametrize("size", ["20x30", "50x70"])
def test_without_its_address_words_it_still_knows_what_it_is_of(
    as_alice: Client, picture: Job, wrap: str, size: str
) -> None:
    page = as_alice.get(reverse("billing:choose", args=[picture.key]), {"size": size, "wrap": wrap})
    numbers = {number.name: number.value for number in page.context["form"].numbers}
    asked(as_alice, picture, size=size, wrap=wrap, **numbers)
    shown = as_alice.get(address(painted(the_proof())))
    assert (shown.context["wish"].size, shown.context["wish"].wrap) == (size, wrap)


def test_another_one_after_the_first(as_alice: Client, picture: Job) -> None:
    asked(as_alice, picture)
    refused = asked(as_alice, picture, strength="5")
    assert refused.status_code == 429 and "Your earlier proof is not finished yet" in words(refused)
    painted(the_proof())
    assert asked(as_alice, picture, strength="5").status_code == 302


def test_the_same_form_twice_is_one_proof(as_alice: Client, picture: Job) -> None:
    sent = form()
    where = reverse("billing:order_proof", args=[picture.key])
    assert as_alice.post(where, sent).headers["Location"] == as_alice.post(where, sent).headers["Location"]
    the_proof()


def test_a_newcomer_is_shown_a_proof_of_a_public_picture(anonymous: Client, picture: Job) -> None:
    Job.objects.filter(pk=picture.pk).update(allow_prints=True)
    where = asked(anonymous, picture).headers["Location"]
    assert the_proof().owner.is_guest
    assert anonymous.get(where).status_code == 200


def test_it_can_be_cancelled_and_asked_for_again(as_alice: Client, picture: Job) -> None:
    where = asked(as_alice, picture).headers["Location"]
    proof = the_proof()
    shown = as_alice.post(f"{address(proof, 'cancel_proof')}?{where.partition('?')[2]}", follow=True)
    assert "The proof was stopped" in words(shown) and "Make another proof" in words(shown)
    again = as_alice.post(address(proof, "cancel_proof"), follow=True)
    assert "It was finished already." in words(again)


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_one_that_came_to_nothing_says_so(as_alice: Client, picture: Job, status: str) -> None:
    asked(as_alice, picture)
    Job.objects.filter(tier=tiers.PRINT_PROOF.name).update(status=status, failure="memory", fence=1)
    shown = as_alice.get(address(the_proof()))
    assert shown.status_code == 200 and "Make another proof" in words(shown)
    assert as_alice.get(address(the_proof(), "proof_file")).status_code == 404


def test_one_whose_picture_is_gone_is_still_shown_but_not_ordered(as_alice: Client, picture: Job) -> None:
    asked(as_alice, picture)
    proof = painted(the_proof())
    Job.objects.filter(pk=proof.pk).update(goes_on_from=None)
    said = words(as_alice.get(address(proof)))
    assert "at true size" in said and "cannot be ordered as a canvas any more" in said and "Order with" not in said


def test_the_page_that_orders_leads_to_the_last_proof(as_alice: Client, picture: Job) -> None:
    asked(as_alice, picture)
    page = as_alice.get(reverse("billing:choose", args=[picture.key])).content.decode()
    assert address(the_proof()) in page


def test_bad_input_shows_the_form_again(as_alice: Client, picture: Job) -> None:
    answer = asked(as_alice, picture, colour="blue", size="50x70")
    assert answer.status_code == 400 and not Job.objects.filter(tier=tiers.PRINT_PROOF.name).exists()
    assert 'value="50x70" checked' in answer.content.decode()  # type: ignore[attr-defined]


def test_strangers_and_anonymous_404(as_alice: Client, as_bob: Client, anonymous: Client, picture: Job) -> None:
    asked(as_alice, picture)
    proof = painted(the_proof())
    for client in (as_bob, anonymous):
        assert asked(client, picture).status_code == 404
        assert client.get(address(proof)).status_code == client.get(address(proof, "proof_file")).status_code == 404
        assert client.post(address(proof, "cancel_proof")).status_code == 404
        assert client.get(reverse("stylize:job", args=[proof.key])).status_code == 404


def test_a_painting_is_no_proof(as_alice: Client, picture: Job) -> None:
    assert as_alice.get(address(picture)).status_code == 404


def test_wrong_method_405(as_alice: Client, picture: Job) -> None:
    asked(as_alice, picture)
    for what in ("order_proof", "cancel_proof"):
        assert as_alice.get(reverse(f"billing:{what}", args=[the_proof().key])).status_code == 405
    assert as_alice.post(address(the_proof())).status_code == 405
