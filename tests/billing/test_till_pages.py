"""The practice till's pages: the pay page where visitors decide, and the front page where their banks do."""

import re
from typing import Any

import pytest
import requests

from tests.billing.till_client import client, opened, paid
from tests.till import Till

HERE = {"Sec-Fetch-Site": "same-origin"}


def press(till: Till, path: str, **fields: str) -> requests.Response:
    return requests.post(f"{till.url}{path}", data=fields, headers=HERE, allow_redirects=False, timeout=10)


def see(till: Till, path: str, language: str = "en") -> requests.Response:
    return requests.get(f"{till.url}{path}", headers={"Accept-Language": language}, timeout=10)


def test_the_pay_page_says_what_is_bought_and_that_it_is_practice(till: Till) -> None:
    page = see(till, f"/pay/{opened(till)}")
    assert page.status_code == 200
    for words in ("no money moves", "95\xa0₽", "HD", "1200 px", "http://127.0.0.1:8000/back", "Pay later", "Decline"):
        assert words in page.text
    assert "<script" not in page.text
    assert "form-action 'self' http://127.0.0.1:8000" in page.headers["Content-Security-Policy"]
    assert see(till, "/static/css/till.css").status_code == 200


def test_it_speaks_the_language_that_the_shop_asks_for(till: Till) -> None:
    assert '<html lang="ru">' in see(till, f"/pay/{opened(till, locale='ru')}", "en").text
    assert '<html lang="en">' in see(till, f"/pay/{opened(till, locale='en')}", "ru").text
    assert '<html lang="ru">' in see(till, f"/pay/{opened(till, locale='auto')}", "ru").text
    assert '<html lang="ru">' in see(till, f"/pay/{opened(till, locale='ja')}", "ru").text, "it speaks no Japanese"


def test_paying_leads_back_to_the_shop(till: Till) -> None:
    name = opened(till)
    answer = press(till, f"/pay/{name}", do="pay", email="anna@example.org")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"http://127.0.0.1:8000/thanks?session={name}")
    assert till.session(name)["customer_details"]["email"] == "anna@example.org"
    twice = press(till, f"/pay/{name}", do="pay", email="anna@example.org")
    assert twice.headers["Location"] == answer.headers["Location"], "a double click arrives as well"
    assert len(till.payments()) == 1


@pytest.mark.parametrize("email", ["", "nobody"])
def test_an_email_address_is_asked_for(till: Till, email: str) -> None:
    name = opened(till)
    answer = press(till, f"/pay/{name}", do="pay", email=email)
    assert answer.status_code == 422
    assert "errorlist" in answer.text
    assert till.session(name)["status"] == "open"


def test_the_shops_email_address_cannot_be_changed(till: Till) -> None:
    name = opened(till, customer_email="anna@example.org")
    assert re.search(r'value="anna@example.org"[^>]* disabled', see(till, f"/pay/{name}").text)
    press(till, f"/pay/{name}", do="pay", email="bob@example.org")
    assert till.session(name)["customer_details"]["email"] == "anna@example.org"


def test_an_address_is_asked_for_where_something_is_sent(till: Till) -> None:
    assert 'name="line1"' not in see(till, f"/pay/{opened(till)}").text
    name = opened(till, shipping_address_collection={"allowed_countries": ["RU"]})
    given = {"email": "a@example.org", "name": "Anna", "line1": "Nevsky 1", "city": "Town", "postal_code": "191186"}
    assert press(till, f"/pay/{name}", do="pay", country="DE", **given).status_code == 422
    assert press(till, f"/pay/{name}", do="pay", country="RU", email="a@example.org").status_code == 422
    assert press(till, f"/pay/{name}", do="pay", country="RU", **given).status_code == 303
    assert till.session(name)["collected_information"]["shipping_details"]["address"]["country"] == "RU"


def test_a_declined_visitor_stays_and_can_pay(till: Till) -> None:
    name = opened(till)
    answer = press(till, f"/pay/{name}", do="decline", email="anna@example.org")
    assert answer.status_code == 200
    assert "declined" in answer.text and "anna@example.org" in answer.text
    assert till.session(name)["status"] == "open"
    assert press(till, f"/pay/{name}", do="pay", email="anna@example.org").status_code == 303


def test_paying_later_leads_back_too(till: Till) -> None:
    name = opened(till)
    assert press(till, f"/pay/{name}", do="later", email="anna@example.org").status_code == 303
    assert till.session(name)["payment_status"] == "unpaid"
    assert "complete" in see(till, f"/pay/{name}").text


def test_what_is_over_says_so_with_a_way_back(till: Till) -> None:
    done, closed = opened(till), opened(till)
    till.pay(done)
    client(till).v1.checkout.sessions.expire(closed)
    assert "This is paid" in see(till, f"/pay/{done}").text
    assert f"thanks?session={done}" in see(till, f"/pay/{done}").text
    assert "This checkout is closed" in see(till, f"/pay/{closed}").text
    assert "http://127.0.0.1:8000/back" in see(till, f"/pay/{closed}").text
    late = press(till, f"/pay/{closed}", do="pay", email="anna@example.org")
    assert late.status_code == 409 and "This checkout is closed" in late.text
    assert see(till, "/pay/nothing").status_code == 404


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                                     {"Origin": "http://127.0.0.1:8000"}, {"Origin": "null"}])  # fmt: skip
def test_another_sites_form_does_nothing(till: Till, headers: dict[str, str]) -> None:
    name = opened(till)
    intent = paid(till)
    pay, dispute = {"do": "pay", "email": "a@example.org"}, {"do": "payment_intents/dispute", "name": intent}
    assert requests.post(f"{till.url}/pay/{name}", data=pay, headers=headers, timeout=10).status_code == 403
    assert requests.post(f"{till.url}/", data=dispute, headers=headers, timeout=10).status_code == 403
    assert till.session(name)["status"] == "open"
    assert not till.disputes()


def test_an_old_browser_is_known_by_the_origin_alone(till: Till) -> None:
    form = {"do": "pay", "email": "a@example.org"}
    headers = {"Origin": till.url}
    url = f"{till.url}/pay/{opened(till)}"
    assert requests.post(url, data=form, headers=headers, allow_redirects=False, timeout=10).status_code == 303


# The front page ------------------------------------------------------------------------------------------------------


def buttons(till: Till) -> set[str]:
    return set(re.findall(r'name="do" value="([a-z_]+/[a-z]+)"', see(till, "/").text))


def test_the_front_page_offers_what_can_happen_next(till: Till) -> None:
    assert "Nobody has come" in see(till, "/").text
    name = opened(till)
    assert buttons(till) == set()
    intent = till.pay_later(name)["payment_intent"]
    steps: list[tuple[set[str], dict[str, Any]]] = [
        ({"sessions/arrive", "sessions/fail"}, {"do": "sessions/arrive", "name": name}),
        ({"payment_intents/dispute", "payment_intents/refund"}, {"do": "payment_intents/dispute", "name": intent}),
        ({"payment_intents/won", "payment_intents/lost"}, {"do": "payment_intents/won", "name": intent}),
        ({"payment_intents/refund"}, {"do": "payment_intents/refund", "name": intent}),
        ({"refunds/fail"}, {"do": "trouble", "refunds": "pending", "api": "none", "webhooks": "send"}),
    ]
    for offered, pressed in steps:
        assert buttons(till) == offered
        assert press(till, "/", **pressed).headers["Location"] == "/"
    assert till.refunds(intent)[0]["amount"] == 9500
    assert press(till, "/", do="refunds/fail", name=till.refunds(intent)[0]["id"]).status_code == 303
    assert press(till, "/", do="payment_intents/refund", name=intent).status_code == 303
    assert buttons(till) == {"refunds/settle", "refunds/fail"}, "the new refund waits"


def test_the_front_page_says_why_something_cannot_be(till: Till) -> None:
    name = opened(till)
    answer = press(till, "/", do="sessions/arrive", name=name)
    assert answer.status_code == 409 and "No money is on its way" in answer.text
    assert press(till, "/", do="sessions/pay", name=name).status_code == 409
    assert press(till, "/", do="nonsense").status_code == 409


def test_trouble_can_be_played_from_the_front_page(till: Till) -> None:
    assert press(till, "/", do="trouble", api="500", webhooks="drop", refunds="fail").status_code == 303
    assert '<option value="500" selected>' in see(till, "/").text
    paid_for = requests.get(f"{till.url}/v1/refunds", timeout=10, auth=(till.key, ""))
    assert paid_for.status_code == 400, "who speaks no version is refused before any trouble"
    assert press(till, "/", do="deliver").status_code == 303
