"""Requests to a service."""

import urllib3

ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def update(address: str, admin: dict[str, str], text: str) -> urllib3.BaseHTTPResponse:
    headers = {"Content-Type": "application/sparql-update", **admin}
    return urllib3.request("POST", f"{address}/update", body=text, headers=headers, retries=False, timeout=60)


def ask(address: str, query: str, **parameters: object) -> urllib3.BaseHTTPResponse:
    return urllib3.request(
        "GET",
        f"{address}/sparql",
        fields={"query": query} | {name: str(value) for name, value in parameters.items()},
        headers={"Accept": "text/csv, application/sparql-results+json;q=0.5"},
        retries=False,
        timeout=60,
    )
