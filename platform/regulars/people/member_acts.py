"""What is done to members from their list and their page: tags, a move, points."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages

from regulars.backoffice.bulk import ActForm, BulkAct
from regulars.backoffice.needs import admitted
from regulars.errors import NotFound, RegularsError
from regulars.loyalty.coupons.forms import templates_to_give
from regulars.money import LARGEST_AMOUNT
from regulars.organisation.approvals import exceeds
from regulars.organisation.models import Branch, Staff
from regulars.people import tags
from regulars.people.job_kinds import MOST_POINTS
from regulars.people.selectors import member_by_public_id


class TagForm(ActForm):
    """One of the tags there are."""

    tag = forms.ChoiceField(label=gettext_lazy("Tag"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tag"].choices = [(tag.public_id, tag.name) for tag in tags.all_tags()]  # type: ignore[attr-defined]


class NewTagForm(ActForm):
    """A tag there is, or a new one by its name."""

    name = forms.CharField(
        label=gettext_lazy("Tag"),
        max_length=tags.LONGEST,
        help_text=gettext_lazy("A word that your team understands, for example “VIP”. A new one is made if need be."),
        widget=forms.TextInput(attrs={"list": "office-tags", "autocomplete": "off"}),
    )

    def suggestions(self) -> list[str]:
        """The names of the tags there are."""
        return [tag.name for tag in tags.all_tags()]

    def params(self) -> dict[str, Any]:
        """The name; the tag is made when the work begins."""
        return {"name": self.cleaned_data["name"]}


class MoveForm(ActForm):
    """One of the branches in the scope of whoever asks."""

    branch = forms.ChoiceField(label=gettext_lazy("Branch"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        branches = self.asker.scope.limit(Branch.objects.filter(is_open=True), "")
        self.fields["branch"].choices = list(branches.values_list("public_id", "name"))  # type: ignore[attr-defined]


class PointsForm(ActForm):
    """How many points for each, and why."""

    direction = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[("give", gettext_lazy("Give points")), ("take", gettext_lazy("Take points"))],
        initial="give",
    )
    points = forms.IntegerField(label=gettext_lazy("Points for each"), min_value=1, max_value=MOST_POINTS)
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=200, help_text=gettext_lazy("The member reads it beside the points.")
    )

    def params(self) -> dict[str, Any]:
        """Points below zero are taken."""
        points = self.cleaned_data["points"]
        is_given = self.cleaned_data["direction"] == "give"
        return {"points": points if is_given else -points, "reason": self.cleaned_data["reason"]}

    def amount(self, count: int) -> int:
        """All points together."""
        return int(self.cleaned_data["points"]) * count

    def weighed(self, by: Staff, branch: Branch | None) -> int | None:
        """What nobody may give one member alone needs approval for many too, however few they are."""
        is_beyond = exceeds(by, "points.adjust", int(self.cleaned_data["points"]), branch=branch)
        return LARGEST_AMOUNT if is_beyond else None


class CouponForm(ActForm):
    """One of the coupons in use."""

    template = forms.ChoiceField(label=gettext_lazy("Coupon"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["template"].choices = [(one.public_id, str(one)) for one in templates_to_give()]  # type: ignore[attr-defined]


MEMBER_ACTS = (
    BulkAct(
        code="tag",
        label=gettext_lazy("Put a tag on"),
        help=gettext_lazy("A tag makes these members easy to find again."),
        kind="members.tag",
        permission="members.change",
        form=NewTagForm,
        icon="tag",
    ),
    BulkAct(
        code="untag",
        label=gettext_lazy("Take a tag off"),
        help=gettext_lazy("Those who do not have the tag stay as they are."),
        kind="members.untag",
        permission="members.change",
        form=TagForm,
        icon="tag",
    ),
    BulkAct(
        code="move",
        label=gettext_lazy("Move to a branch"),
        help=gettext_lazy("The branch becomes their home: whoever works only there then sees them."),
        kind="members.move",
        permission="members.change",
        form=MoveForm,
        icon="branch",
    ),
    BulkAct(
        code="points",
        label=gettext_lazy("Give or take points"),
        help=gettext_lazy("Each member gets or loses the same number of points, with a line in their history."),
        kind="members.points",
        permission="points.adjust",
        form=PointsForm,
        icon="points",
        approval="points.adjust_many",
    ),
    BulkAct(
        code="coupon",
        label=gettext_lazy("Give a coupon"),
        help=gettext_lazy("Each member finds it among their coupons. Whoever may have no more of it is passed over."),
        kind="members.coupon",
        permission="loyalty.change",
        form=CouponForm,
        icon="coupon",
    ),
)


class TagAct(View):
    """Put a tag on one member or take it off."""

    permission = ""
    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str, act: str) -> HttpResponse:
        """`act` is `add` (field `name`) or `remove` (field `tag`). Raises `Http404` beyond one's scope."""
        staff, scope = admitted(request, self.permission)
        try:
            member = member_by_public_id(code)
            if not scope.covers(member.branch) or act not in {"add", "remove"}:
                raise NotFound
            if act == "add":
                tag = tags.tag_named(name=request.POST.get("name", ""), by=staff.public_id)
                tags.tag_member(member=member, tag=tag, by=staff.public_id)
                messages.success(request, _("“%(tag)s” was put on this member.") % {"tag": tag.name})
            else:
                tag = tags.tag_by_public_id(request.POST.get("tag", ""))
                tags.untag_member(member=member, tag=tag, by=staff.public_id)
                messages.success(request, _("“%(tag)s” was taken off this member.") % {"tag": tag.name})
        except NotFound:
            raise Http404 from None
        except RegularsError as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("office_members:inspect", args=(member.public_id,)))
