"""THE DESK: the packing slip that lies in the parcel: one page of PDF in the customer's language. ReportLab.

Loaded only where one is asked for: the library takes 22 MB and a second.
"""

import io
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape

import font_roboto
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from PIL import Image
from reportlab.graphics.barcode import code128, qr
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepInFrame, Paragraph, SimpleDocTemplate, Spacer, Table
from reportlab.platypus import Image as Figure

from billing.canvases import Wrap
from billing.models import CanvasOrder
from people import languages

REGULAR, BOLD = "Roboto", "Roboto-Bold"
MARGIN: Final = 20 * mm
LEFT, RIGHT = 100 * mm, A4[0] - 2 * MARGIN - 100 * mm
PICTURE: Final = 45 * mm
HIGHEST: Final = 80 * mm  # of an address; a longer one is set smaller
INK, SOFT, LINE = HexColor(0x1C1D1F), HexColor(0x5F6166), HexColor(0xC8C8C4)
LONGEST: Final = 300  # characters of a line of an address: nobody's parcel has more on it
ALL: Final = ((0, 0), (-1, -1))  # cells of a table
FLUSH: Final = [("LEFTPADDING", *ALL, 0), ("RIGHTPADDING", *ALL, 0), ("VALIGN", *ALL, "TOP")]


def pdf(order: CanvasOrder, picture: Image.Image | None = None) -> bytes:
    """`picture`: as it is seen on the canvas, small."""
    _load_fonts()
    buffer = io.BytesIO()
    with languages.spoken(order.language):
        page = SimpleDocTemplate(
            buffer, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
            title=f"{_('Packing slip')} {order.key}", author="Ostagram", lang=languages.current(), invariant=1,
        )  # fmt: skip
        page.build([_head(order), _gap(10), _addresses(order), _gap(8), _contents(order, picture), _gap(12), _words()])
    return buffer.getvalue()


# The parts of the page ------------------------------------------------------------------------------------------------


def _head(order: CanvasOrder) -> Flowable:
    """Whose it is, and its number for eyes and for machines."""
    ordered = date_format(timezone.localtime(order.created_at), "DATE_FORMAT")
    number = code128.Code128(order.key, barHeight=9 * mm, barWidth=0.26 * mm, quiet=False)
    words = [
        _line("Ostagram", 11, SOFT), _line(_("Packing slip"), 22, font=BOLD), _gap(4),
        _line(f"{_('Order number')} {order.key}", 12, font=BOLD), _line(_("of %(date)s") % {"date": ordered}, 10, SOFT),
        _gap(3), number,
    ]  # fmt: skip
    return Table([[words, _code(settings.SITE_URL + reverse("billing:canvas", args=[order.key]))]],
                 colWidths=[LEFT + RIGHT - 32 * mm, 32 * mm], style=FLUSH)  # fmt: skip


def _addresses(order: CanvasOrder) -> Flowable:
    phone = [_line(order.ship_phone, 10, SOFT)] if order.ship_phone else []
    to = [
        _label(pgettext("parcel", "To")),
        _line(order.ship_name, 14, font=BOLD),
        *[_line(line, 14) for line in order.ship_lines],
    ]
    sender = [part.strip() for part in settings.OPERATOR_NAME.split(",") if part.strip()]
    sent_by = [_label(pgettext("parcel", "From")), _line("Ostagram", 10, font=BOLD)]
    sent_by += [_line(part, 10) for part in (*sender, settings.CONTACT_EMAIL, settings.SITE_URL)]
    fitted = KeepInFrame(LEFT - 10 * mm, HIGHEST, [*to, _gap(1), *phone], mode="shrink")
    return Table([[fitted, sent_by]], colWidths=[LEFT, RIGHT], style=[*FLUSH, *_lines()])


def _contents(order: CanvasOrder, picture: Image.Image | None) -> Flowable:
    told = [
        _label(_("In this parcel")),
        _line(_("1 canvas, %(size)s") % {"size": order.title}, 14, font=BOLD),
        _line(_("Stretched on a wooden frame, ready to hang"), 10),
        _line(f"{_('Edges')}: {_edges(order)}", 10),
        _line(f"{_('Picture')}: {order.picture_key}", 10, SOFT),
    ]
    return Table([[told, _figure(picture) if picture else ""]], colWidths=[LEFT, RIGHT], style=FLUSH)


def _words() -> Flowable:
    wrong = _("Is anything wrong with it? Write to %(address)s, and we make it good.")
    words = [
        _line(_("We hope that it looks well on your wall."), 11),
        _line(wrong % {"address": settings.CONTACT_EMAIL}, 11),
    ]
    return Table([[words]], colWidths=[LEFT + RIGHT], style=FLUSH)


def _edges(order: CanvasOrder) -> str:
    return f"{order.get_wrap_display()} {order.wrap_colour if order.wrap == Wrap.COLOUR else ''}".strip()


# Small things ---------------------------------------------------------------------------------------------------------


def _line(text: str, size: int, colour: Any = INK, font: str = REGULAR) -> Flowable:
    """A paragraph; as long as it is, it stays on the page."""
    style = ParagraphStyle("line", fontName=font, fontSize=size, leading=size * 1.35, textColor=colour)
    shown = "".join(sign for sign in text[:LONGEST] if sign.isprintable())
    return Paragraph(escape(shown), style)


def _label(text: str) -> Flowable:
    return _line(text, 9, SOFT)


def _gap(height_mm: float) -> Flowable:
    return Spacer(1, height_mm * mm)


def _lines() -> list[tuple[Any, ...]]:
    return [("LINEABOVE", (0, 0), (-1, 0), 0.5, LINE), ("LINEBELOW", (0, -1), (-1, -1), 0.5, LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 4 * mm), ("BOTTOMPADDING", (0, 0), (-1, -1), 5 * mm)]  # fmt: skip


def _code(address: str) -> Flowable:
    """The order's page, for a phone."""
    side = 32 * mm
    code = Drawing(side, side)
    code.add(qr.QrCodeWidget(address, barWidth=side, barHeight=side, barBorder=0))
    return code


def _figure(picture: Image.Image) -> Flowable:
    scale = PICTURE / max(picture.size)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88)
    file.seek(0)
    return Figure(file, picture.width * scale, picture.height * scale, hAlign="LEFT")


@cache
def _load_fonts() -> None:
    """Roboto, a part of which goes into each file: it knows Cyrillic, Greek and all of Europe's Latin."""
    pdfmetrics.registerFont(TTFont(REGULAR, font_roboto.Roboto))
    pdfmetrics.registerFont(TTFont(BOLD, font_roboto.RobotoBold))
