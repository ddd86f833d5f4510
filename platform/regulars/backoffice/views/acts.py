"""A page with a form whose sending is an act of a room: the form never writes, the service does."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.generic import FormView, TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from regulars.backoffice.needs import admitted
from regulars.errors import RegularsError
from regulars.organisation.models import Staff
from regulars.organisation.scope import Scope
from regulars.organisation.selectors import staff_of


def actor_of(request: HttpRequest) -> str:
    """Who acts, as trails name them: the public id of the member of staff, else of the user."""
    staff = staff_of(request.user)
    return staff.public_id if staff else request.user.get_username()


class OfficePage(WagtailAdminTemplateMixin, TemplateView):  # type: ignore[misc]
    """A page for those who hold a permission; `staff` and `scope` are who asks and where it holds."""

    permission = ""
    staff: Staff
    scope: Scope
    page_title: str | Promise = ""
    header_icon = ""
    trail: tuple[tuple[str | Promise, str | Promise], ...] = ()

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Raises `PermissionDenied` for a role without the right."""
        self.staff, self.scope = admitted(request, self.permission)
        response = super().dispatch(request, *args, **options)
        assert isinstance(response, HttpResponse)
        return response

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """The way here."""
        steps = [{"url": url, "label": label} for url, label in self.trail]
        return [*super().get_breadcrumbs_items(), *steps, {"url": "", "label": self.get_page_title()}]


class ActPage(OfficePage, FormView):  # type: ignore[type-arg]
    """A form and the act it asks for. A refusal is shown beside its field and nothing typed is lost."""

    template_name = "backoffice/form.html"
    success_message: str | Promise = _("Saved.")
    submit_label: str | Promise = _("Save")
    fields_of_refusals: dict[str, str] = {}

    @property
    def history_of(self) -> str:
        """The record whose history stands below the form, as the trail names it; empty for none."""
        return ""

    def act(self, form: Form) -> Any:
        """Call the service. Raises `RegularsError` where it refuses."""
        raise NotImplementedError

    def form_valid(self, form: Form) -> HttpResponse:
        """Do it and say what was done, or show why not."""
        try:
            done = self.act(form)
        except RegularsError as refusal:
            field = self.fields_of_refusals.get(refusal.field, refusal.field)
            form.add_error(field if field in form.fields else None, str(refusal))
            return self.form_invalid(form)
        messages.success(self.request, self.words_of_success(done))
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: Form) -> HttpResponse:
        """The form again, with its errors, answered 422."""
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response

    def words_of_success(self, done: Any) -> str:
        """What changed, in words."""
        return str(self.success_message)

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Adds the words on the button."""
        found: dict[str, Any] = super().get_context_data(
            submit_label=self.submit_label, history_of=self.history_of, **context
        )
        return found
