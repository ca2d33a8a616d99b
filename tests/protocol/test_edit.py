"""Records in a browser, as the service sees it: forms, their checks, review, sending, history and sessions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from missiegraaf import forms, tokens
from missiegraaf.namespaces import BASE, LANGUAGES

from .conftest import only_embedded, without_fuseki

NEW = "/edit/learning-community"
PATH = "/edit/place/utrecht"
OK = {
    "name": "try-out",
    "prefLabel.nl": "Probeersel",
    "prefLabel.en": "Try-out",
    "description.nl": "Om te proberen.",
    "description.en": "To try.",
    "evidenceStatus": BASE + "id/evidence-status/unverified",
    "statedPlace": "utrecht",
    "membership.0.iri": "",
    "membership.0.member": "Saxion",
    "membership.0.basis": BASE + "id/basis/unverified",
    "mark": "",
}


@pytest.fixture
def token(own_store: Path) -> str:
    return tokens.create(own_store, "a browser", "editor")


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the first form of a page; of several rows the last that is filled in."""
    sent = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and value and value[1] and 'type="checkbox"' not in tag:
            sent[name[1]] = value[1].replace("&#34;", '"').replace("&amp;", "&").replace("&#39;", "'")
    sent |= dict(re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>([^<]*)</textarea>', page))
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        if chosen := re.search(r'<option value="([^"]+)" selected', body):
            sent[name] = chosen[1]
    return sent


def send(service: FlaskClient, path: str, fields: dict[str, str], **more: str) -> tuple[int, str]:
    answer = service.post(path + "?lang=en", data=fields | more)
    return answer.status_code, answer.text


def count(service: FlaskClient, pattern: str) -> int:
    answer = service.get("/sparql", query_string={"query": f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"})
    return int(answer.json["results"]["bindings"][0]["n"]["value"])  # type: ignore[index]


@only_embedded
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_has_its_form_and_it_says_everything_in_the_language(service: FlaskClient, language: str) -> None:
    index = service.get(f"/edit?lang={language}").text
    asked = [form for form in forms.forms().values() if not form.is_part]
    assert len(asked) >= 43
    for form in asked:
        assert f"/edit/{form.key}?lang={language}" in index
        page = service.get(f"/edit/{form.key}?lang={language}")
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        for field in form.fields:
            assert bool(field.fixed) or f">{field.name[language]}</span>" in page.text, (form.key, field.key)


@without_fuseki
def test_a_record_is_made_reviewed_sent_shown_changed_undone_and_removed(service: FlaskClient, token: str) -> None:
    status, page = send(service, NEW, OK, do="review")
    assert status == 200
    assert all(text in page for text in ("Probeersel", "Utrecht", "member-saxion", "Your token"))
    assert count(service, "?x skos:prefLabel 'Probeersel'@nl") == 0
    answer = service.post(NEW + "?lang=en", data=OK | {"do": "send", "token": token, "reason": "to try"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/id/learning-community/try-out?lang=en")
    record = "learning-community:try-out"
    assert count(service, f"{record} mg:hasMember organisation:saxion ; mg:relatedPlace place:utrecht") == 1

    path = NEW + "/try-out"
    page = service.get(path + "?lang=en").text
    fields = form_of(page)
    assert fields["statedPlace"] == "Utrecht (place:utrecht)"
    status, page = send(service, path, fields | {"membership.0.remove": "1", "prefLabel.en": "Tried"}, do="review")
    assert (status, "<del>Try-out</del>" in page, "<ins>Tried</ins>" in page) == (200, True, True)
    assert "You write as editor" in page
    sent = form_of(page) | {"do": "send"}
    assert service.post(path, data=sent).status_code == 303
    assert count(service, f"{record} mg:hasMember ?any") == 0
    assert count(service, f"GRAPH ?g {{ {record} ?p ?o }} FILTER(?g != <{BASE}inferred>)") == 7

    page = service.get("/history/learning-community/try-out?lang=en").text
    newest, *_ = re.findall(r"/history/[^\"]*/(\d+)/undo", page)
    assert "to try" in page
    undo = f"/history/learning-community/try-out/{newest}/undo"
    assert service.post(undo, data={"word": "not mine"}).status_code == 403
    assert service.post(undo, data={"word": sent["word"]}).status_code == 303
    assert count(service, f"{record} mg:hasMember organisation:saxion") == 1

    fields = form_of(service.get(path + "?lang=en").text)
    removal = {"mark": fields["mark"], "word": sent["word"], "isReplacedBy": "place:utrecht"}
    assert service.post(path + "/remove", data=removal | {"mark": "another"}).status_code == 412
    assert service.post(path + "/remove", data=removal | {"isReplacedBy": "place:nowhere"}).status_code == 400
    assert service.post(path + "/remove", data=removal).status_code == 303
    assert service.get("/id/learning-community/try-out").status_code == 410
    assert service.get("/history/learning-community/try-out").status_code == 200


@only_embedded
def test_what_is_wrong_stands_beside_its_field_and_nothing_that_was_typed_is_lost(service: FlaskClient) -> None:
    wrong = OK | {"statedPlace": "Utrehct", "firstDay": "gisteren", "prefLabel.en": ""}
    status, page = send(service, NEW, wrong, do="review")
    assert status == 400
    assert "Nothing is known by this name." in page
    assert "is not clearly a day; expected one as 2021-01-31 or 31-1-2021" in page
    assert 'value="Utrecht (place:utrecht)"' in page  # to choose
    kept = form_of(page)
    assert wrong.items() - kept.items() <= {("mark", ""), ("membership.0.iri", ""), ("prefLabel.en", "")}
    status, page = send(service, NEW, kept | {"statedPlace": "place:utrecht", "firstDay": "2020-01-01"}, do="send")
    assert status == 400
    for message in ("The English label is missing", "without a claim", "not how exactly it is known"):
        assert message in page
    assert re.search(r'href="#prefLabel-field">name</a>', page)
    assert count(service, "?x skos:prefLabel 'Probeersel'@nl") == 0


@only_embedded
def test_more_rows_and_parts_can_be_asked_for_without_a_script(service: FlaskClient) -> None:
    _, page = send(service, NEW, OK, do="more:statedPlace")
    assert page.count('name="statedPlace"') == 5  # one filled in, three asked for, one that is always there
    _, page = send(service, NEW, OK, do="more:membership")
    assert 'name="membership.1.member"' in page
    _, page = send(service, NEW, OK, do="more:membership.0.evidence")
    assert page.count('name="membership.0.evidence"') == 4
    for name in ("nothing", "membership.7.evidence", "membership.0.nothing"):
        assert send(service, NEW, OK, do="more:" + name)[0] == 404


@only_embedded
def test_a_mend_that_was_tried_is_applied_by_a_button(service: FlaskClient) -> None:
    # A place that does not exist, but nearly: by its IRI it is not looked up by name.
    status, page = send(service, NEW, OK | {"statedPlace": "place:utrehct"}, do="check")
    assert status == 200
    (button,) = re.findall(r'value="(mend:\w+)"', page)
    _, page = send(service, NEW, form_of(page), do=button)
    assert form_of(page)["statedPlace"] == "Utrecht (place:utrecht)"
    _, page = send(service, NEW, form_of(page) | {"name": "try-out"}, do="check")
    assert "Nothing is wrong with this record." in page


@only_embedded
def test_of_two_editors_at_one_record_one_wins_and_one_is_told(service: FlaskClient, token: str) -> None:
    fields = form_of(service.get(PATH + "?lang=en").text)
    mine, theirs = fields | {"prefLabel.en": "Mine"}, fields | {"prefLabel.nl": "Hun Utrecht"}
    assert service.post(PATH, data=theirs | {"do": "send", "token": token}).status_code == 303
    status, page = send(service, PATH, mine, do="send", token=token)
    assert status == 412
    assert "<ins>Mine</ins>" in page
    assert "<del>Hun Utrecht</del>" in page  # what sending it again would undo
    assert count(service, "place:utrecht skos:prefLabel 'Hun Utrecht'@nl") == 1
    status, _ = send(service, PATH, form_of(page), do="send", token=token)  # having seen that
    assert status == 303
    assert count(service, "place:utrecht skos:prefLabel 'Mine'@en") == 1


@only_embedded
def test_a_record_that_is_there_is_not_made_anew_and_what_has_no_form_or_is_not_there_is_not_found(
    service: FlaskClient, token: str
) -> None:
    status, page = send(service, NEW, OK | {"name": "ace-mobility"}, do="send", token=token)
    assert (status, "There is a record" in page) == (400, True)
    status, page = send(service, NEW, OK | {"name": "", "prefLabel.nl": ""}, do="review")
    assert (status, "Give the record a name" in page) == (400, True)
    for path in ("/edit/nothing", "/edit/claim", "/edit/place/nowhere", "/edit/dataset/observations", "/history/x/y"):
        assert service.get(path).status_code == 404, path
    assert service.post("/edit/place/nowhere", data=OK).status_code == 404


@only_embedded
def test_sessions_are_signed_bound_to_a_token_and_to_the_pages_of_the_service(
    service: FlaskClient, own_store: Path, token: str
) -> None:
    fields = form_of(service.get(PATH).text) | {"do": "send", "prefLabel.en": "Utrecht!"}
    assert service.post(PATH, data=fields).status_code == 401
    assert service.post("/session", data={"token": "nobody's"}).status_code == 401
    assert service.post("/session", data={"token": token}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert service.post("/session", data={"token": token}, headers={"Origin": "https://a.example"}).status_code == 403
    entered = service.post("/session", data={"token": token, "then": "//a.example/"})
    assert (entered.status_code, entered.headers["Location"]) == (303, "/edit")
    cookie = entered.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Strict"))
    assert token not in cookie
    assert (
        "Secure" in service.post("/session", data={"token": token}, base_url="https://localhost").headers["Set-Cookie"]
    )

    assert service.post(PATH, data=fields).status_code == 403  # without the word of the session
    page = send(service, PATH, fields, do="review")[1]
    word = form_of(page)["word"]
    assert service.put("/v1/records/place/utrecht", data="", content_type="text/turtle").status_code == 401  # no cookie
    service.set_cookie("missiegraaf", "forged.by.me")
    assert service.post(PATH, data=fields | {"word": word}).status_code == 401
    service.post("/session", data={"token": token})
    tokens.revoke(own_store, "a browser")
    word = form_of(send(service, PATH, fields, do="review")[1]).get("word", "")
    assert service.post(PATH, data=fields | {"word": word}).status_code == 401
    assert count(service, "place:utrecht skos:prefLabel 'Utrecht!'@en") == 0


@only_embedded
def test_what_is_sent_from_a_browser_is_in_the_trail_and_what_is_only_checked_is_not(
    service: FlaskClient, own_store: Path, token: str
) -> None:
    before = len(tokens.trail(own_store))
    send(service, NEW, OK, do="check")
    send(service, NEW, OK | {"token": "nobody's"}, do="send")
    send(service, NEW, OK, do="send", token=token)
    found = tokens.trail(own_store)[before:]
    assert [(tried.role, tried.status) for tried in found] == [("", 401), ("editor", 303)]
    assert token not in repr(found)


@pytest.mark.parametrize(("language", "said"), [("nl", "Bijvoorbeeld"), ("en", "For example")])
def test_what_is_wrong_has_an_example_of_what_is_right(service: FlaskClient, language: str, said: str) -> None:
    sent = OK | {"evidenceStatus": "", "do": "check"}
    page = service.post(f"{NEW}?lang={language}", data=sent).text
    assert f"{said}: <code>evidence-status:documented</code>" in page
