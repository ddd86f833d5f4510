"""Addresses of the public site, each below its language: `/en/`, `/zh-hans/`; without one, the reader's is added."""

from django.urls import path

from tenants.views import confirmation, finding, pages, sign_up

app_name = "site"
urlpatterns = [
    path("", pages.home, name="home"),
    path("sign-up/", sign_up.sign_up, name="sign_up"),
    path("sign-up/address/", sign_up.address_state, name="address_state"),
    path("find/", finding.find, name="find"),
    path("confirm/<str:token>/", confirmation.confirm, name="confirm"),
    path("privacy/", pages.privacy, name="privacy"),
    path("terms/", pages.terms, name="terms"),
]
