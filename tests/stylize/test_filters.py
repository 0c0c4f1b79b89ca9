"""Saving a style from a picture: the litany; and what may be saved, under which name, how many."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import controls, filters
from stylize.models import Filter, Job, Style
from tests import make

SAVE, MINE = "/styles/new/", "/styles/mine/"
NAUGHTY = "<script>alert(1)</script> \u202e ' \" {{ 7|add:7 }} %s Ω 你好"


def where(style: Style, **further: str) -> str:
    return f"{SAVE}?{urlencode({'style': style.key, **further})}"


def form(**fields: str) -> dict[str, str]:
    return {"name": "Stormy", "shown": "private"} | fields


@pytest.fixture
def picture(alice: User) -> Job:
    return make.done_job(alice, controls={"strength": 5.0, "colours": "palette", "palette": 3})


@pytest.fixture
def of_picture(picture: Job) -> Style:
    return picture.styles.get()


def test_works(as_bob: Client, bob: User, picture: Job, of_picture: Style) -> None:
    answer = as_bob.post(where(of_picture, picture=picture.key), form(strength="2", shown="public"))
    assert answer.status_code == 302 and answer["Location"] == MINE
    made = Filter.objects.get()
    assert (made.owner, made.style, made.name, made.is_public) == (bob, of_picture, "Stormy", True)
    assert (made.controls, made.uses) == ({"strength": 2.0}, of_picture.uses)
    assert "Stormy" in as_bob.get(MINE).content.decode()


def test_the_pictures_page_offers_each_style_of_a_mix(as_bob: Client, alice: User, picture: Job) -> None:
    picture.style_links.create(style=make.style(alice, name="Second"), weight=1)
    page = as_bob.get(reverse("feed:post", args=[picture.key])).content.decode()
    for style in picture.styles.all():
        assert f"{SAVE}?style={style.key}&amp;picture={picture.key}" in page


def test_ones_own_page_offers_it_too(as_alice: Client, alice: User) -> None:
    job = make.done_job(alice, visibility="private")
    page = as_alice.get(reverse("stylize:job", args=[job.key])).content.decode()
    assert f"{SAVE}?style={job.styles.get().key}" in page
    assert as_alice.post(where(job.styles.get()), form()).status_code == 302


def test_the_form_begins_with_the_pictures_settings(as_bob: Client, picture: Job, of_picture: Style) -> None:
    shown = as_bob.get(where(of_picture, picture=picture.key)).context["form"]
    assert [shown[name].value() for name in controls.DEFAULTS] == [5.0, 1.0, 1.0, "palette", 3]


def test_the_settings_of_a_picture_that_is_not_painted_in_it_or_not_shown_stay_out(
    as_bob: Client, alice: User, of_picture: Style
) -> None:
    hidden = make.done_job(alice, visibility="private", controls={"strength": 9.0})
    hidden.style_links.create(style=of_picture, weight=1)
    other = make.done_job(alice, controls={"strength": 9.0})
    for job in (hidden, other):
        assert as_bob.get(where(of_picture, picture=job.key)).context["form"]["strength"].value() == 1.0


def test_anonymous_is_sent_to_sign_in_and_back(anonymous: Client, picture: Job, of_picture: Style) -> None:
    address = where(of_picture, picture=picture.key)
    for answer in (anonymous.get(address), anonymous.post(address, form())):
        assert answer["Location"] == f"/accounts/login/?{urlencode({'next': address}, safe='/')}"
    assert not Filter.objects.exists()


def test_a_guest_is_sent_to_sign_in(anonymous: Client, of_picture: Style) -> None:
    anonymous.post("/paint/", make.form())
    assert "/accounts/login/" in anonymous.get(where(of_picture))["Location"]


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_a_strangers_style_that_is_not_public_404(as_bob: Client, alice: User, visibility: str) -> None:
    style = make.done_job(alice, visibility=visibility).styles.get()
    assert as_bob.get(where(style)).status_code == 404
    assert as_bob.post(where(style), form()).status_code == 404
    assert not Filter.objects.exists()


@pytest.mark.parametrize("query", ["", "?style=", "?style=nothing", "?style=%00", "?style=" + "a" * 99])
def test_no_style_404(as_bob: Client, query: str) -> None:
    assert as_bob.get(SAVE + query).status_code == 404


def test_wrong_method_405(as_bob: Client, of_picture: Style) -> None:
    assert as_bob.put(where(of_picture)).status_code == 405
    assert as_bob.post(MINE).status_code == 405


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "   "}, "This field is required."),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "n" * 81}, "at most 80 characters"),
        ({"shown": "everybody"}, "Choose one of the two."),
        ({"strength": "many"}, "Choose a number from 0.001 to 1000."),
        ({"colours": "all"}, "Choose one of the four ways"),
    ],
)
def test_bad_input_shows_the_form_again_and_nothing_is_lost(
    as_bob: Client, of_picture: Style, fields: dict[str, str], words: str
) -> None:
    answer = as_bob.post(where(of_picture), form(brush_size="0.5", **fields))
    page = answer.content.decode()
    assert answer.status_code == 400 and words in page
    assert re.search(r'name="brush_size" value="0.5" checked', page)
    assert not Filter.objects.exists()


def test_the_same_name_twice_is_refused_in_words(as_bob: Client, bob: User, alice: User, of_picture: Style) -> None:
    make.filter(alice, of_picture, name="Stormy")  # another's is no matter
    assert as_bob.post(where(of_picture), form()).status_code == 302
    answer = as_bob.post(where(of_picture), form(name=" Stormy "))
    assert answer.status_code == 400
    assert "You have a saved style of this name already" in answer.content.decode()
    assert Filter.objects.owned_by(bob).count() == 1


def test_nobody_has_more_than_the_limit(
    as_bob: Client, bob: User, of_picture: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "MOST", 1)
    make.filter(bob, of_picture, name="First")
    answer = as_bob.post(where(of_picture), form())
    assert answer.status_code == 400 and "as many as anybody can have" in answer.content.decode()


def test_any_name_is_shown_as_it_is(as_bob: Client, of_picture: Style) -> None:
    assert as_bob.post(where(of_picture), form(name=NAUGHTY, shown="public")).status_code == 302
    assert Filter.objects.get().name == NAUGHTY
    for address in (MINE, "/styles/", f"/styles/{Filter.objects.get().key}/", "/paint/"):
        page = as_bob.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


def test_what_was_saved_stays_usable_when_the_picture_is_hidden(
    as_bob: Client, anonymous: Client, bob: User, picture: Job, of_picture: Style
) -> None:
    saved = make.filter(bob, of_picture, is_public=True)
    Job.objects.filter(pk=picture.pk).update(visibility="private")
    assert as_bob.get(f"/paint/?filter={saved.key}").context["form"].kept_style == of_picture
    assert as_bob.get(reverse("stylize:style_file", args=[of_picture.key, "thumb.webp"])).status_code == 200


def test_but_nobody_else_sees_the_style_that_its_owner_has_hidden(
    anonymous: Client, bob: User, picture: Job, of_picture: Style
) -> None:
    saved = make.filter(bob, of_picture, is_public=True)
    assert anonymous.get(f"/styles/{saved.key}/").status_code == 200
    Job.objects.filter(pk=picture.pk).update(visibility="private")
    assert anonymous.get(f"/styles/{saved.key}/").status_code == 404
    assert saved.key not in anonymous.get("/styles/").content.decode()
    assert anonymous.get(reverse("stylize:style_file", args=[of_picture.key, "thumb.webp"])).status_code == 404


def test_a_style_shown_in_the_gallery_by_its_owner_is_usable_by_all(
    anonymous: Client, alice: User, style: Style
) -> None:
    file = reverse("stylize:style_file", args=[style.key, "thumb.webp"])
    assert anonymous.get(file).status_code == 404
    make.filter(alice, style, is_public=True)
    assert anonymous.get(file).status_code == 200
    assert Style.objects.usable_by(None).filter(pk=style.pk).count() == 1
