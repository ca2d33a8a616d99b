"""RDF and SPARQL results as text: media types, reading with places, writing. Pure: no store, no web."""
