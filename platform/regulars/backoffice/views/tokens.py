"""Tokens of other systems: which there are and when each was last used, making one, revoking one."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from regulars.api import selectors, services
from regulars.api.forms import TokenForm
from regulars.api.models import Token
from regulars.api.scopes import BY_CODE
from regulars.backoffice.views.acts import ActPage, OfficePage
from regulars.errors import NotFound, RegularsError

TOKENS = reverse_lazy("office_tokens:tokens")


class Tokens(OfficePage):
    """Every token with its till, its person and what it may do; those in use first."""

    template_name = "backoffice/tokens.html"
    page_title = gettext_lazy("Tokens")
    header_icon = "key"
    permission = services.PERMISSION

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """A row for each, one question however many they are."""
        rows = [(token, words_of(token)) for token in selectors.tokens()]
        found: dict[str, Any] = super().get_context_data(rows=rows, **context)
        return found


class NewToken(ActPage):
    """Make a token; the page that answers shows it, this once."""

    form_class = TokenForm
    success_url = TOKENS
    page_title = gettext_lazy("New token")
    header_icon = "key"
    permission = services.PERMISSION
    trail = ((TOKENS, gettext_lazy("Tokens")),)
    submit_label = gettext_lazy("Make the token")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Who gives."""
        return {**super().get_form_kwargs(), "giver": self.staff}

    def form_valid(self, form: Form) -> HttpResponse:
        """Make it and show it: in this answer alone, which nothing keeps."""
        try:
            token, secret = services.make_token(by=self.staff, **form.cleaned_data)
        except RegularsError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        self.template_name = "backoffice/token_made.html"
        shown = self.get_context_data(form=form, token=token, secret=secret, may_do=words_of(token))
        return self.render_to_response(shown)


class RevokeToken(OfficePage):
    """End a token for good."""

    permission = services.PERMISSION
    http_method_names = ["post"]

    def post(self, request: HttpRequest, public_id: str) -> HttpResponse:
        """Do it and say so. 404 for a token that is none."""
        try:
            token = services.revoke_token(token=selectors.token_by_public_id(public_id), by=self.staff)
        except NotFound:
            raise Http404 from None
        messages.success(request, _("“%(token)s” is revoked. Whoever calls with it is nobody now.") % {"token": token})
        return HttpResponseRedirect(reverse("office_tokens:tokens"))


def words_of(token: Token) -> list[str]:
    """What a token may do, in words."""
    return [str(BY_CODE[code].label) if code in BY_CODE else code for code in token.scopes]
