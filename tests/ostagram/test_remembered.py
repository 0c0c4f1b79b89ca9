"""Parts of pages that are drawn once for everybody: by all they depend on, and with nothing of any visitor."""

import re
from typing import Any

import pytest
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import Client, RequestFactory
from django.urls import set_script_prefix
from django.utils import translation
from django.utils.safestring import mark_safe

from ostagram.templatetags import remembered
from people.models import User
from tests import make

PRIVATE = "{{ user }}{{ request.path }}{{ request.csp_nonce }}{{ csrf_token }}{{ messages }}{{ secret }}"
PAGES = ("/", "/mine/", "/paint/", "/prices/", "/how-it-works/", "/accounts/login/", "/no/such/page/")


def part(inside: str, values: str = "") -> Template:
    return Template(f"{{% load i18n remembered %}}{{% remembered {values} %}}{inside}{{% endremembered %}}")


def drawings(template: Template) -> dict[Any, Any]:
    (node,) = template.nodelist.get_nodes_by_type(remembered.Remembered)
    return node._drawings  # type: ignore[attr-defined,no-any-return]


def test_a_part_is_drawn_once_for_the_same_values() -> None:
    template = part("{{ path }}", "path=where")
    assert [template.render(Context({"where": where})) for where in ("/a", "/b", "/a")] == ["/a", "/b", "/a"]
    assert len(drawings(template)) == 2


def test_within_nothing_is_known_that_is_not_named() -> None:
    request: Any = RequestFactory().get("/here/")
    request.csp_nonce, request.user = "nonce", "alice"
    known = {"user": "alice", "secret": "s", "messages": ["m"], "csrf_token": "t"}
    assert Template(PRIVATE).render(RequestContext(request, known))
    assert part(PRIVATE).render(RequestContext(request, known)) == ""


def test_what_was_drawn_for_one_is_not_changed_by_another() -> None:
    template = part("{{ name }}{{ user }}", "name=name")
    assert template.render(Context({"name": "a", "user": "alice"})) == "a"
    assert template.render(Context({"name": "a", "user": "bob"})) == "a"


def test_every_language_has_its_own() -> None:
    template = part('{% translate "Prices" %}')
    for language, word in (("en", "Prices"), ("ru", "Цены"), ("en", "Prices")):
        with translation.override(language):
            assert template.render(Context()) == word


def test_wherever_the_site_is_mounted_its_addresses_are_right() -> None:
    template = part("{% url 'prices' %}")
    assert template.render(Context()) == "/prices/"
    try:
        set_script_prefix("/art/")
        assert template.render(Context()) == "/art/prices/"
    finally:
        set_script_prefix("/")


def test_a_text_that_counts_as_safe_does_not_vouch_for_an_equal_one() -> None:
    template = part("{{ text }}", "text=text")
    assert template.render(Context({"text": mark_safe("<b>")})) == "<b>"
    assert template.render(Context({"text": "<b>"})) == "&lt;b&gt;"
    assert part("{{ text }}", "text=text").render(Context({"text": "<b>"}, autoescape=False)) == "<b>"


def test_equal_values_of_two_kinds_are_two() -> None:
    template = part("{{ value }}", "value=value")
    assert [template.render(Context({"value": value})) for value in (True, 1)] == ["True", "1"]


def test_made_up_values_fill_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "MOST", 3)
    template = part("{{ path }}", "path=path")
    for number in range(20):
        assert template.render(Context({"path": str(number)})) == str(number)
        assert len(drawings(template)) <= 3


@pytest.mark.parametrize(
    ("inside", "values"),
    [("{% csrf_token %}", ""), ("{% if x %}{% csrf_token %}{% endif %}", ""), ("{% block main %}{% endblock %}", ""),
     ("", "user")],
)  # fmt: skip
def test_what_cannot_be_the_same_for_everybody_is_refused(inside: str, values: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        part(inside, values)


@pytest.mark.django_db
def test_pages_of_several_visitors_in_turn_are_each_their_own(alice: User, bob: User) -> None:
    make.post(alice, show_photo=True)
    people: dict[str, Client] = {"alice@": Client(), "bob@": Client(), "": Client()}
    people["alice@"].force_login(alice)
    people["bob@"].force_login(bob)
    nonces: list[str] = []
    tokens: set[str] = set()
    for _round in range(2):
        for path in PAGES:
            for name, client in people.items():
                answer = client.get(path)
                page = answer.content.decode()
                if answer.status_code == 302:  # who is signed in need not sign in
                    continue
                assert all((other in page) is (other == name) for other in ("alice@", "bob@"))
                assert ("Sign out" in page) is bool(name) and ("Sign in" in page) is not bool(name)
                marked = re.findall(r'href="([^"]*)" aria-current="page"', page)
                assert set(marked) == ({path} if path in PAGES[:5] else set())  # the feed: in the header, and its tab
                assert f'name="next" value="{path}"' in page
                nonces += set(re.findall(r'nonce="([^"]+)"', page))
                tokens |= set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', page))
    assert len(nonces) == len(set(nonces)) > len(people)
    assert len(tokens) > len(people)


@pytest.mark.django_db
def test_a_page_in_one_language_says_nothing_in_another() -> None:
    for _round in range(2):
        for language, words in {"en": "How it works", "ru": "Как это работает"}.items():
            page = Client(headers={"Accept-Language": language}).get("/no/such/page/").content.decode()
            assert f'<html lang="{language}">' in page and words in page
            assert page.count('aria-current="true"') == 1 and f'<span lang="{language}" aria-current="true">' in page
