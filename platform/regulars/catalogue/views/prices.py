"""Price books in the back office: whose prices they are, the grid of prices, the calendar, and what somebody pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import path, reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from regulars import clock, conditions
from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.catalogue import selectors, windows
from regulars.catalogue.identity import identity_of
from regulars.catalogue.models import BookKind, Holiday, PriceBook, Product
from regulars.catalogue.price_forms import BookForm, GridForm, HolidayForm, TryForm
from regulars.catalogue.pricing import resolve
from regulars.catalogue.services import price_books as services
from regulars.errors import NotFound
from regulars.organisation.permissions import allows
from regulars.organisation.scope import Scope
from regulars.organisation.selectors import organisation

CATALOGUE = reverse_lazy("office_catalogue:products")
BOOKS = reverse_lazy("office_catalogue:books")
TRAIL = ((CATALOGUE, gettext_lazy("Products")), (BOOKS, gettext_lazy("Prices")))
IN_GRID = 30
TRIED = 60


def words_of_owner(book: PriceBook) -> str:
    """Whose prices a book holds, for people."""
    match book.kind:
        case BookKind.MEMBER:
            return str(book.member)
        case BookKind.DEALER:
            return _("%(level)s and higher") % {"level": book.level}
        case BookKind.TIER:
            return _("%(tier)s and higher") % {"tier": book.tier}
        case BookKind.SEGMENT:
            return conditions.stored(book.condition).words()
        case BookKind.BRANCH:
            return str(book.branch)
    return _("Everybody")


def books_in(scope: Scope) -> QuerySet[PriceBook]:
    """The books that somebody may know of: none of another branch, or of a member there."""
    records = selectors.books()
    if scope.is_whole:
        return records
    here = Q(branch=None) | Q(branch__in=scope.branch_ids)
    return records.filter(here & (Q(member=None) | Q(member__branch__in=scope.branch_ids)))


class Books(OfficePage):
    """Every book in the order in which they are asked, the calendar, and what somebody would pay."""

    template_name = "catalogue/books.html"
    page_title = gettext_lazy("Prices")
    header_icon = "tag"
    permission = "catalogue.view"
    trail = ((CATALOGUE, gettext_lazy("Products")),)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Books by kind, holidays, and the answer to what was asked."""
        kept: dict[str, list[Any]] = {}
        for book in books_in(self.scope):
            kept.setdefault(book.kind, []).append((book, words_of_owner(book), windows.words_of_days(book)))
        is_asked = "try" in self.request.GET
        form = TryForm(self.request.GET if is_asked else None, scope=self.scope)
        found: dict[str, Any] = super().get_context_data(
            groups=[(label, kept[kind]) for kind, label in BookKind.choices if kind in kept],
            holidays=Holiday.objects.filter(ends_on__gte=clock.today()),
            form=form,
            tried=self._tried(form) if is_asked and form.is_valid() else None,
            currency=organisation().currency,
            policy=organisation().get_price_policy_display(),
            coupons_count=organisation().coupons_on_book_prices,
            may_change=allows(self.staff, "catalogue.change"),
            **context,
        )
        return found

    def _tried(self, form: TryForm) -> list[Any]:
        """What each product would cost this person."""
        typed = form.cleaned_data
        member, branch = typed["who"], typed["branch"]
        day = typed["day"] or clock.today(branch.zone if branch else "")
        identity = identity_of(member)
        records = selectors.visible_to(identity, branch=branch).order_by("sku")[: TRIED * 2]
        products = [product for product in records if identity.may_see(product)][:TRIED]
        pieces = dict.fromkeys((product.public_id for product in products), typed["quantity"] or 1)
        return list(resolve(products, pieces, branch=branch, member=member, identity=identity, day=day).values())


class BookPage(ActPage):
    """For whom a book holds and when: a new one, or the one the address names."""

    template_name = "catalogue/book.html"
    form_class: Any = BookForm
    header_icon = "tag"
    permission = "catalogue.change"
    trail = TRAIL
    fields_of_refusals = {"words": "name_en"}

    @cached_property
    def book(self) -> PriceBook | None:
        """The book to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        try:
            return selectors.book_by_public_id(named)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.book) if self.book else _("New price book")

    @property
    def history_of(self) -> str:
        """The book."""
        return str(self.book.public_id) if self.book else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the book."""
        return {**super().get_form_kwargs(), "book": self.book}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The book."""
        found: dict[str, Any] = super().get_context_data(book=self.book, **context)
        return found

    def act(self, form: Any) -> PriceBook:
        """Save it through the service."""
        self.saved = services.save_book(book=self.book, by=actor_of(self.request), **form.values())
        return self.saved

    def get_success_url(self) -> str:
        """A new book has no prices yet: on to them."""
        return str(BOOKS) if self.book else reverse("office_catalogue:grid", args=[self.saved.public_id])

    def words_of_success(self, done: PriceBook) -> str:
        """Which book it was."""
        return _("%(book)s is saved.") % {"book": done}


class GridPage(ActPage):
    """The prices of a book, product by product."""

    template_name = "catalogue/grid.html"
    form_class: Any = GridForm
    header_icon = "tag"
    permission = "catalogue.change"
    trail = TRAIL
    submit_label = gettext_lazy("Save the prices")

    @cached_property
    def book(self) -> PriceBook:
        """The book whose prices these are, 404 for none."""
        try:
            return selectors.book_by_public_id(self.kwargs["public_id"])
        except NotFound as error:
            raise Http404 from error

    @cached_property
    def typed(self) -> str:
        """The search that leaves these rows."""
        return self.request.GET.get("q", "").replace("\0", "").strip()[:60]

    @cached_property
    def products(self) -> list[Product]:
        """The rows: what the search leaves, of this book first."""
        records = selectors.matching(self.typed).filter(is_active=True)
        priced = set(self.book.entries.values_list("product", flat=True))
        return sorted(records, key=lambda product: (product.pk not in priced, product.sku))

    @cached_property
    def page(self) -> int:
        """Which page of the rows."""
        named = self.request.GET.get("p", "")
        last = max(1, -(-len(self.products) // IN_GRID))
        return min(int(named), last) if named.isdecimal() and 0 < len(named) < 5 and int(named) else 1

    def get_page_title(self) -> str:
        """Whose prices."""
        return _("Prices of %(book)s") % {"book": self.book}

    @property
    def history_of(self) -> str:
        """The book."""
        return str(self.book.public_id)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the rows and what they cost now."""
        rows = self.products[(self.page - 1) * IN_GRID : self.page * IN_GRID]
        return {**super().get_form_kwargs(), "products": rows, "kept": selectors.quantities_of(self.book, rows)}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The book, and the pages before and after."""
        found: dict[str, Any] = super().get_context_data(
            book=self.book,
            owner=words_of_owner(self.book),
            days=windows.words_of_days(self.book),
            currency=organisation().currency,
            typed=self.typed,
            page=self.page,
            before=self.page - 1,
            after=self.page + 1 if len(self.products) > self.page * IN_GRID else 0,
            **context,
        )
        return found

    def act(self, form: Any) -> PriceBook:
        """Save what was changed; rows that say what they said before are left alone."""
        kept: Mapping[int, Mapping[int, int]] = selectors.quantities_of(self.book, form.products)
        changed = {product: prices for product, prices in form.prices.items() if prices != kept.get(product.pk, {})}
        return services.set_many(book=self.book, prices=changed, by=actor_of(self.request))

    def get_success_url(self) -> str:
        """The same page again."""
        return self.request.get_full_path()

    def words_of_success(self, done: PriceBook) -> str:
        """From when on."""
        return _("The prices of %(book)s are saved. The next quote has them.") % {"book": done}


class HolidayPage(ActPage):
    """One holiday: a new one, or the one the address names."""

    form_class: Any = HolidayForm
    success_url = BOOKS
    header_icon = "tag"
    permission = "catalogue.change"
    trail = TRAIL
    fields_of_refusals = {"words": "name_en"}

    @cached_property
    def holiday(self) -> Holiday | None:
        """The holiday to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        try:
            return selectors.holiday_by_public_id(named)
        except NotFound as error:
            raise Http404 from error

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.holiday) if self.holiday else _("New holiday")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the holiday."""
        return {**super().get_form_kwargs(), "holiday": self.holiday}

    def act(self, form: Any) -> Holiday | None:
        """Save it, or take it out."""
        if self.holiday is not None and form.cleaned_data.get("removes"):
            services.remove_holiday(holiday=self.holiday, by=actor_of(self.request))
            return None
        return services.save_holiday(holiday=self.holiday, by=actor_of(self.request), **form.values())


ADDRESSES = [
    path("prices/", Books.as_view(), name="books"),
    path("prices/new/", BookPage.as_view(), name="new_book"),
    path("prices/<slug:public_id>/", BookPage.as_view(), name="book"),
    path("prices/<slug:public_id>/grid/", GridPage.as_view(), name="grid"),
    path("holidays/new/", HolidayPage.as_view(), name="new_holiday"),
    path("holidays/<slug:public_id>/", HolidayPage.as_view(), name="holiday"),
]
