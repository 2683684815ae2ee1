"""Makes events of any JSON that is posted, as the settings of a webhook say. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from gwf.core.labels import is_label_value
from gwf.core.pointers import Sheet, Template, pointer_steps, resolved, word_of
from gwf.core.settings.draft import is_list
from gwf.core.settings.inputs import WebhookInputSettings
from gwf.events.model import SEVERITY_OF_WORD
from gwf.ingest.cloudevents import MAX_BATCH_EVENTS, Fault
from gwf.ingest.inputs.contract import CloudEvent, Made, Posted, UnreadableError

_MILLISECONDS_FROM = 100_000_000_000  #: a number this large counts milliseconds; as seconds it lies in the year 5138

_ANY = msgspec.json.Decoder()


class Webhook:
    """The input of one webhook."""

    def __init__(self, name: str, settings: WebhookInputSettings) -> None:
        """Read what is posted to `name` as `settings` say."""
        self._settings = settings
        self._secret = b"" if settings.secret is None else settings.secret.get_secret_value().encode()
        self._items = pointer_steps(settings.items)
        self._data = pointer_steps(settings.data)
        self._only = [(Template.parse(text), frozenset(words)) for text, words in settings.only.items()]
        self._type = Template.parse(settings.type)
        self._id = Template.parse(settings.id)
        self._source = Template.parse(settings.source or f"/webhook/{name}")
        self._subject = Template.parse(settings.subject)
        self._time = Template.parse(settings.time)
        self._severity = Template.parse(settings.severity)
        own = {word: word for word in SEVERITY_OF_WORD}
        self._severities = own | {word.lower(): ours for word, ours in settings.severities.items()}
        self._labels = [(label, Template.parse(text)) for label, text in settings.labels.items()]

    @property
    def is_signed(self) -> bool:
        """Whether a signature lets it in, and nothing else does."""
        return bool(self._secret)

    @property
    def tenant(self) -> str:
        """Whose signed events are."""
        return self._settings.tenant

    @property
    def max_body_bytes(self) -> int:
        """How large a body may be."""
        return self._settings.max_body

    def is_authentic(self, posted: Posted) -> bool:
        """Tell whether the body was signed with the key of the settings."""
        given = posted.headers.get(self._settings.signature_header.lower(), "")
        prefix = self._settings.signature_prefix
        expected = hmac.new(self._secret, posted.body, hashlib.sha256).hexdigest()
        fits = hmac.compare_digest(given[len(prefix) :].strip().lower().encode(), expected.encode())
        return fits and given.startswith(prefix)

    def read(self, posted: Posted) -> Sequence[Made]:
        """Return the events of what was posted; items that are not wanted are left out.

        Raises:
            UnreadableError: It is no JSON, or has no items where they should be.
        """
        try:
            body: object = _ANY.decode(posted.body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as exc:
            raise UnreadableError("", "bad_json", f"the body is no JSON: {exc}") from exc
        made: list[Made] = []
        for pointer, item in self._items_of(body):
            sheet = Sheet(item=item, body=body, headers=posted.headers)
            if all(template.fill(sheet) in words for template, words in self._only):
                made.append(Made(pointer=pointer, event=self._event(sheet)))
        return made

    def _items_of(self, body: object) -> list[tuple[str, object]]:
        found = resolved(body, self._items)
        place = self._settings.items
        if is_list(found):
            if len(found) > MAX_BATCH_EVENTS:
                raise UnreadableError(place, "too_many", f"at most {MAX_BATCH_EVENTS} items in one request")
            return [(f"{place}/{at}", item) for at, item in enumerate(found)]
        if place and found is None:
            raise UnreadableError(place, "missing", "the settings of this webhook look for its items here")
        return [(place, found)]

    def _event(self, sheet: Sheet) -> CloudEvent | Fault:
        kind = self._type.fill(sheet)
        if kind is None:
            return Fault(pointer="", code="missing", message=f"the type is made of {self._settings.type}: lacks a part")
        moment = self._time.value(sheet) if self._time.parts else None
        try:
            time = _time(moment)
        except (ValueError, OverflowError, OSError):
            text = f"the time is made of {self._settings.time}: {str(moment)[:64]!r} is none"
            return Fault(pointer="", code="bad_format", message=text)
        return {
            "specversion": "1.0",
            "id": (self._id.fill(sheet) if self._id.parts else None) or _hash(sheet.item),
            "source": self._source.fill(sheet) or self._settings.source,
            "type": kind,
            "time": time,
            "subject": (self._subject.fill(sheet) if self._subject.parts else None) or None,
            "severity": self._severity_of(sheet),
            "labels": ",".join(f"{name}={value}" for name, value in self._labels_of(sheet)),
            "data": resolved(sheet.item, self._data),
        }

    def _severity_of(self, sheet: Sheet) -> str:
        word = (self._severity.fill(sheet) or "").strip().lower()
        return self._severities.get(word, self._settings.severity_otherwise)

    def _labels_of(self, sheet: Sheet) -> list[tuple[str, str]]:
        filled = [(name, template.fill(sheet)) for name, template in self._labels]
        return [(name, value) for name, value in filled if value and is_label_value(value)]


def _time(value: object) -> str | None:
    """Return a moment as RFC 3339 text: it is one already, or a number since 1970, also as text; None = not told."""
    if value is None or value == "":
        return None
    text = word_of(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text  # checked with the event
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _hash(item: object) -> str:
    return hashlib.sha256(msgspec.json.encode(item, order="deterministic")).hexdigest()


def webhooks(settings: Mapping[str, WebhookInputSettings]) -> dict[str, Webhook]:
    """Return the inputs of all webhooks, by name."""
    return {name: Webhook(name, one) for name, one in settings.items()}
