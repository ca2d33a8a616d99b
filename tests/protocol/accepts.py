"""The Accept headers that clients send, where each was found, and what they get of a document that has every format."""

from typing import NamedTuple


class Client(NamedTuple):
    """A client, the header that it sends (None: none), and the media type that it is to get."""

    name: str
    accept: str | None
    expected: str


TURTLE, N_TRIPLES, XML = "text/turtle", "application/n-triples", "application/rdf+xml"
JSON_LD, HTML = "application/ld+json", "text/html"

CLIENTS = (
    # MDN, "List of default Accept values" (github.com/mdn/content).
    Client("Firefox 132", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
    Client(
        "Firefox 128",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8",
        HTML,
    ),
    Client(
        "Chrome and Safari",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,image/apng,*/*;q=0.8",
        HTML,
    ),
    Client("Edge", "text/html, application/xhtml+xml, image/jxr, */*", HTML),
    Client(
        "Opera",
        "text/html, application/xml;q=0.9, application/xhtml+xml, image/png, image/webp, image/jpeg, image/gif, "
        "image/x-xbitmap, */*;q=0.1",
        HTML,
    ),
    # What the programs themselves sent to a server that prints it: curl 7.88.1, GNU Wget 1.21.3, urllib3 2.8.0,
    # rapper of raptor 2.0.15 in three ways, rdflib 7.6.0 without and with a format.
    Client("curl", "*/*", TURTLE),
    Client("Wget", "*/*", TURTLE),
    Client("urllib3", None, TURTLE),
    Client("rapper", "application/rdf+xml, text/rdf;q=0.6, */*;q=0.1", XML),
    Client(
        "rapper -i turtle",
        "text/turtle, application/x-turtle, application/turtle, text/n3;q=0.3, text/rdf+n3;q=0.3, "
        "application/rdf+n3;q=0.3, */*;q=0.1",
        TURTLE,
    ),
    Client(
        "rapper -g",
        "application/rdf+xml, text/rdf;q=0.6, application/n-triples, text/plain;q=0.1, text/turtle, "
        "application/x-turtle, application/turtle, text/n3;q=0.3, text/rdf+n3;q=0.3, application/rdf+n3;q=0.3, "
        "application/x-trig, application/rss;q=0.8, application/rss+xml;q=0.8, text/rss;q=0.8, application/xml;q=0.3, "
        "text/xml;q=0.3, application/atom+xml;q=0.3, text/html;q=0.2, application/xhtml+xml;q=0.4, text/html;q=0.6, "
        "application/xhtml+xml;q=0.8, application/json;q=0.1, text/json;q=0.1, text/x-nquads, */*;q=0.1",
        TURTLE,
    ),
    Client(
        "rdflib",
        "application/rdf+xml, text/n3, text/turtle, application/n-triples, application/ld+json, application/n-quads, "
        "application/trix, application/trig",
        TURTLE,
    ),
    Client("rdflib, format turtle", "text/turtle, application/x-turtle, */*;q=0.1", TURTLE),
    # rdflib 7.6.0, rdflib/parser.py (URLInputSource).
    Client("rdflib, format json-ld", "application/ld+json, application/json;q=0.9, */*;q=0.1", JSON_LD),
    Client("rdflib, format xml", "application/rdf+xml, */*;q=0.1", XML),
    Client("rdflib, format nt", "text/plain, */*;q=0.1", "text/plain"),
    # apache/jena, jena-arq/src/main/java/org/apache/jena/riot/WebContent.java (defaultGraphAcceptHeader).
    Client(
        "Jena",
        "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,application/rdf+xml;q=0.7,*/*;q=0.3",
        TURTLE,
    ),
    # owlcs/owlapi, api/src/main/java/org/semanticweb/owlapi/io/DocumentSources.java (DEFAULT_REQUEST), below Protégé.
    Client(
        "OWL API", "application/rdf+xml, application/xml; q=0.7, text/xml; q=0.6, text/plain; q=0.1, */*; q=0.09", XML
    ),
    # openlink/virtuoso-opensource, libsrc/Wi/rdf_sponge.sql (acc_hdr), as it is and as it was.
    Client(
        "Virtuoso's sponger",
        "application/rdf+xml; q=1.0, text/rdf+n3; q=0.9, application/rdf+turtle; q=0.5, application/x-turtle; q=0.6, "
        "application/turtle; q=0.5, text/turtle; q=1.0, application/xml; q=0.2, */*; q=0.1",
        TURTLE,
    ),
    Client(
        "Virtuoso's sponger, before",
        "application/rdf+xml; q=1.0, text/rdf+n3; q=0.9, application/rdf+turtle; q=0.5, application/x-turtle; q=0.6, "
        "application/turtle; q=0.5, text/turtle; q=0.7, application/xml; q=0.2, */*; q=0.1",
        XML,
    ),
    # The documentation of Comunica, "Logging"; rdf-dereference, and with it ldes-client, asks by the same parsers.
    Client(
        "Comunica",
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
        "text/turtle;q=0.6,application/rdf+xml;q=0.5,application/json;q=0.45,text/n3;q=0.35,application/xml;q=0.3,"
        "image/svg+xml;q=0.3,text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18",
        JSON_LD,
    ),
    # A log of Comunica in 2024 (actor-http-fetch, Node.js 20.13), in a public repository.
    Client(
        "Comunica, link traversal",
        "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,application/n-triples;q=0.8,"
        "text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,"
        "text/xml;q=0.3,text/html;q=0.2,application/xhtml+xml;q=0.18,application/json;q=0.135,text/shaclc;q=0.1,"
        "text/shaclc-ext;q=0.05",
        JSON_LD,
    ),
    # linkeddata/rdflib.js, the test of its fetcher.
    Client(
        "rdflib.js",
        "image/*;q=0.9, */*;q=0.1, application/rdf+xml;q=0.9, application/xhtml+xml, text/xml;q=0.5, "
        "application/xml;q=0.5, text/html;q=0.9, text/plain;q=0.5, text/n3;q=1.0, text/turtle;q=1",
        TURTLE,
    ),
    # digitalbazaar/jsonld.js, lib/util.js; digitalbazaar/pyld, lib/pyld/documentloader/requests.py.
    Client("jsonld.js and PyLD", "application/ld+json, application/json", JSON_LD),
    # filip26/titanium-json-ld, src/main/java/com/apicatalog/jsonld/loader/HttpLoader.java (acceptHeader).
    Client("Titanium", "application/ld+json,application/json;q=0.9,*/*;q=0.1", JSON_LD),
    # RDF.rb 3.1.15, as recorded with its User-Agent by tests in a public repository.
    Client(
        "RDF.rb",
        "text/turtle, text/rdf+turtle, application/turtle;q=0.2, application/x-turtle;q=0.2, application/ld+json, "
        "application/x-ld+json, application/n-triples, text/plain;q=0.2, application/rdf+xml, application/n-quads, "
        "text/x-nquads;q=0.2, */*;q=0.1",
        TURTLE,
    ),
    # easyrdf/easyrdf, lib/Format.php: the formats that it registers, as getHttpAcceptHeader lists them. To it
    # application/json is another format, RDF/JSON, so it is not to get that.
    Client(
        "EasyRdf",
        "application/json,application/ld+json,application/n-triples,text/json;q=0.9,application/rdf+json;q=0.9,"
        "text/plain;q=0.9,text/ntriples;q=0.9,application/ntriples;q=0.9,application/x-ntriples;q=0.9,text/turtle;q=0.8,"
        "application/rdf+xml;q=0.8,application/turtle;q=0.7,application/x-turtle;q=0.7,text/xml;q=0.5,"
        "application/xml;q=0.5,text/html;q=0.4,application/xhtml+xml;q=0.4",
        N_TRIPLES,
    ),
    # OpenJDK, sun/net/www/protocol/http/HttpURLConnection.java (acceptString): neither `*` nor `.2` is of the grammar.
    Client("Java 8", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", HTML),
    # The same in Java 17, as recorded by tests in public repositories.
    Client("Java 17", "text/html, image/gif, image/jpeg, */*; q=0.2", HTML),
)
