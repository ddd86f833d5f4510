"""Addresses of the till."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.counter.views import approvals, place, rewards, sales, switch, till

app_name = "counter"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", till.home, name="home"),
    path("change/", till.change, name="change"),
    path("join/", till.join, name="join"),
    path("pay/", till.pay, name="pay"),
    path("change-due/", till.change_due, name="change_due"),
    path("receipt/<str:public_id>/", sales.receipt, name="receipt"),
    path("sales/", sales.newest, name="sales"),
    path("sales/<str:public_id>/", sales.one, name="sale"),
    path("sales/<str:public_id>/refund/", sales.refund, name="refund"),
    path("sales/<str:public_id>/asked/<str:approval>/", approvals.state, name="asked"),
    path("sales/<str:public_id>/asked/<str:approval>/withdraw/", approvals.withdraw, name="withdraw"),
    path("rewards/", rewards.waiting, name="rewards"),
    path("rewards/<str:public_id>/ready/", rewards.ready, name="ready"),
    path("place/", place.choose, name="place"),
    path("switch/", switch.who, name="switch"),
    path("full-sign-in/", switch.full_sign_in, name="full_sign_in"),
]
