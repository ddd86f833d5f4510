"""What is sold, the books of prices, the calendar they hold on, dealers, and what was taken of limited editions.

Prices are minor units per piece, in the currency they were written in. The database holds to it that a book has the one
owner its kind asks for, that nobody decides their own application, and that a stock never falls below nothing.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from regulars.money import LARGEST_AMOUNT
from regulars.public_ids import PublicIdField
from regulars.words import in_language

MOST_STOCK = 1_000_000
MOST_PER_MEMBER = 9_999
MOST_PIECES = 100_000
FULL = 10_000
"""A whole in hundredths of a percent."""


class Category(models.Model):
    """A shelf of the catalogue. `kind` is the kind of goods as rules for points and coupons name it."""

    public_id = PublicIdField(prefix="cat")
    kind = models.CharField(_("kind of goods"), max_length=40)
    words = models.JSONField(_("name"), default=dict)
    position = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="catalogue_category_public_id"),
            models.UniqueConstraint(fields=["kind"], name="catalogue_category_kind"),
        ]

    def __str__(self) -> str:
        return in_language(self.words) or self.kind


class DealerLevel(models.Model):
    """How much somebody buys to sell on; of two levels the one with the greater `rank` has all that the lower has."""

    public_id = PublicIdField(prefix="dlv")
    words = models.JSONField(_("name"), default=dict)
    rank = models.PositiveSmallIntegerField(_("rank"))

    class Meta:
        verbose_name = _("dealer level")
        verbose_name_plural = _("dealer levels")
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="catalogue_level_public_id"),
            models.UniqueConstraint(fields=["rank"], name="catalogue_level_rank"),
        ]

    def __str__(self) -> str:
        return in_language(self.words)


class ProductKind(models.TextChoices):
    """What is sold."""

    GOODS = "goods", _("Goods")
    SERVICE = "service", _("Service")


class Audience(models.TextChoices):
    """Who may see something and buy it."""

    EVERYBODY = "everybody", _("Everybody")
    MEMBERS = "members", _("Members")
    TIER = "tier", _("Members from a tier on")
    DEALERS = "dealers", _("Dealers")


class Product(models.Model):
    """Something with a price. `branches` are the public ids of those that sell it, empty for all.

    `tax_rate` is in hundredths of a percent, in `price` already or on top of it. `stock` None has no end, `per_member`
    None no limit; `phases` say from which day who may buy, `[{"from": "2026-11-23", "tier": "gold"}, {"from": …}]`,
    by codes of tiers ("" or none: everybody whom it is for). `version` grows with every change.
    """

    public_id = PublicIdField(prefix="prd")
    sku = models.CharField(_("SKU"), max_length=40)
    barcode = models.CharField(_("bar code"), max_length=40, default="")
    kind = models.CharField(_("kind"), max_length=10, choices=ProductKind, default=ProductKind.GOODS)
    category = models.ForeignKey(
        Category,
        on_delete=models.PROTECT,
        null=True,
        related_name="products",
        db_index=False,
        verbose_name=_("category"),
    )
    words = models.JSONField(_("name"), default=dict)
    details = models.JSONField(_("details"), default=dict)
    picture = models.ForeignKey(
        "wagtailimages.Image",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("picture"),
    )
    picture_words = models.JSONField(_("what the picture shows"), default=dict)
    price = models.BigIntegerField(_("list price"))
    currency = models.CharField(_("currency"), max_length=3)
    tax_rate = models.PositiveIntegerField(_("tax rate"), default=0)
    tax_included = models.BooleanField(_("tax is in the price"), default=True)
    branches = models.JSONField(_("sold at"), default=list)
    audience = models.CharField(_("for whom"), max_length=10, choices=Audience, default=Audience.EVERYBODY)
    tier = models.ForeignKey(
        "loyalty.Tier",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("from this tier on"),
    )
    is_active = models.BooleanField(_("on sale"), default=True)
    stock = models.IntegerField(_("in stock"), null=True)
    per_member = models.PositiveIntegerField(_("most for one member"), null=True)
    phases = models.JSONField(_("who may buy from when on"), default=list)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["sku"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="catalogue_product_public_id"),
            models.UniqueConstraint(fields=["sku"], name="catalogue_product_sku"),
            models.UniqueConstraint(fields=["barcode"], name="catalogue_product_barcode", condition=~Q(barcode="")),
            models.CheckConstraint(condition=Q(price__range=(1, LARGEST_AMOUNT)), name="catalogue_product_price"),
            models.CheckConstraint(condition=Q(tax_rate__lte=FULL), name="catalogue_product_tax"),
            models.CheckConstraint(
                condition=Q(audience="tier", tier__isnull=False) | (~Q(audience="tier") & Q(tier__isnull=True)),
                name="catalogue_product_audience",
            ),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__range=(0, MOST_STOCK)), name="catalogue_product_stock"
            ),
            models.CheckConstraint(
                condition=Q(per_member__isnull=True) | Q(per_member__range=(1, MOST_PER_MEMBER)),
                name="catalogue_product_per_member",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.words) or self.sku

    @property
    def is_limited(self) -> bool:
        """Whether pieces are counted: there are only so many, or one member may have only so many."""
        return self.stock is not None or self.per_member is not None


class Holiday(models.Model):
    """One or more days with a name in the calendar of the business, both ends included."""

    public_id = PublicIdField(prefix="hol")
    words = models.JSONField(_("name"), default=dict)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["starts_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="catalogue_holiday_public_id"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="catalogue_holiday_days"),
        ]

    def __str__(self) -> str:
        return in_language(self.words)


class BookKind(models.TextChoices):
    """Whose prices a book holds, in the order in which they are asked."""

    MEMBER = "member", _("One member")
    DEALER = "dealer", _("Dealers from a level on")
    TIER = "tier", _("Members from a tier on")
    SEGMENT = "segment", _("Members of whom a condition holds")
    BRANCH = "branch", _("Everybody at a branch")
    LIST = "list", _("Everybody")


OWNERS = {BookKind.MEMBER: "member", BookKind.DEALER: "level", BookKind.TIER: "tier", BookKind.BRANCH: "branch"}
"""What says whose a book is, by its kind; a segment's is its condition, and the list is everybody's."""


def _has_owner(kind: str) -> Q:
    """A book of this kind has its owner and no other."""
    others = {f"{field}__isnull": OWNERS.get(BookKind(kind)) != field for field in OWNERS.values()}
    return Q(kind=kind, **others) & (~Q(condition={}) if kind == BookKind.SEGMENT else Q(condition={}))


class PriceBook(models.Model):
    """Prices for somebody, on some days. `words` is what receipts say of a price from it.

    It holds from `starts_on` to `ends_on` (days of the business, both included), on these `weekdays` (0 is Monday) and
    `month_days` (1 to 31, empty for all) and, with `on_holidays`, only on days of the calendar of holidays. Books of
    levels and tiers hold for higher ones too. `version` grows with every change of the book or its prices.
    """

    public_id = PublicIdField(prefix="pbk")
    words = models.JSONField(_("name"), default=dict)
    kind = models.CharField(_("for whom"), max_length=10, choices=BookKind)
    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, null=True, related_name="price_books", db_index=False
    )
    level = models.ForeignKey(DealerLevel, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    tier = models.ForeignKey("loyalty.Tier", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    branch = models.ForeignKey(
        "organisation.Branch", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    condition = models.JSONField(_("condition"), default=dict)
    starts_on = models.DateField(_("from"), null=True)
    ends_on = models.DateField(_("until"), null=True)
    weekdays = models.JSONField(_("only on these weekdays"), default=list)
    month_days = models.JSONField(_("only on these days of the month"), default=list)
    on_holidays = models.BooleanField(_("only on holidays of the calendar"), default=False)
    currency = models.CharField(_("currency"), max_length=3)
    is_active = models.BooleanField(_("in force"), default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("price book")
        verbose_name_plural = _("price books")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="catalogue_book_public_id"),
            models.CheckConstraint(
                condition=_has_owner("member")
                | _has_owner("dealer")
                | _has_owner("tier")
                | _has_owner("segment")
                | _has_owner("branch")
                | _has_owner("list"),
                name="catalogue_book_owner",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="catalogue_book_days",
            ),
        ]

    def __str__(self) -> str:
        return in_language(self.words)


class PriceEntry(models.Model):
    """What a piece costs in a book from a quantity on."""

    book = models.ForeignKey(PriceBook, on_delete=models.CASCADE, related_name="entries", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="entries")
    quantity_from = models.PositiveIntegerField(_("from so many pieces"), default=1)
    price = models.BigIntegerField(_("price"))

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["book", "product", "quantity_from"], name="catalogue_entry_of_book"),
            models.CheckConstraint(
                condition=Q(price__range=(0, LARGEST_AMOUNT)) & Q(quantity_from__range=(1, MOST_PIECES)),
                name="catalogue_entry_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.quantity_from}"


class Dealer(models.Model):
    """A member who buys to sell on. `parent` is the dealer who looks after them, empty for the business itself."""

    public_id = PublicIdField(prefix="dea")
    member = models.OneToOneField("people.Member", on_delete=models.PROTECT, related_name="dealer")
    level = models.ForeignKey(
        DealerLevel, on_delete=models.PROTECT, related_name="dealers", db_index=False, verbose_name=_("level")
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="dealers",
        db_index=False,
        verbose_name=_("looked after by"),
    )
    company = models.CharField(_("company"), max_length=120)
    tax_number = models.CharField(_("tax number"), max_length=40, default="")
    since = models.DateTimeField(_("since"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("dealer")
        verbose_name_plural = _("dealers")
        ordering = ["company", "id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="catalogue_dealer_public_id"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="catalogue_dealer_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.company


class ApplicationState(models.TextChoices):
    """What became of an application."""

    REQUESTED = "requested", _("Waiting")
    APPROVED = "approved", _("Accepted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Taken back")


class DealerApplication(models.Model):
    """A member asks to become a dealer. `asked_by` is the member of staff that the applicant is themselves, if any:
    whoever it is does not decide it.
    """

    public_id = PublicIdField(prefix="dap")
    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, related_name="dealer_applications", db_index=False
    )
    company = models.CharField(_("company"), max_length=120)
    tax_number = models.CharField(_("tax number"), max_length=40, default="")
    note = models.CharField(_("note"), max_length=300, default="")
    state = models.CharField(_("state"), max_length=10, choices=ApplicationState, default=ApplicationState.REQUESTED)
    asked_by = models.ForeignKey(
        "organisation.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField(_("asked at"))
    decided_by = models.ForeignKey(
        "organisation.Staff", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answer = models.CharField(_("answer"), max_length=200, default="")

    class Meta:
        verbose_name = _("dealer's application")
        verbose_name_plural = _("dealers' applications")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="catalogue_application_public_id"),
            models.UniqueConstraint(
                fields=["member"], name="catalogue_application_open", condition=Q(state="requested")
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(asked_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="catalogue_application_not_own",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("requested", "withdrawn")) | Q(decided_by__isnull=False),
                name="catalogue_application_decided",
            ),
        ]

    def __str__(self) -> str:
        return self.company


class Taking(models.Model):
    """How many pieces of a limited product one sale took, and how many of them came back.

    While it is `reserved_for` a quote (its public id), whose payment is waited for, there is no sale yet.
    """

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="takings", db_index=False)
    sale = models.ForeignKey("sales.Sale", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    reserved_for = models.CharField(max_length=24, blank=True, default="", db_default="")
    member = models.ForeignKey(
        "people.Member", on_delete=models.PROTECT, null=True, related_name="takings", db_index=False
    )
    quantity = models.PositiveIntegerField(_("pieces"))
    returned = models.PositiveIntegerField(_("came back"), default=0)
    taken_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("taking of a limited edition")
        verbose_name_plural = _("takings of limited editions")
        constraints = [
            models.UniqueConstraint(fields=["sale", "product"], name="catalogue_taking_once"),
            models.UniqueConstraint(
                fields=["reserved_for", "product"], name="catalogue_taking_aside", condition=~Q(reserved_for="")
            ),
            models.CheckConstraint(
                condition=Q(sale__isnull=False, reserved_for="") | (Q(sale__isnull=True) & ~Q(reserved_for="")),
                name="catalogue_taking_of_one",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1) & Q(returned__lte=F("quantity")), name="catalogue_taking_pieces"
            ),
        ]
        indexes = [models.Index(fields=["product", "member"], name="catalogue_taking_of")]

    def __str__(self) -> str:
        return f"{self.product} · {self.quantity}"
