"""The packing slip: one page in the customer's language, with every letter of the address, whatever that is."""

import io
import subprocess
import sys
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from billing import slip
from billing.models import CanvasOrder
from people.models import User
from stylize import storage
from tests import make
from tests.billing import canvasing
from tests.till import Till

NAME = "Анна Кузнецова-Щёголева"
RUSSIAN = {
    "line1": "Невский проспект, дом 1", "line2": "квартира 28", "city": "Санкт-Петербург", "postal_code": "190000",
    "state": "Ленинградская область", "country": "RU",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _sender(settings: LazySettings) -> None:
    settings.PRINT_DPI = canvasing.TINY_DPI
    settings.OPERATOR_NAME = "Мастерская Пример, улица Ленина 1, Тверь"
    settings.CONTACT_EMAIL = "hello@ostagram.example"
    settings.SITE_URL = "https://ostagram.example"


def order(**fields: Any) -> CanvasOrder:
    given: dict[str, Any] = {
        "picture_key": "picture", "size": "40x60", "amount_minor": 1, "currency": "RUB", "dpi": 20, "wrap": "colour",
        "wrap_colour": "#aabbcc", "ship_name": NAME, "ship_to": RUSSIAN, "ship_phone": "+7 812 000", "language": "ru",
    }  # fmt: skip
    return CanvasOrder(**given | fields)


def read(contents: bytes) -> str:
    """The words of its one page."""
    reader = PdfReader(io.BytesIO(contents))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().split())


def test_every_letter_of_a_russian_address_is_on_it() -> None:
    words = read(slip.pdf(order()))
    for part in (
        NAME, "Невский проспект, дом 1", "квартира 28", "190000 Санкт-Петербург", "Ленинградская область", "Россия",
    ):  # fmt: skip
        assert part in words


def test_number_contents_and_sender(settings: LazySettings) -> None:
    made = order(language="en")
    words = read(slip.pdf(made))
    for part in (
        "Packing slip", made.key, "1 canvas, 60 × 40 cm", "One colour #aabbcc", "Picture: picture", "+7 812 000",
        "Мастерская Пример", "улица Ленина 1", "Тверь", "hello@ostagram.example", "https://ostagram.example",
    ):  # fmt: skip
        assert part in words


def test_the_fonts_are_in_the_file() -> None:
    (page,) = PdfReader(io.BytesIO(slip.pdf(order()))).pages
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    embedded = [font["/BaseFont"] for font in fonts if "/FontFile2" in font.get("/FontDescriptor", {})]
    assert {"Roboto" in name for name in embedded} == {True} and len(embedded) >= 2


@pytest.mark.parametrize(
    "fields",
    [
        {"ship_name": "Очень " * 33, "ship_to": {"line1": "Ж" * 500, "line2": "длинный дом " * 50, "city": "Г" * 300}},
        {"ship_name": "<b>Ann</b> & Co <para>", "ship_to": {"line1": "</font>&nbsp;"}},
        {"ship_name": "a\x00b\x1b\u202e\ud800c", "ship_to": {"line1": "tab\tand\nline"}},
        {"ship_name": "山田太郎 🎨", "ship_to": {}},
        {"ship_name": "", "ship_to": {"line1": "x"}, "ship_phone": "", "wrap_colour": ""},
        {"language": ""}, {"portrait": True, "wrap": "mirror"}, {"size": "60x90", "wrap": "picture"},
    ],
)  # fmt: skip
def test_whatever_was_typed_in_is_one_page(fields: dict[str, Any]) -> None:
    assert read(slip.pdf(order(**fields), make.picture()))


def test_markup_is_text() -> None:
    assert "<b>Ann</b> & Co" in read(slip.pdf(order(ship_name="<b>Ann</b> & Co")))


def test_no_operator_is_named_in_local_mode(settings: LazySettings) -> None:
    settings.OPERATOR_NAME = ""
    assert "hello@ostagram.example" in read(slip.pdf(order()))


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (600, 60), (1, 1)])
def test_the_picture_is_on_it_small(size: tuple[int, int]) -> None:
    (page,) = PdfReader(io.BytesIO(slip.pdf(order(), Image.new("RGB", size, "teal")))).pages
    assert [image.image.size for image in page.images if image.image] == [size]


def test_the_same_canvas_gives_the_same_file() -> None:
    made = order()
    assert slip.pdf(made) == slip.pdf(made)


def test_no_web_process_loads_its_library_before_somebody_asks() -> None:
    check = "import sys, ostagram.wsgi; from django.urls import get_resolver; get_resolver().url_patterns;"
    check += "print('reportlab' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


@pytest.mark.django_db
def test_staff_fetch_it_in_the_customers_language(till: Till, alice: User) -> None:
    ready, client = canvasing.ready(till, alice), Client()
    CanvasOrder.objects.update(ship_name=NAME, language="ru")
    client.force_login(make.user("boss", is_staff=True, is_superuser=True))
    where = reverse("billing:staff_canvas_slip", args=[ready.key])
    answer = client.get(where, headers={"Accept-Language": "en"})
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == f'inline; filename="ostagram-{ready.key}.pdf"'
    assert NAME in read(answer.content) and "г." in read(answer.content), "the date is Russian"
    storage.delete(ready.master + ".jpg")
    assert NAME in read(client.get(where).content)
