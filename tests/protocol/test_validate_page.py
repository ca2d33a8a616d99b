"""Records checked on the page: the draft stays, with what is wrong with it and buttons that mend it."""

import html
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from rdflib import Graph

from .checks import RIGHT, results
from .conftest import only_embedded


@only_embedded
def test_the_page_is_there_in_both_languages(client: FlaskClient) -> None:
    for language, heading in (("nl", "Records nakijken"), ("en", "Check records")):
        answer = client.get("/validate", query_string={"lang": language})
        assert (answer.status_code, heading in answer.text) == (200, True)
        assert answer.headers["ETag"]


@only_embedded
@pytest.mark.parametrize(
    ("language", "where", "verdict"), [("nl", "regel 9", "niet in orde: 1"), ("en", "line 9", "does not")]
)
def test_the_page_says_what_is_wrong_and_keeps_the_draft(
    client: FlaskClient, language: str, where: str, verdict: str
) -> None:
    wrong = RIGHT.replace('"Atlantis"@en, "Atlantis"@nl', '"Atlantis <sunken>"@en')
    answer = client.post("/validate", query_string={"lang": language}, data={"records": wrong, "format": "ttl"})
    assert answer.status_code == 200
    for text in (where, verdict, "&#34;Atlantis &lt;sunken&gt;&#34;@en", 'href="/shapes#', f'lang="{language}"'):
        assert text in answer.text, text
    (finding,) = results(client, wrong)
    assert str(escape(finding["message"][language])) in answer.text


@only_embedded
def test_the_page_takes_a_file_and_proposes_names(client: FlaskClient) -> None:
    wrong = RIGHT.replace("passage:seed-003-11-11", "passage:seed-003-11-1")
    lines = Graph().parse(data=wrong, format="turtle").serialize(format="nt")
    file = (io.BytesIO(lines.encode()), "atlantis.nt")
    answer = client.post("/validate?lang=en", data={"records": "", "format": "ttl", "file": file})
    assert "Did you mean" in answer.text
    assert 'href="/id/passage/seed-003-11-11"' in answer.text
    assert "conforms: 0 findings" in client.post("/validate?lang=en", data={"records": RIGHT, "format": "ttl"}).text
    assert client.post("/validate", data={"records": RIGHT, "format": "xlsx"}).status_code == 400


TWO = RIGHT.replace(', "Atlantis"@nl', "").replace("documented", "documentd") + "# the end\n"


def mend_buttons(page: str) -> list[str]:
    return re.findall(r'<button [^>]*form="records-form"[^>]*value="mend:(\w+)"', page)


@only_embedded
@pytest.mark.parametrize(("language", "said"), [("nl", "Herstel dit"), ("en", "Mend this")])
def test_a_button_makes_one_mend_in_the_text_and_another_makes_all(
    client: FlaskClient, language: str, said: str
) -> None:
    def post(records: str, do: str, **sent: Any) -> str:
        data = {"records": records, "format": "ttl", "do": do} | sent
        answer = client.post("/validate", query_string={"lang": language}, data=data)
        assert answer.status_code == 200
        return answer.text

    def draft(page: str) -> str:
        (found,) = re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
        return html.unescape(found)

    page = post(TWO, "check")
    every, *keys = mend_buttons(page)
    assert (every, len(keys), page.count(said)) == ("all", 2, 2)
    assert draft(post(TWO, "mend:all")) == RIGHT + "# the end\n"
    mended = {draft(post(TWO, f"mend:{key}")) for key in keys}
    assert mended == {TWO.replace("documentd", "documented"), TWO.replace('"@en', '"@en, "Atlantis"@nl')}
    # What is no longer there is not mended.
    assert draft(post(RIGHT, f"mend:{keys[0]}")) == RIGHT
    from_file = post("", "check", file=(io.BytesIO(TWO.encode()), "atlantis.ttl"))
    assert (mend_buttons(from_file), draft(from_file)) == ([every, *keys], TWO)
    assert mend_buttons(post("", "check", file=(io.BytesIO(b"#" * 300_000 + TWO.encode()), "long.ttl"))) == []
