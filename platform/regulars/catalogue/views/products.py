"""Products in the back office: the list, a form for each, categories, the stock, and many at once."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.catalogue import selectors
from regulars.catalogue.forms import CategoryForm, ProductForm, QuickForm, StockForm
from regulars.catalogue.models import Category, Product
from regulars.catalogue.pictures import picture_of, with_pictures
from regulars.catalogue.services import products as services
from regulars.catalogue.services.examples import examples_here
from regulars.errors import NotFound
from regulars.organisation.permissions import allows
from regulars.organisation.selectors import organisation

CATALOGUE = reverse_lazy("office_catalogue:products")
AT_ONCE = 100
LONGEST_SEARCH = 60


class Products(OfficePage):
    """Everything that is sold, with what it costs everybody."""

    template_name = "catalogue/products.html"
    page_title = gettext_lazy("Products")
    header_icon = "tag"
    permission = "catalogue.view"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The products that the search and the category leave, and the categories."""
        typed = self.request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
        named = self.request.GET.get("category", "").replace("\0", "")[:40]
        records = selectors.matching(typed)
        if named:
            records = records.filter(category__public_id=named)
        shown = list(with_pictures(records)[: AT_ONCE + 1])
        found: dict[str, Any] = super().get_context_data(
            rows=[(product, picture_of(product)) for product in shown[:AT_ONCE]],
            is_more=len(shown) > AT_ONCE,
            at_once=AT_ONCE,
            typed=typed,
            category=named,
            categories=Category.objects.all(),
            currency=organisation().currency,
            may_change=allows(self.staff, "catalogue.change"),
            examples=len(examples_here()),
            **context,
        )
        return found


class ProductPage(ActPage):
    """One product: a new one, or the one the address names."""

    template_name = "catalogue/product.html"
    form_class: Any = ProductForm
    success_url = CATALOGUE
    header_icon = "tag"
    permission = "catalogue.change"
    trail = ((CATALOGUE, gettext_lazy("Products")),)
    fields_of_refusals = {
        "words": "name_en",
        "details": "details_en",
        "picture_words": "alt_en",
        "phases": "phase_from_1",
    }

    @cached_property
    def product(self) -> Product | None:
        """The product to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        try:
            return selectors.product_by_public_id(named)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.product) if self.product else _("New product")

    @property
    def history_of(self) -> str:
        """The product."""
        return str(self.product.public_id) if self.product else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the product."""
        return {**super().get_form_kwargs(), "product": self.product}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The product with its picture."""
        picture = picture_of(self.product) if self.product else None
        found: dict[str, Any] = super().get_context_data(product=self.product, picture=picture, **context)
        return found

    def act(self, form: Any) -> Product:
        """Save it through the service."""
        return services.save_product(product=self.product, by=actor_of(self.request), **form.values())

    def words_of_success(self, done: Product) -> str:
        """Which product it was."""
        return _("%(product)s is saved. The next quote has it.") % {"product": done}


class StockPage(ProductPage):
    """How many came or went, added to whatever is there by then."""

    form_class = StockForm
    submit_label = gettext_lazy("Count them in")

    def get_page_title(self) -> str:
        """Whose stock it is."""
        return _("Stock of %(product)s") % {"product": self.product}

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form needs to know nothing."""
        kwargs = super().get_form_kwargs()
        del kwargs["product"]
        return kwargs

    def act(self, form: Any) -> Product:
        """Count them in."""
        assert self.product is not None
        how_many = form.cleaned_data["stock"]
        return services.restock(product=self.product, by_how_many=how_many, actor=actor_of(self.request))

    def words_of_success(self, done: Product) -> str:
        """How many there are now."""
        if done.stock is None:
            return _("There is no end of %(product)s now.") % {"product": done}
        return _("There are %(stock)s of %(product)s now.") % {"stock": done.stock, "product": done}


class QuickPage(ActPage):
    """Many products from lines."""

    form_class = QuickForm
    success_url = CATALOGUE
    header_icon = "tag"
    permission = "catalogue.change"
    page_title = gettext_lazy("Many products at once")
    trail = ((CATALOGUE, gettext_lazy("Products")),)
    submit_label = gettext_lazy("Add them")

    def act(self, form: Any) -> list[Product]:
        """Add them, all or none."""
        return services.add_many(lines=form.cleaned_data["lines"], by=actor_of(self.request))

    def words_of_success(self, done: list[Product]) -> str:
        """How many there were."""
        said = ngettext("%(count)s product is added.", "%(count)s products are added.", len(done))
        return said % {"count": len(done)}


class CategoryPage(ActPage):
    """One category: a new one, or the one the address names."""

    form_class = CategoryForm
    success_url = CATALOGUE
    header_icon = "tag"
    permission = "catalogue.change"
    trail = ((CATALOGUE, gettext_lazy("Products")),)
    fields_of_refusals = {"words": "name_en"}

    @cached_property
    def category(self) -> Category | None:
        """The category to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        try:
            return selectors.category_by_public_id(named)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.category) if self.category else _("New category")

    @property
    def history_of(self) -> str:
        """The category."""
        return str(self.category.public_id) if self.category else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the category."""
        return {**super().get_form_kwargs(), "category": self.category}

    def act(self, form: Any) -> Category:
        """Save it through the service."""
        return services.save_category(category=self.category, by=actor_of(self.request), **form.values())


ADDRESSES = [
    path("", Products.as_view(), name="products"),
    path("products/new/", ProductPage.as_view(), name="new_product"),
    path("products/many/", QuickPage.as_view(), name="many_products"),
    path("products/<slug:public_id>/", ProductPage.as_view(), name="product"),
    path("products/<slug:public_id>/stock/", StockPage.as_view(), name="product_stock"),
    path("categories/new/", CategoryPage.as_view(), name="new_category"),
    path("categories/<slug:public_id>/", CategoryPage.as_view(), name="category"),
]
