"""Members and what identifies them. A member is a person, a card a credential, a wallet the owner of assets."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from regulars.people.month_days import MonthDay
from regulars.public_ids import PublicIdField
from regulars.words import in_language


class Wallet(models.Model):
    """Owns assets: points today, stored value and coupons as their rooms and plugins come."""

    public_id = PublicIdField(prefix="wal")
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        constraints = [models.UniqueConstraint(fields=["public_id"], name="people_wallet_public_id")]

    def __str__(self) -> str:
        return str(self.public_id)


class Source(models.TextChoices):
    """Where a member came from."""

    SITE = "site", _("Website")
    COUNTER = "counter", _("Counter")
    IMPORT = "import", _("Import")
    API = "api", _("Other system")


class AnswerKind(models.TextChoices):
    """What an answer is."""

    TEXT = "text", _("A text")
    CHOICE = "choice", _("One choice")
    CHOICES = "choices", _("Several choices")
    NUMBER = "number", _("A whole number")
    DATE = "date", _("A day")
    YES_NO = "yes_no", _("Yes or no")


class ProfileField(models.Model):
    """Something that a business asks of its members; see `regulars.people.profile`.

    `choices` are `{"code", "words"}` in their order, words by language; `is_shown` lets members read and answer it.
    """

    code = models.SlugField(_("code"), max_length=30, db_index=False)
    words = models.JSONField(_("question"), default=dict)
    kind = models.CharField(_("kind of answer"), max_length=10, choices=AnswerKind.choices)
    choices = models.JSONField(_("choices"), default=list)
    is_shown = models.BooleanField(_("members see and answer it themselves"), default=True)
    is_active = models.BooleanField(_("is asked"), default=True)
    position = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        verbose_name = _("question of the profile")
        verbose_name_plural = _("questions of the profile")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["code"], name="people_profilefield_code")]

    def __str__(self) -> str:
        return in_language(self.words) or str(self.code)


class Member(models.Model):
    """A person who joined. Phone (E.164) and e-mail (lower case) are kept in normal form, unique where given.

    `profile` has the answers to what the business asks, by code (see `regulars.people.profile`).
    """

    public_id = PublicIdField(prefix="mem")
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="members")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="member"
    )
    name = models.CharField(_("name"), max_length=80, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=20, blank=True, default="")
    email = models.EmailField(_("e-mail"), blank=True, default="")
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    birthday_entered_at = models.DateTimeField(_("birthday entered at"), null=True, editable=False)
    language = models.CharField(_("language"), max_length=10, default="en")
    source = models.CharField(_("joined through"), max_length=20, choices=Source.choices, default=Source.SITE)
    branch = models.ForeignKey(
        "organisation.Branch", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    joined_at = models.DateTimeField(_("joined at"))
    joined_on = models.DateField(_("joined on"))
    is_active = models.BooleanField(_("active"), default=True)
    profile = models.JSONField(_("profile"), default=dict, db_default=Value({}, models.JSONField()), editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["-joined_at"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="people_member_public_id"),
            models.UniqueConstraint(fields=["phone"], name="people_member_phone", condition=~Q(phone="")),
            models.UniqueConstraint(fields=["email"], name="people_member_email", condition=~Q(email="")),
            models.CheckConstraint(condition=~Q(phone="", email=""), name="people_member_reachable"),
        ]
        indexes = [
            models.Index(fields=["-joined_at"], name="people_member_joined"),
            models.Index(fields=["branch", "-joined_at"], name="people_member_branch"),
            models.Index(
                MonthDay("birthday"),
                name="people_member_birthdays",
                condition=Q(is_active=True, birthday__isnull=False),
            ),
            GinIndex(fields=["profile"], name="people_member_profile"),
            models.Index(MonthDay("joined_on"), name="people_member_join_days", condition=Q(is_active=True)),
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("email"), name="gin_trgm_ops"),
                OpClass(F("phone"), name="gin_trgm_ops"),
                name="people_member_search",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.phone or self.email


class CardState(models.TextChoices):
    """Lost and frozen refuse spending; a replaced or cancelled card can never come back."""

    ACTIVE = "active", _("Active")
    LOST = "lost", _("Reported lost")
    FROZEN = "frozen", _("Frozen")
    REPLACED = "replaced", _("Replaced")
    CANCELLED = "cancelled", _("Cancelled")


class Card(models.Model):
    """A credential: `number` is printed (its last digit is a check digit), `code` is what the QR says."""

    public_id = PublicIdField(prefix="crd")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="cards")
    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, related_name="cards")
    number = models.CharField(_("card number"), max_length=20)
    code = models.CharField(_("card code"), max_length=40, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=CardState.choices, default=CardState.ACTIVE)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("card")
        verbose_name_plural = _("cards")
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="people_card_public_id"),
            models.UniqueConstraint(fields=["number"], name="people_card_number"),
            models.UniqueConstraint(fields=["code"], name="people_card_code"),
        ]
        indexes = [GinIndex(OpClass(F("number"), name="gin_trgm_ops"), name="people_card_search")]

    def __str__(self) -> str:
        return self.number


class Tag(models.Model):
    """A word that staff put on members to find them again: "VIP", "allergic to nuts"."""

    public_id = PublicIdField(prefix="tag")
    name = models.CharField(_("tag"), max_length=40)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="people_tag_public_id"),
            models.UniqueConstraint(Upper("name"), name="people_tag_name"),
        ]

    def __str__(self) -> str:
        return self.name


class MemberTag(models.Model):
    """A tag on a member: since when, and who put it there (a public id)."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="taggings", db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="taggings")
    tagged_at = models.DateTimeField(_("since"))
    tagged_by = models.CharField(_("by"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("tag of a member")
        verbose_name_plural = _("tags of members")
        constraints = [models.UniqueConstraint(fields=["member", "tag"], name="people_membertag_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.tag_id}"


class MemberKey(models.Model):
    """The key with which personal values of a member are encrypted where they may never be changed: in the trail.

    `wrapped` is the key, itself encrypted; empty once it was destroyed, and with it everything it could read.
    """

    member = models.OneToOneField(Member, on_delete=models.PROTECT, primary_key=True, related_name="key")
    wrapped = models.CharField(max_length=120, editable=False)
    made_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("key of a member")
        verbose_name_plural = _("keys of members")
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True) | Q(wrapped=""), name="people_key_destroyed_is_gone"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ConsentPurpose(models.TextChoices):
    """What a member agreed to."""

    TERMS = "terms", _("Membership terms and privacy notice")
    MARKETING = "marketing", _("Offers and news")


class Consent(models.Model):
    """One act of agreeing or withdrawing, never changed; the newest per purpose and channel counts.

    Kept as proof: the words shown, their version and language, when, where and from which address.
    """

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    channel = models.CharField(max_length=10, blank=True, default="")
    is_given = models.BooleanField()
    words = models.TextField()
    version = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    source = models.CharField(max_length=20, choices=Source.choices)
    address = models.GenericIPAddressField(null=True, blank=True)
    given_at = models.DateTimeField()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["member", "purpose", "-given_at"], name="people_consent_latest")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.is_given}"


class SignInCode(models.Model):
    """A code sent to a phone or e-mail to prove who is there; only its hash is kept."""

    recipient = models.CharField(max_length=254)
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["recipient", "-sent_at"], name="people_code_recipient")]

    def __str__(self) -> str:
        return self.recipient
