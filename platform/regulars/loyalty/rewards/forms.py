"""The forms of a reward, its stock and the undoing of a redemption: they read and check, the services write."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy
from wagtail.admin.widgets import AdminDateInput
from wagtail.images.fields import WagtailImageField

from regulars.conditions.forms import ConditionField
from regulars.loyalty.coupons.models import CouponTemplate
from regulars.loyalty.rewards.models import (
    MOST_COLLECT_DAYS,
    MOST_PER_MEMBER,
    MOST_POINTS,
    MOST_STOCK,
    Reward,
    RewardKind,
)
from regulars.organisation.models import Branch

MOST_BYTES = 5 * 1024 * 1024


class PictureField(WagtailImageField):  # type: ignore[misc]
    """A picture as the library takes it, in few words; the check by content is Wagtail's."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=200, widget=forms.FileInput, **options)
        self.max_upload_size = MOST_BYTES
        self.max_upload_size_text = filesizeformat(MOST_BYTES)
        self.help_text = gettext_lazy("JPEG, PNG or WebP, at most 5 MB. A square middle part of it is shown.")


class RewardForm(forms.Form):
    """A reward in both languages: its price in points, for whom, from when to when, and where it is handed over."""

    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=40, required=False)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=40, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=RewardKind.choices)
    coupon = forms.ModelChoiceField(
        label=gettext_lazy("Coupon"),
        queryset=CouponTemplate.objects.none(),
        required=False,
        empty_label=gettext_lazy("None: it is handed over at the counter"),
        help_text=gettext_lazy("For a reward of the kind “Coupon”: the member has it in the portal at once."),
    )
    details_en = forms.CharField(label=gettext_lazy("Details in English"), max_length=300, required=False)
    details_zh = forms.CharField(label=gettext_lazy("Details in Chinese"), max_length=300, required=False)
    points = forms.IntegerField(label=gettext_lazy("Points"), min_value=1, max_value=MOST_POINTS)
    stock = forms.IntegerField(
        label=gettext_lazy("How many there are"),
        min_value=0,
        max_value=MOST_STOCK,
        required=False,
        help_text=gettext_lazy("Leave it empty where there is no end of it."),
    )
    per_member = forms.IntegerField(
        label=gettext_lazy("At most for one member"),
        min_value=1,
        max_value=MOST_PER_MEMBER,
        required=False,
        help_text=gettext_lazy("Leave it empty for as many as they like."),
    )
    offered_from = forms.DateField(label=gettext_lazy("From"), required=False, widget=AdminDateInput)
    offered_until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=AdminDateInput)
    collect_days = forms.IntegerField(
        label=gettext_lazy("Days to collect it"),
        min_value=0,
        max_value=MOST_COLLECT_DAYS,
        required=False,
        help_text=gettext_lazy("What is not collected by then goes back on the shelf, and the points to the member."),
    )
    branches = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Handed over at"),
        queryset=Branch.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: at every branch."),
    )
    condition = ConditionField(label=gettext_lazy("For whom"), required=False)
    picture = PictureField(label=gettext_lazy("Picture"))
    removes_picture = forms.BooleanField(label=gettext_lazy("Take the picture away"), required=False)
    alt_en = forms.CharField(
        label=gettext_lazy("What the picture shows, in English"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Read aloud to who cannot see it. Leave it empty where the name says it all."),
    )
    alt_zh = forms.CharField(label=gettext_lazy("What the picture shows, in Chinese"), max_length=120, required=False)
    is_active = forms.BooleanField(label=gettext_lazy("On the shelf"), required=False, initial=True)

    SECTIONS = (
        (
            gettext_lazy("The reward itself"),
            (
                "name_en",
                "name_zh",
                "details_en",
                "details_zh",
                "kind",
                "coupon",
                "picture",
                "removes_picture",
                "alt_en",
                "alt_zh",
            ),
        ),
        (gettext_lazy("What it costs"), ("points", "stock", "per_member")),
        (
            gettext_lazy("For whom, when and where"),
            ("condition", "offered_from", "offered_until", "branches", "collect_days", "is_active"),
        ),
    )

    def __init__(self, *args: Any, reward: Reward | None, **options: Any) -> None:
        super().__init__(*args, **{**options, "initial": _values_of(reward)})
        if reward is None or reward.picture_id is None:
            del self.fields["removes_picture"]
        branches = self.fields["branches"]
        assert isinstance(branches, forms.ModelMultipleChoiceField)
        branches.queryset = Branch.objects.filter(is_open=True).order_by("name")
        coupons = self.fields["coupon"]
        assert isinstance(coupons, forms.ModelChoiceField)
        kept = Q(pk=reward.coupon_id if reward is not None else None)
        coupons.queryset = CouponTemplate.objects.filter(Q(is_active=True) | kept)
        for name in ("name", "details", "alt"):
            self.fields[f"{name}_en"].widget.attrs["lang"] = "en"
            self.fields[f"{name}_zh"].widget.attrs["lang"] = "zh-hans"
        if reward is not None:
            del self.fields["stock"]

    @property
    def sections(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        """The fields under their headings, as the page shows them."""
        return [(title, [self[name] for name in names if name in self.fields]) for title, names in self.SECTIONS]

    def reward_values(self) -> dict[str, Any]:
        """What `rewards.shelving.save_reward` asks for."""
        values = self.cleaned_data
        names = ("kind", "coupon", "points", "per_member", "offered_from", "offered_until", "condition", "is_active")
        return {
            **{name: values[name] for name in names},
            "stock": values.get("stock"),
            "collect_days": values["collect_days"] or 0,
            "branches": list(values["branches"]),
            "words": {"en": values["name_en"], "zh-hans": values["name_zh"]},
            "details": {"en": values["details_en"], "zh-hans": values["details_zh"]},
            "picture": values["picture"] or None,
            "removes_picture": values.get("removes_picture", False),
            "picture_words": {"en": values["alt_en"], "zh-hans": values["alt_zh"]},
        }


class StockForm(forms.Form):
    """How many came or went."""

    stock = forms.IntegerField(
        label=gettext_lazy("How many came"),
        min_value=-MOST_STOCK,
        max_value=MOST_STOCK,
        required=False,
        help_text=gettext_lazy("Below zero where some are gone. Leave it empty where there is no end of it now."),
    )


class CancelForm(forms.Form):
    """Why a redemption is undone."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, help_text=gettext_lazy("The member reads it beside the points.")
    )


def _values_of(reward: Reward | None) -> dict[str, Any]:
    if reward is None:
        return {"kind": RewardKind.GOODS, "is_active": True}
    names = (
        "kind",
        "coupon",
        "points",
        "per_member",
        "offered_from",
        "offered_until",
        "collect_days",
        "condition",
        "is_active",
    )
    return {
        **{name: getattr(reward, name) for name in names},
        "branches": Branch.objects.filter(public_id__in=reward.branches),
        "name_en": reward.words.get("en", ""),
        "name_zh": reward.words.get("zh-hans", ""),
        "details_en": reward.details.get("en", ""),
        "details_zh": reward.details.get("zh-hans", ""),
        "alt_en": reward.picture_words.get("en", ""),
        "alt_zh": reward.picture_words.get("zh-hans", ""),
    }
