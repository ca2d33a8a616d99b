"""An editor in a real browser, by keyboard alone, in Dutch and in English; and what axe says of the pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from missiegraaf import tokens

from .conftest import serving

SHEETS = Path(__file__).parents[1] / "sheets"
TEXTS = {
    "nl": {
        "name": "naam, Nederlands",
        "other": "naam, Engels",
        "place": "Thema, sector en plaats",
        "stated": "vermelde plaats",
        "status": "onbevestigd",
        "description": ("Omschrijving", "beschrijving, Nederlands", "beschrijving, Engels"),
        "review": "Bekijk wat verandert",
        "wrong": "Dit klopt nog niet",
        "changes": "Wat verandert",
        "send": "Verstuur",
        "history": "geschiedenis",
        "undo": "Maak dit ongedaan",
        "sheet": "Lees een rekenblad in",
        "look": "Bekijk wat het doet",
        "import": "Lees alles in",
        "imported": "Ingelezen in versie 2",
    },
    "en": {
        "name": "name, Dutch",
        "other": "name, English",
        "place": "Theme, sector and place",
        "stated": "stated place",
        "status": "unverified",
        "description": ("Description", "description, Dutch", "description, English"),
        "review": "Review the changes",
        "wrong": "This is not right yet",
        "changes": "What changes",
        "send": "Send",
        "history": "history",
        "undo": "Undo this",
        "sheet": "Import a spreadsheet",
        "look": "See what it would do",
        "import": "Import all of it",
        "imported": "Imported in version 2",
    },
}


@pytest.fixture
def address(own_store: Path) -> Iterator[str]:
    with serving("--store", str(own_store), MISSIEGRAAF_READERS="1") as address:
        yield address


def focus(page: Any, name: str, kinds: str = "a, button, summary") -> None:
    """Press Tab until what is of these kinds and has this name has the focus, as a reader without a mouse does."""
    for _ in range(400):
        page.keyboard.press("Tab")
        if page.evaluate(
            "([name, kinds]) => {const e = document.activeElement; return e.matches(kinds) &&"
            "(e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || '').trim() === name}",
            [name, kinds],
        ):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"nothing called {name!r} can be reached by keyboard")


def press(page: Any, name: str) -> None:
    focus(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page: Any, name: str, text: str) -> None:
    focus(page, name, "input, textarea")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(text)


def choose(page: Any, name: str, text: str) -> None:
    focus(page, name, "select")
    page.keyboard.type(text)


def opened(page: Any, group: str) -> None:
    focus(page, group)
    page.keyboard.press("Enter")


def assert_accessible(page: Any, name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page)
    assert found.response["passes"], "axe has looked"
    assert [(v["id"], v["impact"], v["nodes"][0]["html"]) for v in found.response["violations"]] == [], name


def test_a_record_goes_from_an_empty_form_to_its_undo_by_keyboard(page: Any, address: str, own_store: Path) -> None:
    language = page.evaluate("navigator.language")
    say = TEXTS[language]
    token = tokens.create(own_store, "a browser", "editor")
    page.goto(address + "/edit/learning-community")
    fill(page, say["name"], "Probeersel")
    fill(page, say["other"], "Try-out")
    group, dutch, english = say["description"]
    opened(page, group)
    fill(page, dutch, "Om te proberen.")
    fill(page, english, "To try.")
    opened(page, say["place"])
    fill(page, say["stated"], "Utrehct")
    press(page, say["review"])
    assert page.locator(".summary h2").inner_text() == say["wrong"]
    choose(page, say["stated"] + " 1", "Utrecht (place:utrecht)")
    press(page, say["review"])
    assert page.locator(".summary li").count() == 1  # without a status of its evidence
    status = page.locator("#evidenceStatus-field .label > span").text_content()
    choose(page, status, say["status"])
    press(page, say["review"])
    assert page.locator("h1").inner_text() == say["changes"], page.locator(".summary").inner_text()
    fill(page, page.locator("label[for=token]").inner_text(), token)
    press(page, say["send"])
    assert page.url.partition("?")[0].endswith("/doc/learning-community/probeersel")
    press(page, say["history"])
    assert page.locator("ins").count() == 7
    press(page, say["undo"])
    assert page.locator("h2").count() == 2
    page.goto(address + "/doc/learning-community/probeersel")
    assert page.locator("h1").inner_text().startswith("410")


def test_a_sheet_with_ten_mistakes_becomes_records_and_one_is_undone(page: Any, address: str, own_store: Path) -> None:
    language = page.evaluate("navigator.language")
    say = TEXTS[language]
    token = tokens.create(own_store, "a browser", "editor")
    page.goto(address + "/edit")
    press(page, say["sheet"])
    page.locator("#file").set_input_files(SHEETS / "ten-mistakes.csv")
    press(page, say["look"])
    cells = page.locator(".findings strong").all_inner_texts()
    assert cells == ["P1", "C2", "H2", "K2", "E3", "H3", "Q3", "S3", "A4", "A5"]
    assert page.locator("button[value=all]").count() == 0
    assert_accessible(page, "a sheet with mistakes")
    page.locator("#file").set_input_files(SHEETS / "right.csv")
    press(page, say["look"])
    assert page.locator(".findings").count() == 0
    assert page.locator("tbody tr").count() == 2
    fill(page, page.locator("label[for=reason]").inner_text(), "a sheet")
    fill(page, page.locator("label[for=token]").inner_text(), token)
    press(page, say["import"])
    assert page.locator(".summary h2").inner_text() == say["imported"]
    assert_accessible(page, "an import")
    press(page, say["history"])
    assert page.locator("h1").inner_text().endswith("Fieldlab Noord" if language == "nl" else "Fieldlab North")
    assert "a sheet" in page.locator("main").inner_text()
    press(page, say["undo"])
    assert page.locator("h2").count() == 2
    record = page.url.partition("/history/")[2].partition("?")[0]
    page.goto(f"{address}/doc/{record}")
    assert page.locator("h1").inner_text().startswith("410")


def test_axe_finds_nothing_wrong_with_the_pages_of_editors(page: Any, address: str, own_store: Path) -> None:
    looked = 0
    for path in (
        "/edit",
        "/edit?find=saxion",
        "/edit/observation",
        "/edit/learning-community",
        "/edit/learning-community/ace-mobility",
        "/edit/theme/energietransitie-duurzaamheid",
        "/validate",
        "/import",
        "/history/place/utrecht",
        "/doc/place/utrecht",
        "/",
    ):
        page.goto(address + path)
        assert_accessible(page, path)
        looked += 1
    page.goto(address + "/edit/place/utrecht")
    page.locator("[name='prefLabel.en']").fill("")
    page.locator("button[value=review]").click()
    assert_accessible(page, "a form with what is wrong")
    page.locator("[name='prefLabel.en']").fill("Utrecht!")
    page.locator("button[value=review]").click()
    assert_accessible(page, "a review")
    page.locator("#token").fill(tokens.create(own_store, "a browser", "editor"))
    page.locator("button[value=send]").click()
    page.goto(address + "/history/place/utrecht")
    assert_accessible(page, "a history")
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(address + "/edit/learning-community/ace-mobility")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert looked == 11
