"""Addresses below `/account/` by which staff look after their own sign-in; the library's own come after these."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.organisation.team import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("invitation/<str:token>/", views.accept_invitation, name="team_invitation"),
    path("sign-in/", views.sign_in_page, name="team_sign_in"),
    path("sign-in/code/", views.choose_pin, name="team_pin"),
    path("sign-in/end/<slug:number>/", views.end_session, name="team_end_session"),
]
