import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory
from django.urls import reverse

from people import guests
from people.models import User
from stylize.models import Job
from tests import make

SIGN_UP = {"email": "carol@example.org", "password1": "wide-brush-42", "password2": "wide-brush-42"}


def painted_as_guest(client: Client) -> Job:
    answer = client.post(reverse("stylize:create"), make.form())
    assert answer.status_code == 302, answer.content.decode()
    return Job.objects.get()


def test_the_first_submit_makes_a_guest_bound_to_the_session(client: Client, db: None) -> None:
    job = painted_as_guest(client)
    assert job.owner.is_guest
    assert job.owner.email is None
    assert client.session[guests.SESSION_KEY] == job.owner.pk


def test_looking_around_makes_no_guest(client: Client, db: None) -> None:
    client.get(reverse("feed:index"))
    client.get(reverse("stylize:create"))
    client.get(reverse("stylize:mine"))
    assert not User.objects.exists()


def test_a_second_picture_belongs_to_the_same_guest(client: Client, db: None) -> None:
    first = painted_as_guest(client)
    Job.objects.filter(pk=first.pk).update(status=Job.Status.CANCELLED)
    client.post(reverse("stylize:create"), make.form())
    assert User.objects.get().job_set.count() == 2


def test_signing_up_keeps_every_picture(client: Client, db: None) -> None:
    job = painted_as_guest(client)
    client.post(reverse("account_signup"), SIGN_UP)
    job.refresh_from_db()
    assert job.owner.email == "carol@example.org"
    assert job.photo.owner == job.owner
    assert {style.owner for style in job.styles.all()} == {job.owner}
    assert not User.objects.filter(is_guest=True).exists()
    assert client.get(reverse("stylize:job", args=[job.key])).status_code == 200


def test_signing_in_to_an_existing_account_keeps_every_picture(client: Client, alice: User) -> None:
    job = painted_as_guest(client)
    client.post(reverse("account_login"), {"login": alice.email, "password": make.PASSWORD})
    job.refresh_from_db()
    assert job.owner == alice
    assert guests.SESSION_KEY not in client.session


def test_signing_in_without_a_guest_changes_nothing(client: Client, alice: User) -> None:
    client.post(reverse("account_login"), {"login": alice.email, "password": make.PASSWORD})
    assert list(User.objects.all()) == [alice]


def test_a_guests_session_shows_nothing_of_another_guest(client: Client, anonymous: Client, db: None) -> None:
    job = painted_as_guest(client)
    assert anonymous.get(reverse("stylize:job", args=[job.key])).status_code == 404


def test_an_address_makes_only_so_many_guests_a_day(db: None, settings: LazySettings) -> None:
    settings.GUESTS_PER_ADDRESS = 2
    for _guest in range(2):
        assert Client().post(reverse("stylize:create"), make.form()).status_code == 302
    refused = Client().post(reverse("stylize:create"), make.form())
    assert refused.status_code == 400
    assert "Sign up" in refused.content.decode()
    assert User.objects.count() == 2


@pytest.mark.parametrize(
    ("proxies", "forwarded", "seen"),
    [
        (0, "6.6.6.6", "127.0.0.1"),  # nobody of ours wrote the header
        (1, "9.9.9.9", "9.9.9.9"),
        (1, "6.6.6.6, 9.9.9.9", "9.9.9.9"),  # the visitor may write what it likes on the left
        (2, "6.6.6.6, 9.9.9.9, 10.0.0.1", "9.9.9.9"),
        (1, "", "127.0.0.1"),
    ],
)
def test_the_address_is_what_our_own_outermost_proxy_saw(
    settings: LazySettings, proxies: int, forwarded: str, seen: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert guests.address(request) == seen


def test_the_stored_address_cannot_be_read(settings: LazySettings) -> None:
    stored = guests.hash_of("9.9.9.9")
    assert "9.9" not in stored
    assert stored == guests.hash_of("9.9.9.9") != guests.hash_of("9.9.9.8")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one home
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:9.9.9.9", "9.9.9.9", True),
    ],
)
def test_a_home_with_many_addresses_is_one_network(one: str, other: str, same: bool) -> None:
    assert (guests.hash_of(one) == guests.hash_of(other)) is same
