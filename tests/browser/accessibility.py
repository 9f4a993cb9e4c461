"""What axe finds on a page of serious or critical impact, in light and dark."""

from __future__ import annotations

from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_GRAVE = ("serious", "critical")

# Pages that are not Streamlit's follow at once.
_FOLLOWED = """scheme => {
    const app = document.querySelector('[data-testid="stApp"]');
    return !app || getComputedStyle(app).colorScheme === scheme;
}"""


def findings(page: Page) -> list[str]:
    """Each grave fault as a sentence: scheme, impact, rule, element and what is wrong with it. In dark, colours alone differ."""
    light = _grave(page, {"resultTypes": ["violations"]})
    _switch_to(page, "dark")
    dark = _grave(page, {"runOnly": ["color-contrast"], "resultTypes": ["violations"]})
    _switch_to(page, "light")
    return [*(f"light: {fault}" for fault in light), *(f"dark: {fault}" for fault in dark)]


def _grave(page: Page, options: dict[str, list[str]]) -> list[str]:
    found = Axe().run(page, options=options)
    return [
        f"{violation['impact']} {violation['id']}: {node['html'][:200]} {_why(node)}"
        for violation in found.response["violations"]
        if violation["impact"] in _GRAVE
        for node in violation["nodes"]
    ]


def _switch_to(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(_FOLLOWED, arg=scheme)


def _why(node: dict[str, list[dict[str, str]]]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])
