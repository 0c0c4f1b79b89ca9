"""THE FRAME: parts of pages that are the same for everybody are drawn once in a process.

    {% remembered path=request.path %} … {% endremembered %}

Within, nothing is known but the values that are named, the language and where the site is mounted: by these the part is
remembered, so it cannot hold what belongs to one visitor. No user, session, message, token or nonce ever gets in.
"""

from typing import Any, Final

from django import template
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.defaulttags import CsrfTokenNode
from django.template.loader_tags import BlockNode
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST: Final = 200  # drawings of one part; then it begins anew


class Remembered(Node):
    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self._drawings: dict[tuple[object, ...], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = {name: value.resolve(context, ignore_failures=True) for name, value in self.values.items()}
        # By type, too: a text that counts as safe is equal to one that does not, and True to 1.
        of_values = tuple((type(value), value) for value in values.values())
        key = (get_language(), get_script_prefix(), context.autoescape, *of_values)
        drawing = self._drawings.get(key)
        return self._draw(context, values, key) if drawing is None else drawing

    def _draw(self, context: Context, values: dict[str, Any], key: tuple[object, ...]) -> SafeString:
        alone = Context(values, autoescape=context.autoescape)
        with alone.bind_template(context.template):  # type: ignore[arg-type]  # none only outside of any rendering
            drawing = self.nodelist.render(alone)
        if len(self._drawings) >= MOST:
            self._drawings.clear()
        self._drawings[key] = drawing
        return drawing


@register.tag
def remembered(parser: Parser, token: Token) -> Remembered:
    named = token.split_contents()[1:]
    values = token_kwargs(named, parser)
    nodelist = parser.parse(("endremembered",))
    parser.delete_first_token()
    if named:
        raise TemplateSyntaxError("A remembered part takes values with names: path=request.path")
    if nodelist.get_nodes_by_type(BlockNode) or nodelist.get_nodes_by_type(CsrfTokenNode):
        raise TemplateSyntaxError("A remembered part is the same for everybody: without blocks, without csrf_token")
    return Remembered(nodelist, values)
