"""What each role of staff may do in the back office: one Django group for each, named by the role.

`organisation.services.appoint` puts a user into the group of the same name. The till needs no right of this kind, so a
cashier's group is empty and the back office stays closed to it.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission, Page

from regulars.organisation.models import Role

BACK_OFFICE_ROLES = (Role.OWNER, Role.MANAGER)

MODELS: dict[str, tuple[str, ...]] = {
    "wagtailadmin.admin": ("access",),
    "people.member": ("view",),
    "loyalty.tier": ("view", "add", "change"),
    "loyalty.pointsrule": ("view", "add", "change"),
    "sales.sale": ("view",),
    "organisation.organisation": ("view", "change"),
    "organisation.branch": ("view", "add", "change"),
    "organisation.staff": ("view", "add"),
}
"""What the back-office roles may do to which kind of record."""

PAGE_ACTS = ("add", "change", "publish", "lock", "unlock")
FILE_MODELS = ("wagtailimages.image", "wagtaildocs.document")
FILE_ACTS = ("add", "change", "choose")


def seed() -> None:
    """Make the groups with their rights, as they are meant today; safe to run again.

    Needs the root of the page tree. Groups that Wagtail brings are removed: they name no role of ours.
    """
    Group.objects.filter(name__in=("Editors", "Moderators")).delete()
    for role in Role.values:
        group, _ = Group.objects.get_or_create(name=role)
        if role in BACK_OFFICE_ROLES:
            _open_back_office(group)
        else:
            group.permissions.clear()


def _open_back_office(group: Group) -> None:
    group.permissions.set(_permissions(MODELS))
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
