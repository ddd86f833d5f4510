"""The business itself: what it is called, where it sells, who works there and which modules it switched on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

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


class Organisation(models.Model):
    """The settings of the business, one row."""

    name = models.CharField(_("name"), max_length=80)
    trade = models.CharField(_("kind of business"), max_length=20, choices=Trade.choices, default=Trade.RETAIL)
    language = models.CharField(_("language"), max_length=10, choices=Language.choices, default=Language.ENGLISH)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    zone = models.CharField(_("time zone"), max_length=64, default="Asia/Shanghai")
    country = models.CharField(_("country"), max_length=2, default="CN")
    accent = models.CharField(_("brand colour"), max_length=7, default="#b4532a")
    contact_email = models.EmailField(_("contact e-mail"), blank=True, default="")
    is_published = models.BooleanField(_("site looked over"), default=False)

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("business")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="organisation_one_row")]

    def __str__(self) -> str:
        return self.name


class Branch(models.Model):
    """A place where the business sells; `zone` only where it differs from the business's."""

    public_id = PublicIdField(prefix="brn")
    name = models.CharField(_("name"), max_length=80)
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
    """A till at a branch, or another system that speaks for it; only the hash of its token is kept."""

    public_id = PublicIdField(prefix="ter")
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="terminals", verbose_name=_("branch"))
    name = models.CharField(_("name"), max_length=60)
    token_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("terminal")
        verbose_name_plural = _("terminals")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="organisation_terminal_public_id"),
            models.UniqueConstraint(
                fields=["token_hash"], name="organisation_terminal_token", condition=~Q(token_hash="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.branch} · {self.name}"


class Role(models.TextChoices):
    """What a member of staff may do; the finer table comes with the team's own pages."""

    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    CASHIER = "cashier", _("Cashier")


class Staff(models.Model):
    """A person who works here. `branch` empty means the whole business."""

    public_id = PublicIdField(prefix="stf")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff")
    name = models.CharField(_("name"), max_length=80)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, null=True, blank=True, related_name="staff")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        constraints = [models.UniqueConstraint(fields=["public_id"], name="organisation_staff_public_id")]

    def __str__(self) -> str:
        return self.name


class PluginState(models.TextChoices):
    """Off answers 404 and keeps its data; closing sells nothing new but honours what members own."""

    OFF = "off", _("Off")
    ON = "on", _("On")
    CLOSING = "closing", _("Closing")


class EnabledPlugin(models.Model):
    """Whether a module is on in this business; no row means off."""

    name = models.CharField(_("module"), max_length=60)
    state = models.CharField(_("state"), max_length=10, choices=PluginState.choices, default=PluginState.OFF)
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.CharField(_("changed by"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        constraints = [models.UniqueConstraint(fields=["name"], name="organisation_plugin_name")]

    def __str__(self) -> str:
        return self.name
