"""Which help there is, for whom, and which page of the product leads to which of it."""

from __future__ import annotations

from dataclasses import dataclass

OWNER, MANAGER, CASHIER = "owner", "manager", "cashier"
MARKETER, SERVICE, ACCOUNTANT, READER = "marketer", "service", "accountant", "reader"
OFFICE_ROLES = (OWNER, MANAGER, MARKETER, SERVICE, ACCOUNTANT, READER)


@dataclass(frozen=True)
class Topic:
    """A page of help: its `code` is the name of its file and the end of its address."""

    code: str
    roles: tuple[str, ...]
    is_for_counter: bool = False


TOPICS: tuple[Topic, ...] = (
    Topic("for-owners", (OWNER,)),
    Topic("for-managers", (MANAGER,)),
    Topic("for-marketers", (MARKETER,)),
    Topic("for-service-agents", (SERVICE,)),
    Topic("for-accountants", (ACCOUNTANT,)),
    Topic("for-cashiers", (CASHIER,), is_for_counter=True),
    Topic("first-steps", (OWNER,)),
    Topic("today", OFFICE_ROLES),
    Topic("members", (OWNER, MANAGER, MARKETER, SERVICE, READER)),
    Topic("points-by-hand", (OWNER, MANAGER, SERVICE)),
    Topic("loyalty", (OWNER, MANAGER, MARKETER, SERVICE, READER)),
    Topic("rewards", (OWNER, MANAGER, MARKETER, SERVICE, READER)),
    Topic("coupons", (OWNER, MANAGER, MARKETER, SERVICE, READER)),
    Topic("catalogue", (OWNER, MANAGER, MARKETER, ACCOUNTANT, READER)),
    Topic("dealers", (OWNER, MANAGER)),
    Topic("sales", (OWNER, MANAGER, SERVICE, ACCOUNTANT, READER)),
    Topic("lists", OFFICE_ROLES),
    Topic("messages", (OWNER, MANAGER, MARKETER)),
    Topic("site", (OWNER, MANAGER, MARKETER)),
    Topic("modules", (OWNER, MANAGER)),
    Topic("team", (OWNER, MANAGER)),
    Topic("approvals", (OWNER, MANAGER, SERVICE)),
    Topic("trail", (OWNER, MANAGER, ACCOUNTANT)),
    Topic("brand", (OWNER, MANAGER, MARKETER)),
    Topic("settings", (OWNER,)),
    Topic("sign-in", (*OFFICE_ROLES, CASHIER), is_for_counter=True),
    Topic("practice", (*OFFICE_ROLES, CASHIER), is_for_counter=True),
    Topic("counter-sale", (CASHIER, MANAGER), is_for_counter=True),
    Topic("counter-member", (CASHIER, MANAGER), is_for_counter=True),
    Topic("counter-refund", (CASHIER, MANAGER), is_for_counter=True),
    Topic("counter-rewards", (CASHIER, MANAGER), is_for_counter=True),
    Topic("counter-shift", (CASHIER, OWNER, MANAGER, ACCOUNTANT), is_for_counter=True),
    Topic("counter-trouble", (CASHIER, MANAGER), is_for_counter=True),
)
"""In the order in which they are listed; the guide of a role comes first."""

BY_CODE = {topic.code: topic for topic in TOPICS}
GUIDES = {topic.roles[0]: topic.code for topic in TOPICS if topic.code.startswith("for-")}
"""The guide of each role that has one."""

TOPIC_OF_PAGE: dict[str, str] = {
    "backoffice": "today",
    "backoffice:site": "site",
    "backoffice:modules": "modules",
    "backoffice:module": "modules",
    "backoffice:module_on": "modules",
    "backoffice:module_closing": "modules",
    "backoffice:module_off": "modules",
    "backoffice:set_aside": "modules",
    "cms_other_language": "site",
    "wagtailadmin_home": "today",
    "wagtailadmin_account": "sign-in",
    "wagtailadmin_explore": "site",
    "wagtailadmin_explore_root": "site",
    "wagtailadmin_pages": "site",
    "wagtailimages": "site",
    "wagtaildocs": "site",
    "insights": "today",
    "office_members": "members",
    "office_profile": "members",
    "office_points": "points-by-hand",
    "office_loyalty": "loyalty",
    "office_loyalty:benefits": "rewards",
    "office_loyalty:new_benefit": "rewards",
    "office_loyalty:benefit": "rewards",
    "office_loyalty:coupons": "coupons",
    "office_loyalty:new_coupon": "coupons",
    "office_loyalty:coupon": "coupons",
    "office_loyalty:change_coupon": "coupons",
    "office_loyalty:new_codes": "coupons",
    "office_loyalty:share_code": "coupons",
    "office_loyalty:coupon_batch": "coupons",
    "office_loyalty:coupon_sheet": "coupons",
    "office_loyalty:void_batch": "coupons",
    "office_loyalty:one_coupon": "coupons",
    "office_loyalty:member_coupons": "coupons",
    "office_loyalty:rewards": "rewards",
    "office_loyalty:new_reward": "rewards",
    "office_loyalty:reward": "rewards",
    "office_loyalty:reward_stock": "rewards",
    "office_loyalty:redemption": "rewards",
    "office_loyalty:redemption_ready": "rewards",
    "office_catalogue": "catalogue",
    "office_catalogue:dealers": "dealers",
    "office_catalogue:dealer": "dealers",
    "office_catalogue:application": "dealers",
    "office_catalogue:new_level": "dealers",
    "office_catalogue:level": "dealers",
    "office_sales": "sales",
    "office_payments": "sales",
    "office_shifts": "counter-shift",
    "office_counter": "counter-shift",
    "office_jobs": "lists",
    "office_messages": "messages",
    "office_settings": "settings",
    "office_settings:brand": "brand",
    "office_settings:places": "team",
    "office_settings:new_branch": "team",
    "office_settings:new_till": "team",
    "office_settings:new_region": "team",
    "office_settings:branch": "team",
    "office_settings:region": "team",
    "office_settings:place_act": "team",
    "office_tokens": "team",
    "office_team": "team",
    "office_approvals": "approvals",
    "office_trail": "trail",
    "office_help": "first-steps",
    "referral": "modules",
    "counter": "counter-sale",
    "counter:sales": "counter-refund",
    "counter:sale": "counter-refund",
    "counter:refund": "counter-refund",
    "counter:rewards": "counter-rewards",
    "counter:shift": "counter-shift",
    "counter:open_shift": "counter-shift",
    "counter:cash": "counter-shift",
    "counter:count": "counter-shift",
    "counter:compare": "counter-shift",
    "counter:close_shift": "counter-shift",
    "counter:shift_report": "counter-shift",
    "counter:void": "counter-refund",
    "counter:place": "for-cashiers",
    "counter_help": "for-cashiers",
}
"""The topic of a page by the name of its address; a namespace alone speaks for all of its other pages."""


def topic_of(view_name: str) -> str:
    """The topic of the page with this name of address, "" where none is named: `office_loyalty:tier` → `loyalty`."""
    name = view_name
    while name:
        if name in TOPIC_OF_PAGE:
            return TOPIC_OF_PAGE[name]
        name = name.rpartition(":")[0]
    return ""
