"""The specimen's menu, as it always is."""

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from regulars.hooks import MenuItem

MENU = {
    "portal": [MenuItem(label=_("Specimen"), url=reverse_lazy("specimen:home"), order=910)],
    "counter": [MenuItem(label=_("Specimen"), url=reverse_lazy("specimen:home"))],
    "backoffice": [MenuItem(label=_("Specimen"), url=reverse_lazy("specimen:home"))],
}
