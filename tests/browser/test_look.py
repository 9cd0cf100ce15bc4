"""How the page looks: not blank, light and dark, on paper, on a phone; and names that mean to break it."""
from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest

SPECS = Path(__file__).parents[2] / "specs"


def page_of(invoke: Any, folder: Path, spec: Path) -> Path:
    out = folder / "g.html"
    result = invoke("viz", str(spec), "-o", str(out))
    assert result.code == 0, result.err
    return out


@pytest.fixture
def mlp(invoke: Any, tmp_path: Path) -> Path:
    return page_of(invoke, tmp_path, SPECS / "digits_mlp.yaml")


def pixels(png: bytes) -> list[bytes]:
    """The rows of an 8-bit PNG without interlace, filters undone."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[24] == 8
    width, channels = int.from_bytes(png[16:20], "big"), {2: 3, 6: 4}[png[25]]
    at, packed = 8, b""
    while at < len(png):
        size, kind = int.from_bytes(png[at:at + 4], "big"), png[at + 4:at + 8]
        packed += png[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    raw, stride = zlib.decompress(packed), width * channels
    rows: list[bytes] = []
    last = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        kind, line = raw[start], bytearray(raw[start + 1:start + 1 + stride])
        for i in range(stride if kind else 0):
            left, up = line[i - channels] if i >= channels else 0, last[i]
            corner = last[i - channels] if i >= channels else 0
            guess = left + up - corner
            nearest = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            line[i] = (line[i] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
        last = bytes(line)
        rows.append(last)
    return rows


def test_a_screenshot_is_not_blank_and_dark_is_dark(open_page: Any, mlp: Path) -> None:
    middle = {}
    for scheme in ("light", "dark"):
        page = open_page(mlp, color_scheme=scheme, viewport={"width": 500, "height": 400}).page
        rows = pixels(page.locator("#graph").screenshot())
        colours = {row[i:i + 3] for row in rows for i in range(0, len(row), len(row) // 400)}
        assert len(colours) > 20
        middle[scheme] = sum(rows[3][:3])
    assert middle["light"] > 600 and middle["dark"] < 150


def test_a_picture_that_is_a_page_of_its_own_is_dark_around_it_too(open_page: Any, invoke: Any, tmp_path: Path) -> None:
    out = tmp_path / "line.svg"
    assert invoke("viz", str(SPECS / "line.yaml"), "-o", str(out)).code == 0
    for scheme, dark in (("light", False), ("dark", True)):
        rows = pixels(open_page(out, color_scheme=scheme, viewport={"width": 2000, "height": 100}).page.screenshot())
        assert all((sum(corner) < 150) is dark for corner in (rows[3][:3], rows[-3][-3:])), scheme


def test_the_theme_is_chosen_and_kept(open_page: Any, mlp: Path) -> None:
    page = open_page(mlp, color_scheme="light").page
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    names = []
    for _ in range(3):
        page.locator("#theme").click()
        names.append((page.locator("#theme").inner_text(), page.evaluate(ground) == light))
    assert names == [("Light", True), ("Dark", False), ("Auto", True)]
    page.locator("#theme").click()
    page.locator("#theme").click()
    page.reload()
    assert page.locator("#theme").inner_text() == "Dark" and page.evaluate(ground) != light


CONTRAST = """() => {
  const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = css => { const [r, g, b] = css.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  return [...document.querySelectorAll("#graph .box")].flatMap(box => {
    const fill = getComputedStyle(box.querySelector("path")).fill;
    return [...box.querySelectorAll("text")].map(t => [t.textContent, ratio(getComputedStyle(t).fill, fill)]);
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["line", "image_filters", "rnn"])
def test_text_stands_out_from_its_box(invoke: Any, open_page: Any, tmp_path: Path, name: str, scheme: str) -> None:
    page = open_page(page_of(invoke, tmp_path, SPECS / f"{name}.yaml"), color_scheme=scheme).page
    for paint in ("kind", "op", "memory"):
        page.locator("#paint").select_option(paint)
        assert [(paint, *found) for found in page.evaluate(CONTRAST) if found[1] < 4.5] == []


def test_it_prints_whole_and_alone(open_page: Any, mlp: Path) -> None:
    page = open_page(mlp).page
    whole = page.locator("#graph .box").count()
    for _ in range(8):
        page.keyboard.press("+")
    page.wait_for_timeout(100)
    assert page.locator("#graph .box").count() < whole, "only what is in the window has an element"
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#tools").is_hidden() and page.locator("#panel").is_hidden()
    assert page.locator("#graph .box").count() == whole
    width = page.locator("#graph").bounding_box()["width"]
    for rect in page.locator("#graph .box").evaluate_all("l => l.map(e => e.getBoundingClientRect().toJSON())"):
        assert 0 <= rect["left"] and rect["right"] <= width + 10


def test_a_phone_shows_the_graph_and_then_the_details(open_page: Any, mlp: Path) -> None:
    page = open_page(mlp, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True).page
    assert page.locator("#graph").bounding_box()["height"] > 600 and page.locator("#panel").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#graph .box", has=page.locator(".title", has_text="digit")).tap()
    panel = page.locator("#panel").bounding_box()
    assert panel["width"] == 390 and panel["height"] < 400 and page.locator("#panel h2").inner_text() == "digit"
    page.locator("#panel .link", has_text="output/logits").tap()
    chosen = page.locator("#graph .selected").bounding_box()
    assert chosen["y"] + chosen["height"] < page.locator("#panel").bounding_box()["y"]


ODD = {
    "quotes": "a \"double\" and 'single' and `back` \\ slash",
    "html": "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>&amp;<!--",
    "emoji": "👩‍👩‍👧 🎉 ñ 漢字 ‮ right to left",
    "lines": "one\ntwo\ttabs",
    "long": "x" * 10000,
}


@pytest.mark.parametrize("kind", ODD)
def test_texts_that_mean_to_break_it_are_shown(invoke: Any, open_page: Any, tmp_path: Path, kind: str) -> None:
    text = ODD[kind]
    spec = tmp_path / "odd.yaml"
    quoted = json.dumps("constant(" + json.dumps(text, ensure_ascii=False) + ")", ensure_ascii=False)
    spec.write_text(f"graph: {json.dumps(text[:200], ensure_ascii=False)}\nops:\n  a: {quoted}\n  b: identity(a)\n",
                    encoding="utf-8")
    seen = open_page(page_of(invoke, tmp_path, spec))
    page = seen.page
    assert seen.console == [] and page.evaluate("window.broken") is None and len(seen.requests) == 1
    assert page.locator("h1").text_content() == text[:200]
    page.keyboard.press("/")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    shown = page.locator("#panel .attrs").text_content()
    assert text in shown
    assert page.locator("#panel").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.locator("#graph .box").first.bounding_box()["width"] < 500


def test_names_with_thousands_of_scopes(invoke: Any, open_page: Any, tmp_path: Path) -> None:
    spec, deep = tmp_path / "deep.yaml", "/".join(["s"] * 2000)
    spec.write_text(f"ops:\n  - name_scope: {deep}\n    ops: {{a: 'zeros([20])', b: relu(a), c: tanh(b)}}\n")
    seen = open_page(page_of(invoke, tmp_path, spec))
    assert seen.console == []
    seen.page.locator("#open").click()
    seen.page.locator("#all").click()
    assert seen.console == [] and seen.page.locator("#graph .box").count() >= 2


def test_long_names_are_cut_in_the_picture_and_whole_beside_it(invoke: Any, open_page: Any, tmp_path: Path) -> None:
    name = "start" + "y" * 9990 + "finis"
    spec = tmp_path / "long.yaml"
    spec.write_text(f"ops:\n  ? {name}\n  : zeros([20])\n  b: identity(1.0)\n")
    page = open_page(page_of(invoke, tmp_path, spec)).page
    box = page.locator("#graph .box").first
    assert "start" in box.locator(".title").text_content() and box.locator(".title").text_content().endswith("finis")
    box.click()
    assert page.locator("#panel h2").inner_text() == name
    assert name in page.locator("#panel .command").inner_text()
