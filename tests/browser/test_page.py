"""The HTML page of a graph, in a browser: what is seen, clicked, opened, found and followed."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

SPECS = Path(__file__).parents[2] / "specs"
CASES = Path(__file__).parents[1] / "oracle" / "cases"


@pytest.fixture
def show(invoke: Any, open_page: Any, tmp_path: Path) -> Any:
    """The page of a spec, which is a name in specs/ or a text."""
    def show(spec: str, *flags: str, fragment: str = "", **more: Any) -> Any:
        path = SPECS / f"{spec}.yaml"
        if "\n" in spec:
            path = tmp_path / "spec.yaml"
            path.write_text(spec, encoding="utf-8")
        out = tmp_path / "g.html"
        result = invoke("viz", str(path), "-o", str(out), *flags)
        assert result.code == 0, result.err
        return open_page(out, fragment, **more)
    return show


def titles(page: Any) -> list[str]:
    return list(page.locator("#graph .box .title").all_text_contents())


def box(page: Any, name: str) -> Any:
    """The box of a node or closed scope, by its full name."""
    title = f'xpath=./*[local-name()="title"][starts-with(., "{name} (") or .="{name}"]'
    return page.locator("#graph .box", has=page.locator(title))


def frame(page: Any, name: str) -> Any:
    return page.locator(".frame", has=page.locator(".title", has_text=name)).first


def test_it_opens_from_a_file_and_asks_for_nothing_else(show: Any) -> None:
    seen = show("image_filters")
    assert seen.page.title() == "image_filters"
    assert seen.console == []
    assert len(seen.requests) == 1 and seen.requests[0].startswith("file:")


@pytest.mark.parametrize("name", sorted(p.stem for p in SPECS.glob("*.yaml") if "refused" not in p.stem))
def test_the_gallery_is_drawn(show: Any, name: str) -> None:
    seen = show(name)
    page = seen.page
    boxes = page.evaluate("[...document.querySelectorAll('.box')].map(b => b.getBoundingClientRect().toJSON())")
    view = page.locator("#graph").bounding_box()
    assert boxes and seen.console == []
    for i, a in enumerate(boxes):
        assert a["left"] >= view["x"] and a["right"] <= view["x"] + view["width"]
        assert a["top"] >= view["y"] and a["bottom"] <= view["y"] + view["height"]
        for b in boxes[i + 1:]:
            assert a["right"] <= b["left"] + 1 or b["right"] <= a["left"] + 1 or a["bottom"] <= b["top"] + 1 \
                or b["bottom"] <= a["top"] + 1, "two boxes overlap"


def test_a_click_tells_all_of_a_node(show: Any) -> None:
    page = show("image_filters").page
    box(page, "image_filters/conv1/conv").click()
    text = page.locator("#panel").inner_text()
    for part in ("image_filters/conv1/conv", "Conv2D", "image1", "image_filters/conv1/weights", "float32 [?, 8, 8, 3]",
                 "float32 [?, 8, 8, 32]", "image_filters/conv1/add", "padding", "SAME", "image_filters.yaml:26:17",
                 "conv: conv2d(images, weights, strides=[1, 1, 1, 1], padding='SAME')", "none asked for",
                 f"graphcli node {SPECS}/image_filters.yaml image_filters/conv1/conv"):
        assert part in text, part


def test_collections_and_handles_are_told(show: Any) -> None:
    page = show("regularizer", fragment="#net/hidden/w").page
    assert "trainable_variables" in page.locator("#panel").inner_text()
    page.locator("#fit").click()
    box(page, "loss").click()
    assert "handles\nloss" in page.locator("#panel").inner_text()


def test_links_follow_inputs_and_readers(show: Any) -> None:
    page = show("digits_mlp").page
    box(page, "probabilities").click()
    page.locator("#panel .link", has_text="output/logits").click()
    assert page.locator("#panel h2").inner_text() == "output/logits"
    assert "selected" in box(page, "output/logits").get_attribute("class").split()
    page.locator("#panel .link", has_text="digit").click()
    assert page.locator("#panel h2").inner_text() == "digit"


def test_the_edges_of_the_chosen_are_marked(show: Any) -> None:
    page = show("digits_mlp").page
    box(page, "output/logits").click()
    into = {"output/biases", "output/matmul"}
    for name in into:
        assert "into" in box(page, name).get_attribute("class").split()
    for name in ("probabilities", "digit"):
        assert "from" in box(page, name).get_attribute("class").split()
    assert page.locator("#graph .box.into").count() == 2 and page.locator("#graph .box.from").count() == 2
    assert page.locator(".wires .into").count() == 2 and page.locator(".wires .from").count() >= 3
    page.mouse.click(3, 200)
    assert page.locator(".selected, .boxes .into, .boxes .from, .wires .into, .wires .from").count() == 0


def test_every_user_of_a_shared_variable_is_marked(show: Any) -> None:
    page = show("image_filters").page
    weights = box(page, "image_filters/conv1/weights")
    assert "k-shared" in weights.get_attribute("class").split()
    weights.click()
    users = {t.partition(" (")[0] for t in page.locator("#graph .box.user > title").all_text_contents()}
    assert users == {"image_filters/conv1/conv", "image_filters/conv1_1/conv"}
    text = page.locator("#panel").inner_text()
    assert "shared by 2" in text and "result1: my_image_filter(image1)" in text
    assert "result2: my_image_filter(image2)" in text


def test_users_in_closed_scopes_are_marked_and_can_be_shown(show: Any) -> None:
    page = show("rnn").page
    box(page, "cell/w_out").click()
    assert page.locator("#graph .box.user").count() == 2
    page.get_by_role("button", name="Show all 8 users").click()
    assert page.locator("#graph .box.user").count() == 8


def test_scopes_open_and_close(show: Any) -> None:
    page = show("digits_mlp").page
    assert "matmul" in titles(page)
    page.locator("#close").click()
    assert page.locator(".frame").count() == 0 and {"hidden", "output"} <= set(titles(page))
    box(page, "hidden").dblclick()
    assert page.locator(".frame").count() == 1
    assert {"weights", "biases", "matmul", "add", "out", "output"} <= set(titles(page))
    frame(page, "hidden").locator(".shut").click()
    assert page.locator(".frame").count() == 0
    page.locator("#open").click()
    assert page.locator(".frame").count() == 2
    box(page, "output/logits").click()
    page.locator("#close").click()
    assert "selected" in box(page, "output").get_attribute("class").split()


def test_a_scope_tells_what_is_in_it(show: Any) -> None:
    page = show("digits_mlp").page
    page.locator("#close").click()
    box(page, "hidden").click()
    text = page.locator("#panel").inner_text()
    assert "2 × VariableV2" in text and "pixels" in text
    assert f"graphcli nodes {SPECS}/digits_mlp.yaml --scope hidden" in text


def test_what_repeats_is_folded_and_opens(show: Any) -> None:
    page = show("rnn").page
    assert "cell [1 … 7]" in titles(page)
    page.locator("#graph .box.k-series").dblclick()
    assert {f"cell_{i}" for i in range(1, 8)} <= set(titles(page))


def test_large_graphs_open_closed(show: Any) -> None:
    many = ("ops:\n  - for: {i: range(90)}\n    ops:\n      - name_scope: part${i}x\n        ops:\n"
            "          - a${i}: zeros([20])\n          - b${i}: relu(a${i})\n          - c${i}: relu(b${i})\n")
    page = show(many).page
    assert 0 < page.locator("#graph .box").count() <= 60
    page = show(many, "--depth", "0").page
    assert page.locator(".frame").count() == 0


def test_all_shows_gradients_and_initializers(show: Any) -> None:
    page = show("line").page
    assert "Assign" not in titles(page)
    page.locator("#all").click()
    assert page.locator("#all").get_attribute("aria-pressed") == "true"
    assert "and 3 nodes inside" in box(page, "w").text_content()
    box(page, "w").dblclick()
    assert {"Assign", "read"} <= set(titles(page))
    page.locator("#all").click()
    assert "Assign" not in titles(page)
    assert "Assign" in titles(show("line", "--all", "--depth", "5").page)


def test_small_constants_stand_in_their_readers_and_shapes_on_edges(show: Any) -> None:
    page = show("line").page
    assert "x = 2.0" in box(page, "w_slope").text_content()
    assert {"[?, 1]", "[1, 1]"} <= set(page.locator(".texts text").all_text_contents())
    assert page.locator(".wires .control").count() == 2


def test_edges_are_wider_for_larger_tensors(show: Any) -> None:
    page = show("graph: sizes\ninputs:\n  a: {dtype: float32, shape: [1000, 1000]}\n  b: {dtype: float32, shape: [2]}\n"
                "ops: {c: relu(a), d: relu(b)}\n").page
    widths = {float(w) for w in page.evaluate("[...document.querySelectorAll('.wires .wire')].map("
                                              "w => w.getAttribute('stroke-width'))")}
    assert min(widths) == 1 and max(widths) > 2.5


def test_search_finds_names_and_op_types(show: Any) -> None:
    page = show("digits_mlp").page
    page.locator("#close").click()
    page.locator("#query").fill("logits")
    assert page.locator("#found [role=option]").first.inner_text().split("\n")[0] == "output/logits"
    assert "hit" in box(page, "output").get_attribute("class").split()
    page.locator("#query").press("Enter")
    assert page.locator("#panel h2").inner_text() == "output/logits"
    assert "selected" in box(page, "output/logits").get_attribute("class").split()
    page.locator("#query").fill("softmax")
    assert page.locator("#found [role=option]").first.inner_text().split("\n")[0] == "probabilities"
    page.locator("#query").fill(" hidden  MatMul ")
    assert page.locator("#found [role=option]").all_inner_texts() == ["hidden/matmul\nMatMul"]
    page.locator("#query").fill("hidden no such thing")
    assert page.locator("#found").inner_text() == "nothing found"
    page.locator("#query").fill("no such thing")
    assert page.locator("#found").inner_text() == "nothing found"


def test_search_finds_what_is_not_drawn(show: Any) -> None:
    page = show("digits_mlp").page
    page.locator("#query").fill("hidden/weights/Assign")
    assert "not drawn" in page.locator("#found [role=option]").first.inner_text()
    page.locator("#found [role=option]").first.click()
    assert page.locator("#panel h2").inner_text() == "hidden/weights/Assign"
    assert page.locator("#all").get_attribute("aria-pressed") == "true"
    assert box(page, "hidden/weights/Assign").is_visible()


def test_an_address_names_a_node(show: Any) -> None:
    page = show("digits_mlp", fragment="#hidden/out").page
    assert page.locator("#panel h2").inner_text() == "hidden/out"
    box(page, "digit").click()
    assert page.url.endswith("#digit")


def place(page: Any, name: str) -> tuple[float, float]:
    rect = box(page, name).bounding_box()
    return rect["x"] + rect["width"] / 2, rect["y"] + rect["height"] / 2


def test_pan_and_zoom(show: Any) -> None:
    page = show("digits_mlp").page
    x, y = place(page, "digit")
    page.mouse.move(200, 300)
    page.mouse.down()
    page.mouse.move(230, 320)
    page.mouse.move(260, 340)
    page.mouse.up()
    page.wait_for_timeout(100)
    moved = place(page, "digit")
    assert moved == pytest.approx((x + 60, y + 40), abs=1)
    assert page.locator(".selected").count() == 0, "a drag is no click"
    page.mouse.move(*moved)
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(100)
    assert place(page, "digit") == pytest.approx(moved, abs=2), "what is under the pointer stays there"
    assert box(page, "digit").bounding_box()["width"] > 60
    page.locator("#fit").click()
    assert place(page, "digit") == pytest.approx((x, y), abs=1)


def test_data_flows_upward_or_to_the_right(show: Any) -> None:
    page = show("digits_mlp").page
    assert place(page, "images")[1] > place(page, "hidden/out")[1] > place(page, "probabilities")[1]
    page.locator("#turn").click()
    assert place(page, "images")[0] < place(page, "hidden/out")[0] < place(page, "probabilities")[0]


def test_a_run_is_told_and_colours_by_time(show: Any) -> None:
    feeds = "--random", "images=[2,8,8]", "--random", "labels=[2]"
    page = show("digits_mlp", "--run", *feeds, "--color-by", "time").page
    assert page.locator("#paint").input_value() == "time" and "up to" in page.locator("#legend").inner_text()
    assert page.locator("#graph .box .s4").count() >= 1
    box(page, "output/logits").click()
    text = page.locator("#panel").inner_text()
    assert "took" in text and "was float32 [2, 10], 80 B, " in text and ", mean " in text
    assert any(note.endswith("80 B") for note in box(page, "output/logits").locator(".note").all_text_contents())


def test_two_graphs_are_compared(invoke: Any, open_page: Any, tmp_path: Path) -> None:
    texts = {"a": "{b: relu(x), c: exp(b), gone: sin(x)}", "b": "{b: tanh(x), c: exp(b), come: exp(c)}"}
    for name, ops in texts.items():
        (tmp_path / f"{name}.yaml").write_text(f"graph: g\ninputs: {{x: {{dtype: float32, shape: [2]}}}}\nops: {ops}\n")
    out = tmp_path / "g.html"
    result = invoke("viz", str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"), "--diff", "-o", str(out))
    assert result.code == 0, result.err
    seen = open_page(out)
    page = seen.page
    assert seen.console == [] and page.locator("#paint").input_value() == "change"
    paints = {n: box(page, n).locator("path").get_attribute("class") for n in ("x", "b", "c", "come", "gone")}
    assert paints == {"x": "same", "b": "changed", "c": "same", "come": "added", "gone": "removed"}
    text = page.locator("#panel").inner_text()
    assert "1 added\ncome" in text and "1 removed\ngone" in text and "1 changed\nb" in text
    box(page, "b").click()
    assert "op: Relu → Tanh" in page.locator("#panel").inner_text()
    box(page, "gone").click()
    assert page.locator("#graph .box.into").count() == 1, "it reads what is still there"


def test_colour_by_memory_needs_no_run(show: Any) -> None:
    page = show("digits_mlp").page
    page.locator("#paint").select_option("memory")
    largest = box(page, "hidden/weights").locator("path").get_attribute("class")
    assert largest == "s4" and "up to 24.6 kB" in page.locator("#legend").inner_text()


def test_colour_by_device(show: Any) -> None:
    page = show("devices").page
    page.locator("#paint").select_option("device")
    fills = {page.evaluate("e => getComputedStyle(e.querySelector('path')).fill", box(page, n).element_handle())
             for n in ("left", "right", "total")}
    assert len(fills) == 3
    assert "/device:CPU:1" in page.locator("#legend").inner_text()


@pytest.mark.parametrize("name", ["flow_while", "flow_cond"])
def test_control_flow_is_drawn(show: Any, name: str) -> None:
    seen = show((CASES / f"{name}.yaml").read_text())
    seen.page.locator("#open").click()
    assert seen.console == [] and seen.page.locator("#graph .box.k-control").count() > 2
