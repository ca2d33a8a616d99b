"""Settings say who publishes and who answers; what is none of that is refused with what was expected."""

import pytest

from missiegraaf.config import PUBLISHERS, Settings
from missiegraaf.errors import ConfigurationError

WRONG = {
    "publisher_iri": ("voorbeeld", "urn:x:y", "https://", "https://voorbeeld.example/a b", "https://x.example/<y>"),
    "publisher_homepage": ("www.voorbeeld.example", "javascript:alert(1)", 'https://voorbeeld.example/"'),
    "publisher_type": ("", "company", "PrivateIndividual(s)"),
    "contact_email": ("voorbeeld", "a@b", "a b@voorbeeld.example", "mailto:a@voorbeeld.example", "a@@b.example"),
    "contact_page": ("contact", "ftp://voorbeeld.example/"),
    "security_contact": (
        "lek@voorbeeld.example",
        "http://voorbeeld.example/lek",
        "mailto:",
        "https://x.example/\nContact: y",
    ),
}
RIGHT = {
    "publisher_iri": ("", "https://voorbeeld.example", "http://voorbeeld.example/id#wij"),
    "publisher_type": PUBLISHERS,
    "contact_email": ("", "vragen@voorbeeld.example", "a.b+c@sub.voorbeeld.example"),
    "security_contact": ("", "https://voorbeeld.example/lek", "mailto:lek@voorbeeld.example", "tel:+31-00-0000000"),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_contact_that_cannot_be_used_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} is .*expected ") as refused:
        Settings().with_values({name: value})
    assert repr(value) in refused.value.detail


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in RIGHT.items() for value in values])
def test_a_contact_that_can_be_used_is_kept(name: str, value: str) -> None:
    assert getattr(Settings().with_values({name: value}), name) == value
