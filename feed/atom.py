"""THE GALLERY: its walls as Atom feeds: the newest pictures of all, of a tag, of a person."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from feed import kept, tags, telling
from feed.models import Post, PostQuerySet
from people.models import User
from stylize import pictures

MOST: Final = 24
MEDIA: Final = "http://search.yahoo.com/mrss/"  # the name that readers know thumbnails by; nothing is there to load


class WithPictures(Atom1Feed):
    """The painting as enclosure and thumbnail. Its length in bytes is nobody's to know without asking the storage."""

    def root_attributes(self) -> dict[str, str]:
        return super().root_attributes() | {"xmlns:media": MEDIA}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        picture = {"rel": "enclosure", "href": item["picture"], "type": pictures.JPEG}
        handler.addQuickElement("link", "", picture)
        handler.addQuickElement("media:thumbnail", "", {"url": item["picture"]})


class Newest(Feed):  # type: ignore[type-arg]  # generic in its stubs only
    """Of all people; the others narrow it."""

    feed_type = WithPictures

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.whole = request.build_absolute_uri
        return super().__call__(request, *args, **kwargs)

    def title(self, of: Any) -> str:
        return _("Ostagram: newest pictures")

    def link(self, of: Any) -> str:
        return reverse("feed:index")

    def public(self, of: Any) -> PostQuerySet:
        return Post.objects.for_public_feed()

    def items(self, of: Any) -> Iterable[Post]:
        return self.public(of).with_words()[:MOST]

    def item_title(self, item: Post) -> str:
        return telling.plain(telling.name(item))

    def item_description(self, item: Post) -> str:
        return telling.plain(telling.description(item))

    def item_link(self, item: Post) -> str:
        return reverse("feed:post", args=[item.job.key])

    def item_author_name(self, item: Post) -> str:
        return str(item.job.owner.handle)

    def item_categories(self, item: Post) -> list[str]:
        return item.tags

    def item_pubdate(self, item: Post) -> datetime:
        return item.created_at

    def item_updateddate(self, item: Post) -> datetime:
        return item.created_at

    def item_extra_kwargs(self, item: Post) -> dict[str, Any]:
        return {"picture": self.whole(telling.shared(item.job).image)}


class OfATag(Newest):
    def get_object(self, request: HttpRequest, tag: str) -> str:
        if not tags.is_tag(tag):
            raise Http404
        return tag

    def title(self, of: str) -> str:
        return _("Ostagram: #%(tag)s") % {"tag": of}

    def link(self, of: str) -> str:
        return reverse("feed:tag", args=[of])

    def public(self, of: str) -> PostQuerySet:
        return super().public(of).tagged(of)


class OfAPerson(Newest):
    """Guests are not in public."""

    def get_object(self, request: HttpRequest, handle: str) -> User:
        return get_object_or_404(User, handle=handle, is_guest=False, is_active=True)

    def title(self, of: User) -> str:
        return _("Ostagram: pictures by %(handle)s") % {"handle": of.handle}

    def public(self, of: User) -> PostQuerySet:
        return super().public(of).filter(owner=of)


@require_safe
@kept.for_strangers
def newest(request: HttpRequest) -> HttpResponse:
    return Newest()(request)


@require_safe
@kept.for_strangers
def of_a_tag(request: HttpRequest, tag: str) -> HttpResponse:
    return OfATag()(request, tag=tag)


@require_safe
@kept.for_strangers
def of_a_person(request: HttpRequest, handle: str) -> HttpResponse:
    return OfAPerson()(request, handle=handle)
