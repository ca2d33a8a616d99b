"""What harvesting costs: publishing a version, and requests a second beside a static file server with the same bytes.

The two servers take turns with each kind of request. A resource is made for each request, where the static server has
a file; pages of the feed and dumps are files in both.
"""

from __future__ import annotations

import http.client
import json
import re
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench import client, common
from missiegraaf import dumps, feed, sitemaps
from missiegraaf import statistics as numbers
from missiegraaf.engine import embedded
from missiegraaf.namespaces import BASE

ROUNDS, SECONDS = 5, 2.0
_COMMUNITY: Final = rf"<{BASE}id(/learning-community/[^#>]+)"
RELEASED: Final = "2026-01-01T00:00:00Z"  # any time does
NGINX: Final = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = common.parser("Publishing, and serving what is published.")
    parser.add_argument("--publish", type=Path, help="publish this store, and print the seconds of each part")
    options = parser.parse_args()
    if options.publish:
        print(json.dumps(parts(options.publish)))
        return
    for size in options.sizes:
        data = common.data(size)
        figures = common.apart("bench.harvest", "--publish", data.store) | served(data)
        print(f"{data.count} triples: {figures}")
        common.save("harvest", data, figures)


def parts(store: Path) -> dict[str, float]:
    """Return the seconds of each part of publishing, the most memory that it took, and the size of the files."""
    dataset, found = embedded.read(store), {}
    with tempfile.TemporaryDirectory(prefix="bench-", dir=common.KEPT) as name:
        work = {
            "feed": lambda: feed.extend(dataset, name + "/feed", BASE),
            "site map": lambda: sitemaps.sitemaps(dataset, BASE, RELEASED),
            "numbers": lambda: numbers.gather(dataset, BASE, 1, RELEASED),
            "dumps": lambda: dumps.write(dataset, 1, Path(name), BASE),
        }
        for part, do in work.items():
            began = time.perf_counter()
            do()  # type: ignore[no-untyped-call]
            found[part] = time.perf_counter() - began
        found["MB on disk"] = sum(path.stat().st_size for path in Path(name).rglob("*")) / 1e6
    return found | {"MB of memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}


def served(data: common.Data) -> dict[str, Any]:
    """Return requests a second of each kind, of the service and of the static server, with one client and eight."""
    if not shutil.which("nginx"):
        print("nginx is not there: nothing to compare with")
        return {}
    with tempfile.TemporaryDirectory(prefix="bench-", dir=common.KEPT) as name:
        folder = Path(name)
        shutil.copytree(data.store, folder / "store", symlinks=True)
        with (
            common.service(folder / "store", folder / "log", MISSIEGRAAF_PUBLISH="true") as (port, _),
            static(folder, port, community(data)) as (peer, tags),
        ):
            rates: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                for kind, (path, accept) in kinds(port, community(data)).items():
                    for clients in (1, 8):
                        for new in (True, False):
                            asked = f"{kind}, {'new' if new else '304'}, {clients}"
                            ours, theirs = tags[kind]
                            for server, at, where, tag in (
                                ("missiegraaf", port, path, ours),
                                ("nginx", peer, f"/{kind}", theirs),
                            ):
                                headers = {"Accept": accept} if new else {"Accept": accept, "If_None_Match": tag}
                                request = client.request("GET", at, where, b"", **headers)
                                batch = client.ask(at, lambda request=request: request, clients, SECONDS)  # type: ignore[misc]
                                if batch.failed:
                                    raise RuntimeError(f"{server}: {batch.failed} of {batch.asked} {asked} failed")
                                rates.setdefault(f"{asked}, {server}", []).append(batch.asked / batch.seconds)
    return {kind: statistics.median(found) for kind, found in rates.items()}


def community(data: common.Data) -> str:
    """Return the path of a learning community's document."""
    with data.generated.open(encoding="utf-8") as lines:
        return next(f"/doc{found[1]}" for line in lines if (found := re.match(_COMMUNITY, line)))


def kinds(port: int, document: str) -> Mapping[str, tuple[str, str]]:
    """Return what is asked: for each kind a path and an Accept header."""
    dump = fetched(port, "/dumps/missiegraaf-latest.ttl.gz", "*/*")[0].getheader("Location", "")
    return {
        "resource": (document, "text/turtle"),
        "feed": ("/feed/2", "application/trig"),
        "dump": (dump, "*/*"),
    }


@contextmanager
def static(folder: Path, port: int, document: str) -> Iterator[tuple[int, dict[str, tuple[str, str]]]]:
    """Run nginx with what the service answers as files; yield its port, and of each kind the ETags of both."""
    (folder / "files").mkdir()
    ours = {}
    for kind, (path, accept) in kinds(port, document).items():
        answer, content = fetched(port, path, accept)
        (folder / "files" / kind).write_bytes(content)
        ours[kind] = answer.getheader("ETag", "")
    peer = common.free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=peer), encoding="utf-8")
    command = ["nginx", "-c", folder / "nginx.conf", "-p", folder]
    with common.running(command, folder / "nginx.log", f"http://127.0.0.1:{peer}/"):
        theirs = {kind: fetched(peer, f"/{kind}", "*/*")[0].getheader("ETag", "") for kind in ours}
        yield peer, {kind: (ours[kind], theirs[kind]) for kind in ours}


def fetched(port: int, path: str, accept: str) -> tuple[http.client.HTTPResponse, bytes]:
    """Return an answer and its content. Raises RuntimeError where it is an error."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Accept": accept})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status >= 400:
        raise RuntimeError(f"{path}: {answer.status} {content[:500]!r}")
    return answer, content


if __name__ == "__main__":
    main()
