"""Takes the pictures of the documents from a running demo: `make pictures` while `make demo` runs.

Needs a Chromium on this machine. Signs in as the demo's own member, cashier and owner, whose codes and passwords the
demo has written down in `var/`.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
VAR = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[1] / "var"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> int:
    """Take every picture; returns 0, or 1 when no Chromium is found."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("There is no Chromium on this machine.", file=sys.stderr)
        return 1
    demo = json.loads((VAR / "demo.json").read_text(encoding="utf-8"))
    tea, gym = demo["businesses"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for shop, locale, mark in ((gym, "en-GB", ""), (tea, "zh-CN", ".zh")):
            phone = browser.new_context(
                viewport={"width": 390, "height": 844}, device_scale_factor=2, locale=locale
            ).new_page()
            _sign_in_as_member(phone, shop)
            phone.screenshot(path=str(HERE / f"portal{mark}.png"))
            desk = browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale).new_page()
            _sign_in_as_staff(desk, shop, "cashier")
            _sell(desk, shop)
            desk.screenshot(path=str(HERE / f"counter{mark}.png"))
            office = browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale).new_page()
            _sign_in_as_staff(office, shop, "owner")
            office.goto(shop["office"])
            office.screenshot(path=str(HERE / f"office{mark}.png"))
        browser.close()
    return 0


def _sign_in_as_staff(page: Page, shop: dict[str, Any], role: str) -> None:
    page.goto(shop["site"] + "account/login/")
    page.fill("input[name=login]", shop[role]["email"])
    page.fill("input[name=password]", shop[role]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)


def _sign_in_as_member(page: Page, shop: dict[str, Any]) -> None:
    log = VAR / "demo.log"
    seen = log.stat().st_size
    page.goto(shop["portal"])
    page.fill("input[name=contact]", shop["member"]["phone"])
    page.keyboard.press("Enter")
    page.wait_for_selector("input[autocomplete=one-time-code]")
    page.fill("input[autocomplete=one-time-code]", _code(log, seen, shop["member"]["phone"]))
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: address.rstrip("/").endswith("/me"))
    page.wait_for_load_state("networkidle")


def _code(log: Path, seen: int, phone: str) -> str:
    """The code that a worker sent to this phone after a place in the log."""
    for _ in range(100):
        found = re.findall(rf"to {re.escape(phone)}: .*?(\d{{6}})", log.read_text(encoding="utf-8")[seen // 4 :])
        if found:
            return str(found[-1])
        time.sleep(0.3)
    raise RuntimeError("the demo has not sent a code")


def _sell(page: Page, shop: dict[str, Any]) -> None:
    page.goto(shop["counter"])
    for text in (shop["member"]["phone"], "128.5", "2*36"):
        field = page.locator("input[name=text]").first
        field.fill(text)
        field.press("Enter")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(900)


if __name__ == "__main__":
    sys.exit(main())
