"""Addresses of the till."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from regulars.counter.views import approvals, on_hold, paying, place, receipts, rewards, sales, shifts, switch, till

app_name = "counter"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", till.home, name="home"),
    path("change/", till.change, name="change"),
    path("join/", till.join, name="join"),
    path("pay/", paying.pay, name="pay"),
    path("went/", paying.went, name="went"),
    path("change-due/", paying.change_due, name="change_due"),
    path("hold/<str:public_id>/", on_hold.one, name="on_hold"),
    path("hold/<str:public_id>/state/", on_hold.state, name="on_hold_state"),
    path("hold/<str:public_id>/received/", on_hold.received, name="received"),
    path("hold/<str:public_id>/give-up/", on_hold.give_up, name="give_up"),
    path("receipt/<str:public_id>/", sales.receipt, name="receipt"),
    path("receipt/<str:public_id>/pdf/", receipts.pdf, name="receipt_pdf"),
    path("receipt/<str:public_id>/send/", receipts.send, name="send_receipt"),
    path("sales/", sales.newest, name="sales"),
    path("sales/<str:public_id>/", sales.one, name="sale"),
    path("sales/<str:public_id>/refund/", sales.refund, name="refund"),
    path("sales/<str:public_id>/void/", sales.void, name="void"),
    path("sales/<str:public_id>/asked/<str:approval>/", approvals.state, name="asked"),
    path("sales/<str:public_id>/asked/<str:approval>/withdraw/", approvals.withdraw, name="withdraw"),
    path("rewards/", rewards.waiting, name="rewards"),
    path("rewards/<str:public_id>/ready/", rewards.ready, name="ready"),
    path("shift/", shifts.here, name="shift"),
    path("shift/open/", shifts.start, name="open_shift"),
    path("shift/cash/", shifts.cash, name="cash"),
    path("shift/count/", shifts.count, name="count"),
    path("shift/compare/", shifts.compare, name="compare"),
    path("shift/close/", shifts.close, name="close_shift"),
    path("shifts/<str:public_id>/", shifts.report, name="shift_report"),
    path("place/", place.choose, name="place"),
    path("switch/", switch.who, name="switch"),
    path("lock/", switch.lock, name="lock"),
    path("full-sign-in/", switch.full_sign_in, name="full_sign_in"),
]
