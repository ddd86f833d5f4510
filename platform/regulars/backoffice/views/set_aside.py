"""Work that failed too often and waits for a person: what it was, and trying it again."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars import clock
from regulars.backoffice.views.acts import ActPage, actor_of
from regulars.operations import services, trail
from regulars.operations.attention import PERMISSION
from regulars.operations.selectors import set_aside


class SetAside(ActPage):
    """What each listener could not take, and one button to let all of it be tried again."""

    form_class = Form
    template_name = "backoffice/set_aside.html"
    success_url = reverse_lazy("backoffice:set_aside")
    page_title = gettext_lazy("Work that failed")
    header_icon = "warning"
    permission = PERMISSION

    def act(self, form: Any) -> int:
        """Let it be tried again from now."""
        tried = services.retry_set_aside(now=clock.now())
        trail.record(act="work.retried", actor=actor_of(self.request), detail={"count": tried})
        return tried

    def words_of_success(self, done: int) -> str:
        """How much is tried again."""
        words = ngettext("%(count)s piece of work is tried again.", "%(count)s pieces of work are tried again.", done)
        return words % {"count": done} if done else _("Nothing was waiting.")

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """The newest of it."""
        found: dict[str, Any] = super().get_context_data(deliveries=set_aside(), **context)
        return found
