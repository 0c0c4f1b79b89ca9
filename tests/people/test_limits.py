"""How often a minute: by person and by address; 429 with what was written, and nobody is stopped without Redis."""

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from feed.models import Report
from people import limits
from people.models import User
from stylize.models import Job, Upload
from tests import make

NAMES = {"upload", "like", "comment", "follow", "report", "data", "leave"}


def test_the_table_has_what_views_ask_for(settings: LazySettings) -> None:
    assert set(settings.RATES) >= NAMES
    assert "signup" in settings.ACCOUNT_RATE_LIMITS


def test_a_name_that_is_not_in_the_table_does_not_start() -> None:
    with pytest.raises(AssertionError):
        limits.at_most("whistle")


def reports(client: Client, alice: User, times: int) -> list[HttpResponse]:
    posts = [make.post(alice) for _post in range(times)]
    sent = {"reason": "spam", "words": "Look <here>"}
    return [client.post(reverse("feed:report", args=[post.job.key]), sent) for post in posts]  # type: ignore[misc]


def test_too_often_is_429_and_nothing_written_is_lost(as_bob: Client, alice: User, settings: LazySettings) -> None:
    settings.RATES = settings.RATES | {"report": "2/m/user,9/m/ip"}
    *good, refused = reports(as_bob, alice, 3)
    assert [answer.status_code for answer in good] == [302, 302]
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    page = refused.content.decode()
    assert "Look &lt;here&gt;" in page and 'name="reason" value="spam"' in page
    assert page.count("csrfmiddlewaretoken") == 2  # of the form, and of the menu's way out
    assert Report.objects.count() == 2


def test_one_person_does_not_use_up_anothers(
    as_bob: Client, as_alice: Client, alice: User, settings: LazySettings
) -> None:
    settings.RATES = settings.RATES | {"report": "1/m/user,9/m/ip"}
    assert [one.status_code for one in reports(as_bob, alice, 2)] == [302, 429]
    assert [one.status_code for one in reports(as_alice, alice, 1)] == [302]


def test_an_address_is_limited_whoever_comes_from_it(
    as_bob: Client, anonymous: Client, alice: User, settings: LazySettings
) -> None:
    settings.RATES = settings.RATES | {"report": "9/m/user,2/m/ip"}
    settings.TRUSTED_PROXIES = 1
    posts = [make.post(alice) for _post in range(4)]

    def report(client: Client, number: int, address: str) -> int:
        where = reverse("feed:report", args=[posts[number].job.key])
        return client.post(where, {"reason": "spam"}, headers={"X-Forwarded-For": address}).status_code

    home = [report(as_bob, 0, "9.9.9.9"), report(anonymous, 1, "9.9.9.9"), report(Client(), 2, "9.9.9.9")]
    assert home == [302, 302, 429]
    assert report(Client(), 3, "8.8.8.8") == 302


def test_looking_is_not_counted(as_bob: Client, alice: User, settings: LazySettings) -> None:
    settings.RATES = settings.RATES | {"report": "1/m/user,1/m/ip"}
    where = reverse("feed:report", args=[make.post(alice).job.key])
    assert {as_bob.get(where).status_code for _look in range(4)} == {200}
    assert as_bob.post(where, {"reason": "spam"}).status_code == 302


def test_nobody_is_stopped_while_redis_is_away(as_bob: Client, alice: User, settings: LazySettings) -> None:
    settings.RATES = settings.RATES | {"report": "1/m/user,1/m/ip"}
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/1"}}
    assert [one.status_code for one in reports(as_bob, alice, 3)] == [302] * 3


def test_secrets_do_not_come_back(settings: LazySettings, db: None) -> None:
    request = RequestFactory().post("/", {"password": "secret", "text": "kept"})
    request.user = make.user("alice")
    request.session = {}  # type: ignore[assignment]
    page = limits.refusal(request, "comment").content.decode()
    assert "secret" not in page


def test_any_view_can_be_limited(settings: LazySettings, alice: User) -> None:
    settings.RATES = settings.RATES | {"like": "1/m/user,9/m/ip"}

    @limits.at_most("like")
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("done")

    request = RequestFactory().post("/")
    request.user = alice
    request.session = {}  # type: ignore[assignment]
    assert [view(request).status_code, view(request).status_code] == [200, 429]


# Pictures -------------------------------------------------------------------------------------------------------------


def test_uploads_are_limited_with_the_form_again(as_alice: Client, alice: User, settings: LazySettings) -> None:
    settings.RATES = settings.RATES | {"upload": "1/m/user,9/m/ip"}
    assert as_alice.post("/paint/", make.form()).status_code == 302
    Job.objects.update(status="cancelled")
    before = Upload.objects.count()
    style = make.style(alice)
    sent = make.form(style_image=None, style_key=style.key, visibility="unlisted")
    refused = as_alice.post("/paint/", sent)
    page = refused.content.decode()
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "many pictures within a minute" in page
    assert f'value="{style.key}"' in page and 'value="unlisted" checked' in page
    assert Upload.objects.count() == before + 1  # the style's; nothing that was sent was read


def test_pictures_that_are_kept_already_are_no_uploads(as_alice: Client, alice: User, settings: LazySettings) -> None:
    settings.RATES = settings.RATES | {"upload": "1/m/user,1/m/ip"}
    for _order in range(3):
        style, photo = make.style(alice), make.upload(alice)
        sent = make.form(photo=None, photo_kept=photo.key, style_image=None, style_key=style.key)
        assert as_alice.post("/paint/", sent).status_code == 302
        Job.objects.update(status="cancelled")


def test_sign_ups_are_limited_by_address(db: None, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}
    answers = []
    for number in range(3):
        sent = {"email": f"new{number}@example.org", "password1": make.PASSWORD, "password2": make.PASSWORD}
        answers.append(Client().post("/accounts/signup/", sent))
    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert answers[-1].headers["Retry-After"]
    page = answers[-1].content.decode()
    assert 'value="new2@example.org"' in page and make.PASSWORD not in page
    assert User.objects.count() == 2
