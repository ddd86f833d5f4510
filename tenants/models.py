"""The businesses on this installation, where they are found, and the schemas kept ready for the next ones.

These tables live in the public schema and are always reached by their full name, from whichever business a thread is
in. Nothing here refers to a row of a business, and no row of a business refers here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from regulars.public_ids import PublicIdField


def in_public(table: str) -> str:
    """The name of a table with its schema, so that no search path can send it elsewhere."""
    return f'"public"."{table}"'


class BusinessState(models.TextChoices):
    """An archived business is out of reach but whole; it is deleted only after notice or at its owner's request."""

    OPEN = "open", _("Open")
    ARCHIVED = "archived", _("Archived")


class Business(TenantMixin):  # type: ignore[misc]
    """One business: its schema, its trial and what the middleware needs to enter it without a query.

    A practice place is one too, with a schema of its own: `practice_of` is the business whose staff practise there, and
    `practised_at` when somebody last went in.
    """

    auto_create_schema = False
    auto_drop_schema = False

    public_id = PublicIdField(prefix="biz")
    name = models.CharField(_("name"), max_length=80)
    slug = models.CharField(_("address"), max_length=63)
    trade = models.CharField(_("kind of business"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    zone = models.CharField(_("time zone"), max_length=64)
    owner_email = models.EmailField(_("owner's e-mail"))
    template_version = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=BusinessState.choices, default=BusinessState.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    trial_ends_at = models.DateTimeField(_("trial ends"))
    archived_at = models.DateTimeField(_("archived"), null=True)
    delete_after = models.DateField(_("may be deleted after"), null=True)
    practice_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="practice_place", verbose_name=_("practice place of")
    )
    practised_at = models.DateTimeField(_("last practised in"), null=True)

    class Meta:
        db_table = in_public("tenants_business")
        verbose_name = _("business")
        verbose_name_plural = _("businesses")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="tenants_business_public_id"),
            models.UniqueConstraint(Lower("slug"), name="tenants_business_slug"),
            models.CheckConstraint(
                condition=Q(practice_of__isnull=True, practised_at__isnull=True)
                | Q(practice_of__isnull=False, practised_at__isnull=False),
                name="tenants_business_practice",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Domain(DomainMixin):  # type: ignore[misc]
    """A host name of a business, lower case, without port."""

    class Meta:
        db_table = in_public("tenants_domain")
        verbose_name = _("domain")
        verbose_name_plural = _("domains")

    def __str__(self) -> str:
        return str(self.domain)


class Template(models.Model):
    """What a fresh business's schema is: one script of DDL and seed rows, made from the migrations of this version.

    `seeds` holds, by `trade:language`, the rows that the preset of that trade adds, as one script each.
    """

    version = models.CharField(max_length=64)
    script = models.TextField()
    seeds = models.JSONField(default=dict)
    built_at = models.DateTimeField()

    class Meta:
        db_table = in_public("tenants_template")
        constraints = [models.UniqueConstraint(fields=["version"], name="tenants_template_version")]

    def __str__(self) -> str:
        return self.version


class PoolSchema(models.Model):
    """A schema made ahead of the sign-up that will take it; dropped when its template is old."""

    schema_name = models.CharField(max_length=63)
    version = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        db_table = in_public("tenants_pool_schema")
        constraints = [models.UniqueConstraint(fields=["schema_name"], name="tenants_pool_schema_name")]

    def __str__(self) -> str:
        return self.schema_name


class WorkHint(models.Model):
    """The earliest instant at which a business has work due: a projection, repaired by a slow sweep if lost."""

    schema_name = models.CharField(max_length=63, primary_key=True, db_index=False)
    due_at = models.DateTimeField()

    class Meta:
        db_table = in_public("tenants_work_hint")
        indexes = [models.Index(fields=["due_at"], name="tenants_work_hint_due")]

    def __str__(self) -> str:
        return self.schema_name


class ChainHead(models.Model):
    """The newest link of a chain of seals in a business, kept outside of it: who replaces the whole chain is found."""

    schema_name = models.CharField(max_length=63, db_index=False)
    chain = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    noted_at = models.DateTimeField()

    class Meta:
        db_table = in_public("tenants_chain_head")
        constraints = [models.UniqueConstraint(fields=["schema_name", "chain"], name="tenants_chain_head_once")]

    def __str__(self) -> str:
        return f"{self.schema_name} {self.chain} {self.number}"


class EmailConfirmation(models.Model):
    """An owner's e-mail waiting to be confirmed; only the hash of the link's token is kept."""

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="confirmations")
    token_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = in_public("tenants_email_confirmation")
        constraints = [
            models.UniqueConstraint(fields=["token_hash"], name="tenants_confirmation_token"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("sent_at")), name="tenants_confirmation_times"),
        ]

    def __str__(self) -> str:
        return self.token_hash
