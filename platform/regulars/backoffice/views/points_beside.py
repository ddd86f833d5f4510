"""Beside the rules: tasks and who did them, causes, and what holds for all points."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from regulars.backoffice.views.acts import ActPage, OfficePage, actor_of
from regulars.loyalty.models import Cause, Task
from regulars.loyalty.points import gifts, tasks
from regulars.loyalty.points.side_forms import CauseForm, PointsSettingsForm, TaskDoneForm, TaskForm
from regulars.organisation.permissions import allows

LOYALTY = reverse_lazy("office_loyalty:programme")
BESIDE = reverse_lazy("office_loyalty:beside")
TRAIL = ((LOYALTY, gettext_lazy("Loyalty")), (BESIDE, gettext_lazy("Tasks, gifts and causes")))


class Beside(OfficePage):
    """Tasks, causes and the settings of points."""

    template_name = "backoffice/points_beside.html"
    page_title = gettext_lazy("Tasks, gifts and causes")
    header_icon = "points"
    permission = "loyalty.view"
    trail = TRAIL[:1]

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """What there is."""
        causes = [{"cause": cause, "donated": gifts.donated(cause)} for cause in Cause.objects.order_by("pk")]
        found: dict[str, Any] = super().get_context_data(
            tasks=Task.objects.select_related("rule").order_by("pk"),
            causes=causes,
            rules=gifts.points_settings(),
            may_change=allows(self.staff, "loyalty.change"),
            may_give=allows(self.staff, "points.adjust"),
            **context,
        )
        return found


class TaskPage(ActPage):
    """One task: a new one, or the one the address names."""

    form_class = TaskForm
    success_url = BESIDE
    header_icon = "points"
    permission = "loyalty.change"
    trail = TRAIL
    fields_of_refusals = {"words": "name_en"}

    @cached_property
    def task(self) -> Task | None:
        """The task to change, None for a new one."""
        named = self.kwargs.get("public_id")
        return None if named is None else _task(named)

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.task) if self.task else _("New task")

    @property
    def history_of(self) -> str:
        """The task."""
        return str(self.task.public_id) if self.task else ""

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the task."""
        return {**super().get_form_kwargs(), "task": self.task}

    def act(self, form: Any) -> Task:
        """Save it through the service."""
        typed = form.cleaned_data
        kept = {name: typed[name] for name in ("code", "points", "period", "is_active")}
        return tasks.save_task(task=self.task, words=form.words(), by=actor_of(self.request), **kept)


class TaskDone(ActPage):
    """Say that a member has done a task."""

    form_class = TaskDoneForm
    success_url = BESIDE
    header_icon = "points"
    permission = "points.adjust"
    trail = TRAIL
    submit_label = gettext_lazy("Give the points")

    def get_page_title(self) -> str:
        """Which task."""
        return _("Done: %(task)s") % {"task": _task(self.kwargs["public_id"])}

    def act(self, form: Any) -> tasks.TaskDone:
        """Give the reward through the service."""
        task = _task(self.kwargs["public_id"])
        return tasks.mark_done(task=task, member=form.whom(self.scope), by=actor_of(self.request))

    def words_of_success(self, done: tasks.TaskDone) -> str:
        """What it brought."""
        if not done.points:
            return _("This was noted before: the points come once in their time.")
        return ngettext("%(points)s point is given.", "%(points)s points are given.", done.points) % {
            "points": done.points
        }


class CausePage(ActPage):
    """One cause: a new one, or the one the address names."""

    form_class = CauseForm
    success_url = BESIDE
    header_icon = "points"
    permission = "loyalty.change"
    trail = TRAIL
    fields_of_refusals = {"words": "name_en"}

    @cached_property
    def cause(self) -> Cause | None:
        """The cause to change, None for a new one."""
        named = self.kwargs.get("public_id")
        if named is None:
            return None
        found = Cause.objects.filter(public_id=named[:24]).first()
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        """Its name."""
        return str(self.cause) if self.cause else _("New cause")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form knows the cause."""
        return {**super().get_form_kwargs(), "cause": self.cause}

    def act(self, form: Any) -> Cause:
        """Save it through the service."""
        kept = form.cleaned_data["is_active"]
        return gifts.save_cause(cause=self.cause, words=form.words(), is_active=kept, by=actor_of(self.request))


class PointsSettingsPage(ActPage):
    """What holds for all points."""

    form_class = PointsSettingsForm
    success_url = BESIDE
    header_icon = "points"
    permission = "loyalty.change"
    trail = TRAIL
    page_title = gettext_lazy("Settings of points")

    def act(self, form: Any) -> Any:
        """Save it through the service."""
        return gifts.change_points_settings(by=actor_of(self.request), **form.cleaned_data)


def _task(public_id: str) -> Task:
    found = Task.objects.select_related("rule").filter(public_id=public_id[:24]).first()
    if found is None:
        raise Http404
    return found


ADDRESSES = [
    path("points/", Beside.as_view(), name="beside"),
    path("points/settings/", PointsSettingsPage.as_view(), name="points_settings"),
    path("points/tasks/new/", TaskPage.as_view(), name="new_task"),
    path("points/tasks/<slug:public_id>/", TaskPage.as_view(), name="task"),
    path("points/tasks/<slug:public_id>/done/", TaskDone.as_view(), name="task_done"),
    path("points/causes/new/", CausePage.as_view(), name="new_cause"),
    path("points/causes/<slug:public_id>/", CausePage.as_view(), name="cause"),
]
