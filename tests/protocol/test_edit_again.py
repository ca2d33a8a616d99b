"""Forms that are sent late, twice, or by a client that makes something up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missiegraaf import tokens
from missiegraaf.namespaces import BASE

from .conftest import only_embedded
from .test_edit import NEW, OK, PATH, count, form_of, send

NONSENSE = ("mend:abc", "mend:-1", "mend:0", "mend:", "more:", "more:membership.x.y", "more:membership.-1.member")
NONSENSE += (
    "more:membership.0",
    "more:membership.0.",
    "more:.",
    "check:1",
    "sned",
    "",
    "\u0661",
    "more:\u0661.2.\u0663",
)
words = st.sampled_from(["check", "mend", "more", "send", ":", ".", "0", "-1", "membership", "member", "\u0661", " "])


@only_embedded
@pytest.mark.parametrize("do", NONSENSE)
def test_a_button_that_is_not_of_the_page_is_refused_with_those_that_are(client: FlaskClient, do: str) -> None:
    answer = client.post(NEW, data=OK | {"do": do})
    assert answer.status_code == 400
    assert "expected check, back, review, send, mend:" in answer.json["detail"]  # type: ignore[index]


@only_embedded
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=12) | st.lists(words, max_size=6).map("".join))
def test_whatever_button_is_sent_the_service_answers_it(client: FlaskClient, do: str) -> None:
    assert client.post(NEW, data=OK | {"name": "", "do": do}).status_code in (200, 400, 401, 404)


@only_embedded
@pytest.mark.parametrize("name", ["nothing", "membership.7.evidence", "membership.0.nothing", "statedPlace.0.x"])
def test_a_field_that_the_form_has_not_gets_no_rows(client: FlaskClient, name: str) -> None:
    answer = client.post(NEW, data=OK | {"do": "more:" + name})
    assert answer.status_code == 404


@only_embedded
def test_a_mend_is_made_by_what_it_is_also_where_a_finding_before_it_was_mended_by_hand(client: FlaskClient) -> None:
    both = OK | {"statedPlace": "place:utrehct", "membership.0.member": "organisation:saxoin"}
    page = send(client, NEW, both, do="check")[1]
    buttons = re.findall(r'value="(mend:\w+)"', page)
    assert len(buttons) == 2
    for button in buttons:
        mended = form_of(send(client, NEW, both, do=button)[1])
        first = mended["statedPlace"] == "Utrecht (place:utrecht)"
        hand = {"statedPlace": "Utrecht"} if not first else {"membership.0.member": "Saxion"}
        both_right = form_of(send(client, NEW, both | hand, do=button)[1])
        assert both_right["statedPlace"] == "Utrecht (place:utrecht)"
        assert both_right["membership.0.member"].endswith("(organisation:saxion)")


@only_embedded
def test_a_mend_that_does_not_fit_any_more_is_told_and_changes_nothing(client: FlaskClient) -> None:
    status, page = send(client, NEW, OK, do="mend:0123456789abcdef")
    assert (status, "this mend does not fit what is there now" in page) == (200, True)
    assert form_of(page)["prefLabel.nl"] == "Probeersel"


@only_embedded
@pytest.mark.parametrize("line", ["\u2028", "\u2029", "\u0085"])
def test_a_text_with_an_end_of_line_of_another_kind_is_mended_and_told_whole(
    service: FlaskClient, own_store: Path, line: str
) -> None:
    text = f"Om te{line}proberen."
    wrong = OK | {"description.nl": text, "statedPlace": "place:utrehct"}
    page = send(service, NEW, wrong, do="check")[1]
    (button,) = re.findall(r'value="(mend:\w+)"', page)
    status, page = send(service, NEW, wrong, do=button)
    assert (status, form_of(page)["statedPlace"]) == (200, "Utrecht (place:utrecht)")
    assert form_of(page)["description.nl"] == text
    token = tokens.create(own_store, "a browser", "editor")
    assert send(service, NEW, OK | {"description.nl": text}, do="send", token=token)[0] == 303
    (change,) = service.get("/v1/records/learning-community/try-out/history").json["changes"]  # type: ignore[index]
    assert all(triple.endswith(" .") for triple in change["added"])
    assert f"{text}&#34;@nl ." in service.get("/history/learning-community/try-out").text


@only_embedded
def test_what_is_not_there_is_not_removed_and_what_was_removed_is_told_so(
    service: FlaskClient, own_store: Path
) -> None:
    token = tokens.create(own_store, "a browser", "editor")
    asked = {"mark": "", "token": token}
    assert service.post("/edit/place/nowhere/remove", data=asked).status_code == 404
    path = NEW + "/try-out"
    assert send(service, NEW, OK, do="send", token=token)[0] == 303
    fields = form_of(service.get(path).text)
    for successor in ("learning-community:try-out", "place:nowhere", "nonsense", "a b"):
        refused = service.post(path + "/remove", data={**fields, "token": token, "isReplacedBy": successor})
        assert refused.status_code == 400
        assert "expected another record that is there" in refused.text
    removal = {"mark": fields["mark"], "token": token, "isReplacedBy": "place:utrecht"}
    assert service.post(path + "/remove", data=removal).status_code == 303
    for answer in (service.get(path), service.post(path, data=fields), service.post(path + "/remove", data=asked)):
        assert (answer.status_code, answer.json["isReplacedBy"]) == (410, BASE + "id/place/utrecht")  # type: ignore[index]


@only_embedded
def test_a_record_without_a_form_is_not_said_to_be_removed(service: FlaskClient, editor: dict[str, str]) -> None:
    path = "/v1/records/dataset/observations"
    stored = service.get(path, headers={"Accept": "text/turtle"})
    changed = stored.text + '\n<https://w3id.org/missiegraaf/id/dataset/observations> skos:altLabel "More"@en .\n'
    headers = editor | {"If-Match": stored.headers["ETag"], "Content-Type": "text/turtle"}
    assert service.put(path, data=changed, headers=headers).status_code == 200
    for answer in (service.get("/edit/dataset/observations"), service.post("/edit/dataset/observations", data={})):
        assert answer.status_code == 404
        assert "no form" in answer.text


@only_embedded
@pytest.mark.parametrize("iri", ["nonsense", "a b", "https://e.example/<", BASE + "id/place/utrecht#x"])
def test_an_iri_that_a_client_makes_up_is_told_and_not_stored(service: FlaskClient, own_store: Path, iri: str) -> None:
    token = tokens.create(own_store, "a browser", "editor")
    for field in ("membership.0.iri", "evidenceStatus", "statedPlace"):
        status, page = send(service, PATH if field == "statedPlace" else NEW, OK | {field: iri}, do="send", token=token)
        assert 400 <= status < 500, field
        assert "language code" not in page, field
    assert count(service, f"?x ?p <{BASE}id/place/utrecht#x>") == 0
