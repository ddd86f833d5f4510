"""Addresses of the members' door."""

from django.urls import path, register_converter

from regulars.catalogue.views import window
from regulars.portal.views import activity, card, coupons, inbox, joining, offline, points, profile, rewards

app_name = "portal"


class PublicId:
    """What a public id can look like; anything else is no address of ours."""

    regex = "[a-z]{3}_[0-9a-z]{1,20}"

    def to_python(self, value: str) -> str:
        """The id itself."""
        return value

    def to_url(self, value: str) -> str:
        """The id itself."""
        return value


register_converter(PublicId, "public_id")

urlpatterns = [
    path("", card.card, name="card"),
    path("join/", joining.join, name="join"),
    path("join/code/", joining.join_code, name="join_code"),
    path("sign-in/", joining.sign_in, name="sign_in"),
    path("sign-in/code/", joining.sign_in_code, name="sign_in_code"),
    path("sign-out/", joining.sign_out, name="sign_out"),
    path("terms/", joining.terms, name="terms"),
    path("activity/", activity.points, name="activity"),
    path("activity/points/", points.batches, name="batches"),
    path("activity/points/gift/", points.gift, name="gift"),
    path("activity/points/donation/", points.donate, name="donate"),
    path("activity/purchases/", activity.purchases, name="purchases"),
    path("activity/<public_id:sale_id>/", activity.receipt, name="receipt"),
    path("rewards/", rewards.rewards, name="rewards"),
    path("rewards/<public_id:reward_id>/redeem/", rewards.redeem, name="redeem"),
    path("rewards/redeemed/<public_id:redemption_id>/", rewards.redemption, name="redemption"),
    path("rewards/redeemed/<public_id:redemption_id>/cancel/", rewards.cancel, name="cancel_redemption"),
    path("shop/", window.shop, name="shop"),
    path("dealer/", window.dealer, name="dealer"),
    path("coupons/", coupons.coupons, name="coupons"),
    path("coupons/claim/", coupons.claim, name="claim"),
    path("coupons/<public_id:coupon_id>/", coupons.coupon, name="coupon"),
    path("coupons/<public_id:coupon_id>/pass-on/", coupons.pass_on, name="pass_on_coupon"),
    path("coupons/<public_id:template_id>/take/", coupons.take, name="take_coupon"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read, name="read"),
    path("profile/", profile.me, name="me"),
    path("profile/marketing/", profile.marketing, name="marketing"),
    path("profile/data.json", profile.download, name="download"),
    path("brand.css", offline.brand, name="brand_style"),
    path("brand/logo", offline.logo, name="logo"),
    path("brand/mark", offline.mark, name="mark"),
    path("icon.svg", offline.icon, name="icon"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("service-worker.js", offline.service_worker, name="service_worker"),
    path("offline/", offline.without_network, name="offline"),
]
