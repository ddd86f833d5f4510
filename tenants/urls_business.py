"""Addresses on a business's own host that this room answers: the owner's first step in, and what machines read."""

from django.urls import path

from tenants.media import media
from tenants.views import pages, welcome

app_name = "tenants"
urlpatterns = [
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("media/<path:name>", media, name="media"),
    path("robots.txt", pages.business_robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
]
