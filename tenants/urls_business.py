"""Addresses on a business's own host that this room answers: the owner's first step in, and what machines read."""

from django.urls import path

from tenants.media import media
from tenants.views import pages, practice, welcome

app_name = "tenants"
urlpatterns = [
    path("welcome/<str:token>/", welcome.welcome, name="welcome"),
    path("practice/", practice.practice, name="practice"),
    path("practice/enter/", practice.enter, name="practice_enter"),
    path("practice/start-over/", practice.start_over, name="practice_start_over"),
    path("media/<path:name>", media, name="media"),
    path("robots.txt", pages.business_robots, name="robots"),
    path("favicon.ico", pages.favicon, name="favicon"),
]
