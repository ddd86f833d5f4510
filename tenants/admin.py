"""The operator's console: which businesses there are and how they stand. What changes one goes through the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import AuthenticationForm

from regulars.errors import TooMany
from tenants import limits, services
from tenants.models import Business, BusinessState, Domain


class OperatorSignIn(AuthenticationForm):  # type: ignore[misc]
    """The door of the console: whoever holds it holds every business, so nobody may try passwords without end.

    The library by which staff sign in has its tables in businesses only; operators are known to Django alone.
    """

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then look at the password."""
        try:
            limits.count(self.request, limits.operator_sign_ins())
        except TooMany as refusal:
            raise ValidationError(str(refusal.message)) from refusal
        found: dict[str, Any] = self.cleaned_data
        if found.get("username") and found.get("password"):
            user = ModelBackend().authenticate(self.request, username=found["username"], password=found["password"])
            if user is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(user)
            self.user_cache = user
            user.backend = f"{ModelBackend.__module__}.{ModelBackend.__qualname__}"
        return found


admin.site.login_form = OperatorSignIn


class ReadOnly:
    """Looked at, never edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Businesses are opened by sign-up or by command."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is typed over here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deleting takes notice and a command."""
        return False


class DomainInline(ReadOnly, TabularInline):  # type: ignore[misc]
    """The hosts of a business."""

    model = Domain
    fields = ("domain", "is_primary")
    extra = 0


@admin.register(Business)
class BusinessAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]
    """Businesses with their trial and state, to be archived or opened again."""

    list_display = ("name", "slug", "trade", "language", "state", "opened_at", "trial_ends_at")
    list_filter = ("state", "trade", "language")
    search_fields = ("name", "slug", "owner_email", "public_id", "schema_name")
    ordering = ("-opened_at",)
    inlines = (DomainInline,)
    actions = ("archive", "reopen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Business]:
        """Businesses; a practice place is none and is counted nowhere."""
        found: QuerySet[Business] = super().get_queryset(request)
        return found.filter(practice_of=None)

    @admin.action(description=gettext_lazy("Archive: out of reach, data kept"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Business]) -> None:
        """Close the chosen businesses."""
        chosen = list(queryset.filter(state=BusinessState.OPEN))
        for business in chosen:
            services.close_business(business=business, by=_operator(request))
        said = ngettext("%(count)s business was archived.", "%(count)s businesses were archived.", len(chosen))
        messages.success(request, said % {"count": len(chosen)})

    @admin.action(description=gettext_lazy("Open again"))
    def reopen(self, request: HttpRequest, queryset: QuerySet[Business]) -> None:
        """Open the chosen businesses again."""
        chosen = list(queryset.filter(state=BusinessState.ARCHIVED))
        for business in chosen:
            services.reopen_business(business=business, by=_operator(request))
        messages.success(request, _("%(count)s opened again.") % {"count": len(chosen)})

    def get_actions(self, request: HttpRequest) -> Any:
        """The acts are offered to superusers alone."""
        return super().get_actions(request) if request.user.is_superuser else {}


def _operator(request: HttpRequest) -> str:
    return f"operator {request.user.get_username()}"
