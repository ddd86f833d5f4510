"""Beginning a catalogue: the examples of the trade, taken into an empty one by one press and away by another."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import path, reverse_lazy
from django.utils.translation import gettext_lazy, ngettext

from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.catalogue.examples import SHELVES, WARES, likely_price, usual_tax
from regulars.catalogue.models import Product
from regulars.catalogue.services import examples
from regulars.organisation.selectors import organisation
from regulars.words import in_language

CATALOGUE = reverse_lazy("office_catalogue:products")


class Examples(ActPage):
    """What the examples are, before they are taken."""

    template_name = "catalogue/examples.html"
    form_class = forms.Form
    success_url = CATALOGUE
    header_icon = "tag"
    permission = "catalogue.change"
    page_title = gettext_lazy("Examples to begin with")
    trail = ((CATALOGUE, gettext_lazy("Products")),)
    submit_label = gettext_lazy("Take these examples")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Each example with its shelf, price and tax."""
        business = organisation()
        shelves = [{"en": english, "zh-hans": chinese} for english, chinese in SHELVES[business.trade]]
        found: dict[str, Any] = super().get_context_data(
            rows=[
                {
                    "name": in_language(ware.words),
                    "shelf": in_language(shelves[ware.shelf]),
                    "price": likely_price(ware.yuan, business.currency),
                    "tax": usual_tax(business.country, ware.kind),
                }
                for ware in WARES[business.trade]
            ],
            currency=business.currency,
            is_empty=not Product.objects.exists(),
            **context,
        )
        if not found["is_empty"]:
            found["submit_label"] = ""  # nothing is offered that would be refused
        return found

    def act(self, form: Any) -> int:
        """Take them."""
        return len(examples.take_examples(by=actor_of(self.request)))

    def words_of_success(self, done: int) -> str:
        """How many there are, and what to do next."""
        return ngettext(
            "%(count)s example is in the catalogue. Open it and make it yours.",
            "%(count)s examples are in the catalogue. Open each and make it yours.",
            done,
        ) % {"count": done}


class NoExamples(Examples):
    """Taking them away again."""

    page_title = gettext_lazy("Take the examples away")
    submit_label = gettext_lazy("Take the examples away")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """How many would go."""
        return {**super().get_context_data(**context), "rows": [], "here": examples.examples_here()}

    def act(self, form: Any) -> int:
        """Take them away."""
        return examples.remove_examples(by=actor_of(self.request))

    def words_of_success(self, done: int) -> str:
        """How many went."""
        return ngettext(
            "%(count)s example is gone. What was changed or sold stays.",
            "%(count)s examples are gone. What was changed or sold stays.",
            done,
        ) % {"count": done}


ADDRESSES = [
    path("examples/", Examples.as_view(), name="examples"),
    path("examples/remove/", NoExamples.as_view(), name="no_examples"),
]
