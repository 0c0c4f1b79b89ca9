"""What the pages of words say of canvases is what the code does."""

import pytest
from django.conf import LazySettings
from django.test import Client

from billing import canvas_rounds, canvas_showing, canvases, orders
from stylize import housekeeping
from tests.billing.test_canvas_page import words

pytestmark = pytest.mark.django_db


def test_every_size_stands_on_the_page_of_prices(anonymous: Client) -> None:
    said = words(anonymous.get("/prices/"))
    for canvas in canvases.CANVASES.values():
        price = canvas_showing.price(canvas).replace("\u00a0", " ")
        assert f"{canvas.title(portrait=True)} {price}" in said
    assert "not sold yet" not in said


def test_how_it_works_tells_frame_resolution_and_sharpness(anonymous: Client, settings: LazySettings) -> None:
    settings.PRINT_DPI = 123
    said = words(anonymous.get("/how-it-works/"))
    assert "123 dots to an inch" in said and f"{canvases.DEPTH_MM} mm deep" in said
    assert f"From {canvases.LEAST[canvases.Verdict.GOOD]} pixels of the photo to a centimetre" in said


def test_the_terms_tell_when_a_canvas_is_cancelled_and_paid_back(anonymous: Client) -> None:
    said = words(anonymous.get("/terms/"))
    assert f"not paid within {orders.PLACED_LIVES.days} days is cancelled" in said
    assert "Until it is being made you can cancel it on its page, free of charge" in said
    assert "If its painting at print size fails" in said


def test_privacy_tells_how_long_print_files_and_proofs_are_kept(anonymous: Client) -> None:
    said = words(anonymous.get("/privacy/"))
    assert f"is deleted {canvas_rounds.MASTERS_LIVE.days} days after the order has ended" in said
    assert (
        f"The proof of a canvas is shown to nobody but you, and deleted after {housekeeping.PROOFS_LIVE.days}" in said
    )
    assert "may show more of its detail than the picture on the screen" in said
