"""Several styles in one picture: chosen, weighed, merged, refused in words, and never lost."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from people.models import User
from stylize import mix, pictures
from stylize.models import Job, Style
from tests import make

ADDRESS = "/paint/"


def bad() -> SimpleUploadedFile:
    return SimpleUploadedFile("style.jpg", b"not a picture at all", "image/jpeg")


def own(colour: str = "olive") -> SimpleUploadedFile:
    return make.file(f"{colour}.jpg", make.picture(colour=colour))


@pytest.fixture
def gallery(alice: User) -> list[Style]:
    return [make.style(alice, listed=True, name=name) for name in ("Waves", "Night", "Poppies", "Ink")]


def chosen(gallery: list[Style], *parts: object, **fields: Any) -> dict[str, Any]:
    """A form with the gallery's first styles, each with its parts."""
    names = ("", "mix1-", "mix2-", "mix3-")
    sent: dict[str, Any] = {"style_image": None}
    for prefix, style, share in zip(names, gallery, parts, strict=False):
        sent |= {f"{prefix}style_key": style.key, f"{prefix}parts": str(share)}
    return make.form(**sent | fields)


def weights(job: Job) -> list[tuple[str, float]]:
    return [(link.style.name, link.weight) for link in job.style_links.select_related("style")]


def test_four_styles_are_kept_with_their_parts(as_bob: Client, gallery: list[Style]) -> None:
    assert as_bob.post(ADDRESS, chosen(gallery, 4, 3, 2, 1)).status_code == 302
    assert weights(Job.objects.get()) == [("Waves", 4), ("Night", 3), ("Poppies", 2), ("Ink", 1)]


def test_a_form_that_says_nothing_about_a_mix_has_one_style(as_bob: Client, gallery: list[Style]) -> None:
    as_bob.post(ADDRESS, make.form(style_image=None, style_key=gallery[0].key))
    assert weights(Job.objects.get()) == [("Waves", 1.0)]


def test_the_parts_of_a_lonely_style_say_nothing(as_bob: Client, gallery: list[Style]) -> None:
    as_bob.post(ADDRESS, chosen(gallery, 7))
    assert weights(Job.objects.get()) == [("Waves", 1.0)]


def test_ones_own_pictures_can_be_mixed_in(as_bob: Client, bob: User, gallery: list[Style]) -> None:
    as_bob.post(ADDRESS, chosen(gallery, 1, **{"mix2-style_image": own(), "mix2-parts": "2"}))
    assert weights(Job.objects.get()) == [("Waves", 1), ("", 2)]
    assert Job.objects.get().styles.get(name="").owner == bob


def test_a_newcomers_pictures_all_belong_to_one_guest(anonymous: Client, db: None) -> None:
    sent = {"mix1-style_image": own(), "mix2-style_image": own("navy"), "mix3-style_image": own("gold")}
    assert anonymous.post(ADDRESS, make.form(**sent)).status_code == 302
    job = Job.objects.get()
    assert job.owner.is_guest
    assert {style.owner for style in job.styles.all()} == {job.owner}


def test_a_style_chosen_twice_counts_with_both_its_parts(as_bob: Client, gallery: list[Style]) -> None:
    again = {"mix2-style_key": gallery[0].key, "mix2-parts": "9"}
    as_bob.post(ADDRESS, chosen(gallery, 3, 1, **again))
    assert weights(Job.objects.get()) == [("Waves", 12), ("Night", 1)]


def test_one_style_in_every_place_is_that_style(as_bob: Client, gallery: list[Style]) -> None:
    as_bob.post(ADDRESS, chosen([gallery[0]] * 4, 1, 2, 3, 4))
    assert weights(Job.objects.get()) == [("Waves", 1.0)]


def test_a_fifth_style_has_no_place(as_bob: Client, alice: User, gallery: list[Style]) -> None:
    fifth = make.style(alice, listed=True, name="Fifth")
    as_bob.post(ADDRESS, chosen(gallery, 1, 1, 1, 1, **{"mix4-style_key": fifth.key}))
    assert len(weights(Job.objects.get())) == 4


def test_several_styles_cost_no_more(as_bob: Client, gallery: list[Style]) -> None:
    for parts in ((1,), (1, 1, 1, 1)):
        as_bob.post(ADDRESS, chosen(gallery, *parts, tier="hd", iterations="100"))
    one, four = Job.objects.all()
    assert (one.amount_minor, one.cost) == (four.amount_minor, four.cost)


@pytest.mark.parametrize("parts", ["0", "11", "1.5", "many", "-1"])
@pytest.mark.parametrize("prefix", ["", "mix1-"])
def test_other_parts_than_the_offered_are_refused_in_words(
    as_bob: Client, gallery: list[Style], prefix: str, parts: str
) -> None:
    answer = as_bob.post(ADDRESS, chosen(gallery, 1, 1, **{f"{prefix}parts": parts}))
    assert answer.status_code == 400
    assert "Choose from 1 to 10 parts." in answer.content.decode()
    assert not Job.objects.exists()


def test_with_a_bad_picture_in_the_mix_everything_else_is_kept(as_bob: Client, gallery: list[Style]) -> None:
    sent = chosen(gallery, 5, **{"mix1-style_image": own(), "mix1-parts": "3", "mix2-style_image": bad()})
    answer = as_bob.post(ADDRESS, sent)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Third style</a>: This file is not a picture" in page
    assert re.search(r'<details class="fold" open>\s*<summary><span class="fold__title">Mix', page)
    kept = answer.context["form"].choices_kept
    mine = Style.objects.get(name="")
    assert (kept["style_key"], kept["mix1-style_key"], kept["mix2-style_key"]) == (gallery[0].key, mine.key, "")
    assert re.search(f'name="mix1-style_key" value="{mine.key}" checked', page)
    again = make.form(photo=None, style_image=None, parts="5", **kept, **{"mix1-parts": "3"})
    assert as_bob.post(ADDRESS, again).status_code == 302
    assert weights(Job.objects.get()) == [("Waves", 5), ("", 3)]


def test_with_a_bad_photo_the_mix_is_kept(as_bob: Client, gallery: list[Style]) -> None:
    answer = as_bob.post(ADDRESS, chosen(gallery, 2, 6, photo=bad()))
    page = answer.content.decode()
    assert re.search(f'name="mix1-style_key" value="{gallery[1].key}" checked', page)
    assert answer.context["form"].mixed[0]["parts"].value() == "6"


def test_without_a_first_style_the_mix_is_kept_and_the_first_asked_for(as_bob: Client, gallery: list[Style]) -> None:
    answer = as_bob.post(ADDRESS, make.form(style_image=None, **{"mix1-style_key": gallery[1].key}))
    assert answer.status_code == 400
    assert "Choose a style" in answer.content.decode()
    assert answer.context["form"].choices_kept["mix1-style_key"] == gallery[1].key


def test_a_strangers_private_style_cannot_be_mixed_in(as_bob: Client, alice: User, gallery: list[Style]) -> None:
    secret = make.style(alice)
    answer = as_bob.post(ADDRESS, chosen(gallery, 1, **{"mix1-style_key": secret.key}))
    assert answer.status_code == 400
    assert "not there any more" in answer.content.decode()
    assert secret.key not in answer.content.decode()


def test_a_file_takes_the_place_of_the_style_that_was_chosen(as_bob: Client, gallery: list[Style]) -> None:
    as_bob.post(ADDRESS, chosen(gallery, 1, 1, **{"mix1-style_image": own()}))
    assert weights(Job.objects.get()) == [("Waves", 1), ("", 1)]


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_full_disk_at_any_picture_is_a_503(as_bob: Client, monkeypatch: pytest.MonkeyPatch, fails_at: int) -> None:
    """Also when the page, drawn again, asks the forms that come after it for their errors."""
    store, tries = pictures.store_upload, iter(range(1, 9))

    def fill_up(image: Any) -> str:
        if next(tries) >= fails_at:
            raise pictures.StorageError("There is no room just now.")
        return store(image)

    monkeypatch.setattr(pictures, "store_upload", fill_up)
    answer = as_bob.post(ADDRESS, make.form(**{"mix1-style_image": own(), "mix2-style_image": own("navy")}))
    assert answer.status_code == 503
    assert "There is no room just now." in answer.content.decode()
    assert next(tries) == fails_at + 1  # nothing was tried after the one that failed


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ([1], [100]),
        ([3, 1], [75, 25]),
        ([1, 1, 1], [34, 33, 33]),
        ([0.2, 0.3], [40, 60]),
        ([1, 2, 3, 1], [14, 29, 43, 14]),
    ],
)
def test_shares_sum_to_a_hundred(weights: list[float], shares: list[int]) -> None:
    assert mix.shares(weights) == shares
    assert sum(shares) == 100


@pytest.mark.parametrize(
    ("weights", "parts"),
    [([1.0], [1]), ([3.0, 1.0], [3, 1]), ([0.5, 0.25], [10, 5]), ([12.0, 1.0], [10, 1]), ([500.0, 0.1], [10, 1])],
)
def test_any_weights_become_parts_that_the_form_offers(weights: list[float], parts: list[int]) -> None:
    assert mix.in_parts(weights) == parts


def test_the_pages_of_a_mixed_picture_say_its_shares_and_offer_all_its_styles(
    as_alice: Client, as_bob: Client, alice: User, gallery: list[Style]
) -> None:
    job = make.done_job(alice)
    job.style_links.all().delete()
    for style, parts in zip(gallery, (3, 1), strict=False):
        job.style_links.create(style=style, weight=parts)
    for page in (
        as_alice.get(reverse("stylize:job", args=[job.key])),
        as_bob.get(reverse("feed:post", args=[job.key])),
    ):
        text = page.content.decode()
        assert "<dt>Waves</dt><dd>75\u00a0%</dd>" in text
        assert "<dt>Night</dt><dd>25\u00a0%</dd>" in text
        assert f"?mix={job.key}" in text
    form = as_bob.get(ADDRESS, {"mix": job.key}).context["form"]
    assert [(slot.kept_style, slot["parts"].value()) for slot in (form, *form.mixed[:1])] == [
        (gallery[0], 3),
        (gallery[1], 1),
    ]
    assert form.kept_photo is None


@pytest.mark.parametrize("visibility", ["unlisted", "private"])
def test_a_mix_that_is_not_public_is_not_lent(as_bob: Client, alice: User, visibility: str) -> None:
    job = make.done_job(alice, visibility=visibility)
    assert as_bob.get(ADDRESS, {"mix": job.key}).context["form"].kept_style is None
