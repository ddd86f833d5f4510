"""The group by which Wagtail knows who may change pages and files; all other rights come from `organisation.rights`."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from regulars.organisation.rights import SITE_EDITORS

PAGE_ACTS = ("add", "change", "publish", "lock", "unlock")
FILE_MODELS = ("wagtailimages.image", "wagtaildocs.document")
FILE_ACTS = ("add", "change", "choose")


def seed() -> None:
    """Make the group with its rights, as they are meant today; safe to run again.

    Needs the root of the page tree. Groups that Wagtail brings are removed: they name no role of ours.
    """
    Group.objects.exclude(name=SITE_EDITORS).delete()
    group, _ = Group.objects.get_or_create(name=SITE_EDITORS)
    root = Page.get_first_root_node()
    for permission in _permissions({"wagtailcore.page": PAGE_ACTS}):
        GroupPagePermission.objects.get_or_create(group=group, page=root, permission=permission)
    files = Collection.get_first_root_node()
    for permission in _permissions(dict.fromkeys(FILE_MODELS, FILE_ACTS)):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=files, permission=permission)


def _permissions(wanted: dict[str, tuple[str, ...]]) -> list[Permission]:
    """The permissions of `{app.model: acts}`, in a fixed order."""
    condition = Q(pk__in=[])
    for name, acts in wanted.items():
        app, model = name.split(".")
        condition |= Q(content_type__app_label=app, codename__in=[f"{act}_{model}" for act in acts])
    return list(Permission.objects.filter(condition).order_by("content_type__app_label", "codename"))
