"""Examples of what people decide about alerts, for the walk over all operations that change something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tests.agent.waiting import until


class Asks(Protocol):
    """What an example needs of the house."""

    def fresh(self) -> str: ...

    def tell(self, event: dict[str, str]) -> None: ...

    def done(self, path: str, body: object = None, *, method: str = "POST") -> Any: ...


#: tables of alerts as they move on by themselves
MOVED = frozenset(
    {
        "alerts", "alert_groups", "alert_counts", "alert_batches", "alert_marks", "alert_hits", "notices",
        "notice_alerts", "notice_parts", "messages",
    }
)  # fmt: skip
Request = dict[str, Any]
Example = Callable[[Asks], Request]
CHANNELS = {"room": {"kind": "webhook", "url": "http://127.0.0.1:9/room", "per_minute": 6000}}
END = "2199-01-01T00:00:00Z"
KINDS = {"alert_rule": "alert-rules", "chain": "chains", "schedule": "schedules", "inhibition": "inhibitions"}


def document(house: Asks, kind: str) -> dict[str, object]:
    """Return a document that names nothing else."""
    if kind == "alert_rule":
        return {"name": house.fresh(), "when": {"type": "shop.down"}, "title": "down"}
    if kind == "chain":
        return {"name": house.fresh(), "levels": []}
    if kind == "inhibition":
        return {"name": house.fresh(), "source": f"a={house.fresh()}", "target": "b"}
    people = [{"name": "Ann"}, {"name": "Bob"}]
    return {"name": house.fresh(), "zone": "UTC", "channel": "room", "starts": "2026-11-02", "people": people}


def made(house: Asks, kind: str, *steps: str) -> str:
    """Write a document; return its id."""
    found = str(house.done(f"/{KINDS[kind]}", {"document": document(house, kind)})["id"])
    for step in steps:
        if step == "write":
            house.done(f"/{KINDS[kind]}/{found}", {"document": document(house, kind)}, method="PUT")
        else:
            house.done(f"/{KINDS[kind]}/{found}:{step}", {})
    return found


def of_kind(kind: str) -> Mapping[str, Example]:
    """Return the examples of one kind of documents."""
    place = KINDS[kind]

    def act(verb: str, action: str, *steps: str, **body: object) -> Example:
        return lambda house: {"path": f"/{place}/{made(house, kind, *steps)}:{verb}", "body": body, "action": action}

    return {
        f"create_{kind}": lambda house: {
            "path": f"/{place}", "body": {"document": document(house, kind)}, "action": f"{kind}.create",
        },
        f"write_{kind}": lambda house: {
            "path": f"/{place}/{made(house, kind)}", "method": "PUT", "action": f"{kind}.update",
            "body": {"document": document(house, kind)},
        },
        f"discard_{kind}_draft": lambda house: {
            "path": f"/{place}/{made(house, kind, 'publish', 'write')}/draft", "method": "DELETE",
            "action": f"{kind}.discard",
        },
        f"publish_{kind}": act("publish", f"{kind}.publish"),
        f"rollback_{kind}": act("rollback", f"{kind}.rollback", "publish", "write", "publish", version=1),
        f"retire_{kind}": act("retire", f"{kind}.retire", "publish"),
    }  # fmt: skip


OVERRIDE = {"person": "Bob", "begins_at": "2198-12-01T00:00:00Z", "ends_at": "2198-12-02T00:00:00Z"}


def overridden(house: Asks) -> str:
    """Let somebody take a part of the turns of others; return the id of the schedule."""
    found = made(house, "schedule", "publish")
    house.done(f"/schedules/{found}:override", OVERRIDE)
    return found


def silence(house: Asks) -> str:
    """Begin a silence; return its id."""
    return str(house.done("/silences", a_silence(house))["silence_id"])


def a_silence(house: Asks) -> dict[str, object]:
    """Return a wish for a silence of half a year."""
    return {"selector": f"host={house.fresh()}", "begins_at": "2198-09-01T00:00:00Z", "ends_at": END, "reason": "why"}


TEXT = {"title": "${title}", "text": "${alerts}"}


def written(house: Asks) -> str:
    """Write the text of a kind of messages; return the kind."""
    house.done("/templates/repeat", TEXT, method="PUT")
    return "repeat"


def switch(kind: str, verb: str, *steps: str) -> Example:
    """Return the example of a switch."""
    return lambda house: {
        "path": f"/{KINDS[kind]}/{made(house, kind, *steps)}:{verb}", "body": {}, "action": f"{kind}.{verb}",
    }  # fmt: skip


def alert(house: Asks, *steps: str) -> str:
    """Have something go wrong; return the id of its alert."""
    name = house.fresh()
    rule = {"name": name, "when": {"type": f"walk.{name}"}, "title": name}
    house.done("/alert-rules", {"document": rule, "publish": True})
    until(lambda: told_and_found(house, name), within_s=30)
    found = str(told_and_found(house, name))
    for step in steps:
        house.done(f"/alerts/{found}:{step}", {})
    return found


def told_and_found(house: Asks, name: str) -> str:
    """Post an event that a rule means, as often as the rule is not in force yet; return its alert."""
    house.tell({"id": house.fresh(), "type": f"walk.{name}"})
    found = house.done(f"/alerts?text={name}&limit=1000", method="GET")["items"]
    return next((one["alert_id"] for one in found if one["title"] == name), "")


def alert_act(verb: str, *steps: str) -> Example:
    """Return the example of what is done with an alert."""
    return lambda house: {"path": f"/alerts/{alert(house, *steps)}:{verb}", "body": {}, "action": f"alert.{verb}"}


def alerts_act(verb: str) -> Example:
    """Return the example of what is done with several alerts."""
    return lambda house: {
        "path": f"/alerts:{verb}", "body": {"alert_ids": [alert(house)]}, "action": f"alert.{verb}",
    }  # fmt: skip


EXAMPLES: Mapping[str, Example] = {
    "acknowledge_alert": alert_act("acknowledge"),
    "release_alert": alert_act("release", "acknowledge"),
    "resolve_alert": alert_act("resolve"),
    "claim_alert": alert_act("claim"),
    "escalate_alert": alert_act("escalate"),
    "add_alert_note": lambda house: {
        "path": f"/alerts/{alert(house)}/notes", "body": {"text": "the disk"}, "action": "alert.note",
    },
    "acknowledge_alerts": alerts_act("acknowledge"),
    "resolve_alerts": alerts_act("resolve"),
    **of_kind("alert_rule"),
    **of_kind("chain"),
    **of_kind("schedule"),
    **of_kind("inhibition"),
    "enable_alert_rule": switch("alert_rule", "enable", "publish", "disable"),
    "disable_alert_rule": switch("alert_rule", "disable", "publish"),
    "enable_inhibition": switch("inhibition", "enable", "publish", "disable"),
    "disable_inhibition": switch("inhibition", "disable", "publish"),
    "override_schedule": lambda house: {
        "path": f"/schedules/{made(house, 'schedule', 'publish')}:override", "body": OVERRIDE,
        "action": "schedule.override",
    },
    "end_schedule_override": lambda house: {
        "path": f"/schedules/{overridden(house)}:end-override", "body": {"place": 0, "person": "Bob"},
        "action": "schedule.end_override",
    },
    "send_test_message": lambda _: {"path": "/channels/room:test", "body": {}, "action": "channel.test"},
    "put_template": lambda _: {
        "path": "/templates/firing", "method": "PUT", "body": TEXT, "action": "message_template.update",
    },
    "delete_template": lambda house: {
        "path": f"/templates/{written(house)}", "method": "DELETE", "action": "message_template.delete",
    },
    "create_silence": lambda house: {"path": "/silences", "body": a_silence(house), "action": "silence.create"},
    "change_silence": lambda house: {
        "path": f"/silences/{silence(house)}", "method": "PUT", "body": a_silence(house), "action": "silence.update",
    },
    "expire_silence": lambda house: {
        "path": f"/silences/{silence(house)}:expire", "body": {}, "action": "silence.expire",
    },
}  # fmt: skip

KEEPS_NOTHING = {
    **{f"check_{kind}": "keeps nothing: it says what is wrong with a document" for kind in KINDS},
    "try_alert_rule": "keeps nothing: it says what would have come of a rule over recorded events",
    "try_alert_draft": "the same with a draft",
    "preview_schedule": "keeps nothing: it says who would be on call",
    "check_channel": "keeps nothing: it looks whether a channel can be reached",
    "preview_template": "keeps nothing: it says how a message would read",
    "retry_message": "needs a message that failed for a day: tests/db/test_delivery.py",
    "preview_silence": "keeps nothing: it says what a silence would hold back",
}
