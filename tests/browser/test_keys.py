"""The page without a mouse: focus, arrows, keys, and what a screen reader is told."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPECS = Path(__file__).parents[2] / "specs"


@pytest.fixture
def page(invoke: Any, open_page: Any, tmp_path: Path) -> Any:
    out = tmp_path / "g.html"
    assert invoke("viz", str(SPECS / "digits_mlp.yaml"), "-o", str(out)).code == 0
    seen = open_page(out)
    yield seen.page
    assert seen.console == []


def focused(page: Any) -> str:
    """The name of the box or frame that has the focus."""
    return str(page.evaluate("""() => {
        const label = document.activeElement.getAttribute("aria-label");
        return document.activeElement.dataset.id ? label.split(",")[0] : document.activeElement.id; }"""))


def focus(page: Any, name: str) -> None:
    page.evaluate("name => [...document.querySelectorAll('.box')].find(b => b.getAttribute('aria-label')"
                  ".startsWith(name + ',')).focus()", name)


def test_tab_reaches_search_tools_one_box_and_no_more(page: Any) -> None:
    stops = []
    for _ in range(16):
        page.keyboard.press("Tab")
        stops.append(focused(page))
    assert stops[:3] == ["query", "fit", "in"] and "help" in stops
    assert page.locator("#graph [tabindex='0']").count() == 1
    assert sum(stop in ("scope hidden", "scope output") for stop in stops) == 1


def test_arrows_go_along_the_picture(page: Any) -> None:
    focus(page, "pixels")
    page.keyboard.press("ArrowDown")
    assert focused(page) == "truediv"
    page.keyboard.press("ArrowUp")
    assert focused(page) == "pixels"
    focus(page, "probabilities")
    page.keyboard.press("ArrowRight")
    assert focused(page) == "digit"
    page.keyboard.press("ArrowLeft")
    assert focused(page) == "probabilities"


def test_enter_opens_the_details_and_escape_leaves_them(page: Any) -> None:
    focus(page, "pixels")
    page.keyboard.press("Enter")
    assert focused(page) == "panel" and page.locator("#panel h2").inner_text() == "pixels"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == "truediv"
    page.keyboard.press("Escape")
    assert focused(page) == "truediv" and page.locator(".selected").count() == 0


def test_enter_opens_and_closes_scopes(page: Any) -> None:
    page.keyboard.press("[")
    focus(page, "scope hidden")
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    page.keyboard.press("Enter")
    assert focused(page) == "scope hidden"
    assert page.evaluate("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert "open" in page.locator("#said").inner_text()
    page.keyboard.press("Enter")
    assert page.locator(".frame").count() == 0 and focused(page) == "scope hidden"


def test_u_goes_to_the_scope_around(page: Any) -> None:
    focus(page, "out")
    page.keyboard.press("u")
    assert focused(page) == "scope hidden"


def test_search_by_keys(page: Any) -> None:
    page.keyboard.press("/")
    assert focused(page) == "query"
    page.keyboard.type("weights")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    active = page.locator("#query").get_attribute("aria-activedescendant")
    assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
    name = page.locator(f"#{active} span").inner_text()
    page.keyboard.press("Enter")
    assert page.locator("#panel h2").inner_text() == name
    assert focused(page) == "weights"
    assert page.locator("#graph .hit").count() > 0
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert page.locator("#query").input_value() == "" and focused(page) == "weights"
    assert page.locator("#graph .hit").count() == 0


def test_letters_typed_into_search_are_no_commands(page: Any) -> None:
    page.keyboard.press("/")
    page.keyboard.type("rat")
    assert page.locator("#query").input_value() == "rat"
    assert page.locator("#turn").get_attribute("aria-pressed") == "false"


def test_keys_zoom_turn_and_explain(page: Any) -> None:
    width = page.locator("#graph .box").first.bounding_box()["width"]
    page.keyboard.press("+")
    page.wait_for_timeout(100)
    assert page.locator("#graph .box").first.bounding_box()["width"] > width * 1.2
    page.keyboard.press("0")
    assert page.locator("#graph .box").first.bounding_box()["width"] == pytest.approx(width, abs=0.5)
    page.keyboard.press("r")
    assert page.locator("#turn").get_attribute("aria-pressed") == "true"
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#keys").is_hidden()


def test_the_focus_is_seen(page: Any) -> None:
    focus(page, "pixels")
    page.keyboard.press("ArrowDown")
    width = "e => parseFloat(getComputedStyle(e.querySelector('path')).strokeWidth)"
    assert page.evaluate(f"({width})(document.activeElement)") > 4


def test_every_control_has_a_name_and_every_box_tells_what_it_is(page: Any) -> None:
    unnamed = page.evaluate("""[...document.querySelectorAll("button, input, select, [role=button]")].filter(e =>
        !(e.getAttribute("aria-label") || e.textContent.trim())).map(e => e.outerHTML)""")
    assert unnamed == []
    labels = page.locator("#graph [role=button]").evaluate_all("l => l.map(e => e.getAttribute('aria-label'))")
    assert "matmul, MatMul, 2 inputs, read 1 time" in labels
    assert any(label.startswith("scope hidden, ") for label in labels)
