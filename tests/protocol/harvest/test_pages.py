"""The pages for harvesters in a browser, in Dutch and in English."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from missiegraaf.config import Settings

from ..conftest import serving
from ..test_edit_pages import assert_accessible


@pytest.fixture(scope="module")
def address(settings: Settings, written: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of its own over what is published already."""
    assert written
    own = shutil.copytree(settings.store, tmp_path_factory.mktemp("seen") / "store", symlinks=True)
    with serving("--store", str(own), MISSIEGRAAF_READERS="1", MISSIEGRAAF_PUBLISH="true") as address:
        yield address


@pytest.mark.parametrize("path", ["/catalogue", "/dumps/", "/feed", "/doc/evidence-status/documented?page=2"])
def test_axe_finds_nothing_wrong_and_nothing_is_wider_than_a_phone(page: Any, address: str, path: str) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(address + path)
    assert page.locator("html").get_attribute("lang") == page.evaluate("navigator.language")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    assert_accessible(page, path)


def test_who_begins_at_home_comes_to_a_file_by_keyboard(page: Any, address: str) -> None:
    page.goto(address + "/")
    for href in ("/catalogue", "/dumps/"):
        page.locator(f'main a[href^="{href}"]').first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{href}*")
    with page.expect_download() as download:
        page.locator('main a[href$=".ttl.gz"]').first.focus()
        page.keyboard.press("Enter")
    assert Path(download.value.path()).read_bytes()[:2] == b"\x1f\x8b"
