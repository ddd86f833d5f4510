"""The business itself: what it is called, where it sells, who works there and which modules it switched on."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from regulars import clock
from regulars.public_ids import PublicIdField


class Trade(models.TextChoices):
    """The kinds of business that have a preset of their own."""

    RETAIL = "retail", _("Shop")
    RESTAURANT = "restaurant", _("Restaurant or café")
    HOTEL = "hotel", _("Hotel")
    SALON = "salon", _("Salon or spa")
    GYM = "gym", _("Gym or studio")
    SCHOOL = "school", _("School or training")
    DEALERS = "dealers", _("Dealer network")


class Language(models.TextChoices):
    """The languages every screen speaks."""

    ENGLISH = "en", "English"
    CHINESE = "zh-hans", "简体中文"


class CardPattern(models.TextChoices):
    """The drawings that a member card can bear; each is named after the trade that begins with it."""

    PLAIN = "plain", _("Two arcs")
    RETAIL = "retail", _("Bags")
    RESTAURANT = "restaurant", _("Waves")
    HOTEL = "hotel", _("Diamonds")
    SALON = "salon", _("Ripples")
    GYM = "gym", _("Stripes")
    SCHOOL = "school", _("Exercise book")
    DEALERS = "dealers", _("Network")


class PricePolicy(models.TextChoices):
    """How the price of a book and the discount of a tier go together on one line."""

    BEST = "best", _("The better of the two")
    OWN = "own", _("The price of their own, without the discount")
    BOTH = "both", _("The price of their own, and the discount on it")


class Organisation(models.Model):
    """The settings of the business, one row.

    `price_policy` and `coupons_on_book_prices` say how a price out of a book goes together with the discount of a tier
    and with coupons. Of the brand: `second_colour` and `card_pattern` may be empty (the colour follows from the first,
    the pattern from the trade); `logo_ground` is the colour on which the logo is seen; `brand_before` is what the last
    change replaced.
    """

    name = models.CharField(_("name"), max_length=80)
    trade = models.CharField(_("kind of business"), max_length=20, choices=Trade.choices, default=Trade.RETAIL)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ENGLISH)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    country = models.CharField(_("country"), max_length=2, default="CN")
    accent = models.CharField(_("brand colour"), max_length=7, default="#b4532a")
    second_colour = models.CharField(_("second colour"), max_length=7, blank=True, default="")
    card_pattern = models.CharField(
        _("pattern of the card"), max_length=20, choices=CardPattern.choices, blank=True, default=""
    )
    logo = models.FileField(_("logo"), upload_to="brand", max_length=120, blank=True, default="", editable=False)
    logo_square = models.FileField(upload_to="brand", max_length=120, blank=True, default="", editable=False)
    logo_ground = models.CharField(max_length=7, blank=True, default="", editable=False)
    brand_before = models.JSONField(default=dict, blank=True, editable=False)
    contact_email = models.EmailField(_("contact e-mail"), blank=True, default="")
    price_policy = models.CharField(
        _("prices and discounts"), max_length=10, choices=PricePolicy.choices, default=PricePolicy.BEST
    )
    coupons_on_book_prices = models.BooleanField(_("coupons count on own prices"), default=True)
    payment_code = models.CharField(_("payment code"), max_length=500, blank=True, default="", db_default="")
    payment_code_name = models.CharField(
        _("name of the payment code"), max_length=40, blank=True, default="", db_default=""
    )
    is_published = models.BooleanField(_("site looked over"), default=False)
    is_practice = models.BooleanField(_("for practice"), default=False, editable=False)

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("business")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="organisation_one_row")]

    def __str__(self) -> str:
        return self.name

    @property
    def pattern(self) -> str:
        """The pattern of the member card: the one chosen, else that of the trade."""
        return self.card_pattern or self.trade

    @property
    def brand_version(self) -> str:
        """Changes with every change of logo or colours: it stands in the addresses of style sheets and pictures."""
        seen = (self.accent, self.second_colour, self.pattern, str(self.logo), str(self.logo_square), self.logo_ground)
        return hashlib.sha256("|".join(seen).encode()).hexdigest()[:12]

    @property
    def logo_url(self) -> str:
        """Where the logo is shown on this business's host, empty where it has none."""
        return f"{reverse('portal:logo')}?v={self.brand_version}" if self.logo else ""

    @property
    def mark_url(self) -> str:
        """The same for its square twin, which stands beside the name."""
        return f"{reverse('portal:mark')}?v={self.brand_version}" if self.logo_square else ""

    @property
    def mail_logo_address(self) -> str:
        """Where mail programs find the logo, whole address; empty for a drawing, which they do not show."""
        from regulars import hooks, plugins

        if not self.logo or str(self.logo).endswith(".svg"):
            return ""
        return plugins.first(hooks.site_address, path=self.logo_url) or ""


class Region(models.Model):
    """A part of the business that somebody leads: a city, a province, a country. Regions may lie in regions."""

    public_id = PublicIdField(prefix="reg")
    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="organisation_region_public_id"),
            models.UniqueConstraint(fields=["name"], name="organisation_region_name"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=models.F("id")), name="organisation_region_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    """A place where the business sells; `zone` only where it differs from the business's."""

    public_id = PublicIdField(prefix="brn")
    name = models.CharField(_("name"), max_length=80)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="branches", verbose_name=_("region")
    )
    address = models.CharField(_("address"), max_length=200, blank=True, default="")
    zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="organisation_branch_public_id"),
            models.UniqueConstraint(fields=["name"], name="organisation_branch_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Terminal(models.Model):
    """A till at a branch, or another system that speaks for it by a token (see the room `api`)."""

    public_id = PublicIdField(prefix="ter")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="terminals", verbose_name=_("branch"))
    name = models.CharField(_("name"), max_length=60)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("terminal")
        verbose_name_plural = _("terminals")
        constraints = [models.UniqueConstraint(fields=["public_id"], name="organisation_terminal_public_id")]

    def __str__(self) -> str:
        return f"{self.branch} · {self.name}"


class Role(models.TextChoices):
    """The roles that every business has; what each may do stands in `permissions.py`."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    CASHIER = "cashier", _("Cashier")
    MARKETER = "marketer", _("Marketer")
    SERVICE = "service", _("Service agent")
    ACCOUNTANT = "accountant", _("Accountant")
    READER = "reader", _("Read-only")
    CUSTOM = "custom", _("Own role")


class CustomRole(models.Model):
    """A role that the business made itself: a name and the codes of what it may do."""

    public_id = PublicIdField(prefix="rol")
    name = models.CharField(_("name"), max_length=60)
    permissions = models.JSONField(_("permissions"), default=list)

    class Meta:
        verbose_name = _("own role")
        verbose_name_plural = _("own roles")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="organisation_role_public_id"),
            models.UniqueConstraint(fields=["name"], name="organisation_role_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Staff(models.Model):
    """A person who works here: a role, and where it holds. Neither region nor branch means the whole business.

    `pin_hash` is a hash of the code by which the person takes over a shared till, empty for none; `pin_failures` how
    often a wrong one was entered since the last right one, lately at `pin_failed_at`.
    """

    public_id = PublicIdField(prefix="stf")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff")
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    custom_role = models.ForeignKey(
        CustomRole, on_delete=models.PROTECT, null=True, blank=True, related_name="staff", verbose_name=_("own role")
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="staff", verbose_name=_("region")
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, blank=True, related_name="staff", verbose_name=_("branch")
    )
    pin_hash = models.CharField(max_length=128, blank=True, default="", editable=False)
    pin_failures = models.PositiveSmallIntegerField(default=0, editable=False)
    pin_failed_at = models.DateTimeField(null=True, editable=False)
    appointed_at = models.DateTimeField(_("appointed"), default=clock.now)
    is_active = models.BooleanField(_("active"), default=True)
    tours_seen = models.JSONField(default=list, editable=False)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="organisation_staff_public_id"),
            models.CheckConstraint(
                condition=Q(region__isnull=True) | Q(branch__isnull=True), name="organisation_staff_one_scope"
            ),
            models.CheckConstraint(
                condition=Q(role="custom", custom_role__isnull=False)
                | (~Q(role="custom") & Q(custom_role__isnull=True)),
                name="organisation_staff_custom_role",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_name(self) -> str:
        """The role in words."""
        return self.custom_role.name if self.custom_role is not None else str(self.get_role_display())


class Invitation(models.Model):
    """A link by which somebody who was appointed chooses a password, once; only the hash of its token is kept."""

    public_id = PublicIdField(prefix="inv")
    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="invitation")
    token_hash = models.CharField(max_length=64, editable=False)
    sent_at = models.DateTimeField(_("sent"))
    expires_at = models.DateTimeField(_("ends"))
    accepted_at = models.DateTimeField(_("accepted"), null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="organisation_invitation_public_id"),
            models.UniqueConstraint(fields=["token_hash"], name="organisation_invitation_token"),
        ]

    def __str__(self) -> str:
        return str(self.staff)


class PluginState(models.TextChoices):
    """Off answers 404 and keeps its data; closing sells nothing new but honours what members own."""

    OFF = "off", _("Off")
    ON = "on", _("On")
    CLOSING = "closing", _("Closing")


class EnabledPlugin(models.Model):
    """Whether a module is on in this business, and what is set about it; no row means off and nothing set."""

    name = models.CharField(_("module"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=PluginState.choices, default=PluginState.OFF)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.CharField(_("changed by"), max_length=80, blank=True, default="")
    settings = models.JSONField(_("settings"), default=dict)

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        constraints = [models.UniqueConstraint(fields=["name"], name="organisation_plugin_name")]

    def __str__(self) -> str:
        return self.name


class ApprovalLimit(models.Model):
    """Up to which amount a role does an act alone; beyond it somebody else has to approve.

    `role` empty is everybody who has no limit of their own, `branch` empty every branch, `limit` empty no limit at all.
    Where none stands, the act's own defaults hold (`approvals.registry`). Owners have no limit.
    """

    act = models.CharField(_("act"), max_length=60)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, blank=True, default="")
    custom_role = models.ForeignKey(
        CustomRole,
        on_delete=models.CASCADE,
        null=True,
        related_name="limits",
        db_index=False,
        verbose_name=_("own role"),
    )
    branch = models.ForeignKey(
        Branch, on_delete=models.CASCADE, null=True, related_name="limits", db_index=False, verbose_name=_("branch")
    )
    limit = models.BigIntegerField(_("limit"), null=True)

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")
        constraints = [
            models.UniqueConstraint(
                fields=["act", "role", "custom_role", "branch"], name="organisation_limit_one", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(limit__isnull=True) | Q(limit__gte=0), name="organisation_limit_amount"),
            models.CheckConstraint(condition=~Q(role="owner"), name="organisation_limit_not_owner"),
            models.CheckConstraint(
                condition=Q(role="custom", custom_role__isnull=False)
                | (~Q(role="custom") & Q(custom_role__isnull=True)),
                name="organisation_limit_custom_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} · {self.custom_role or self.role}"


class ApprovalState(models.TextChoices):
    """Only what is asked for can still be decided; the other four are for good."""

    REQUESTED = "requested", _("Waiting")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    EXPIRED = "expired", _("Expired")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Approval(models.Model):
    """An act beyond somebody's limit: who asked for what, and who decided. Nobody approves what they asked for.

    `payload` is what the act is done with once it is approved, `subject` the public id of the record it is about,
    `key` what makes asking safe to repeat, `result` the public id of what the act made.
    """

    public_id = PublicIdField(prefix="apv")
    act = models.CharField(_("act"), max_length=60)
    unit = models.CharField(_("unit"), max_length=10)
    amount = models.BigIntegerField(_("amount"))
    payload = models.JSONField(default=dict)
    subject = models.CharField(_("about"), max_length=80, blank=True, default="")
    branch = models.ForeignKey(
        Branch, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("branch")
    )
    reason = models.CharField(_("reason"), max_length=200)
    key = models.CharField(max_length=80)
    requested_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("asked by")
    )
    requested_at = models.DateTimeField(_("asked"))
    expires_at = models.DateTimeField(_("expires"))
    state = models.CharField(_("state"), max_length=10, choices=ApprovalState.choices, default=ApprovalState.REQUESTED)
    decided_by = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    result = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="organisation_approval_public_id"),
            models.UniqueConstraint(fields=["key"], name="organisation_approval_key"),
            models.UniqueConstraint(
                fields=["act", "subject"],
                name="organisation_approval_one_waiting",
                condition=Q(state="requested") & ~Q(subject=""),
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("requested_by")),
                name="organisation_approval_not_own",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["approved", "refused"], decided_by__isnull=False, decided_at__isnull=False)
                | Q(state__in=["expired", "withdrawn"], decided_by__isnull=True, decided_at__isnull=False),
                name="organisation_approval_decided",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="organisation_approval_amount"),
        ]
        indexes = [
            models.Index(fields=["expires_at"], name="organisation_approval_waiting", condition=Q(state="requested")),
            models.Index(fields=["subject"], name="organisation_approval_subject", condition=~Q(subject="")),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be decided, unless its time is over."""
        return self.state == ApprovalState.REQUESTED
