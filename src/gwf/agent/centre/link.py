"""The link to the centre: enrols, sends heartbeats, and lets its other threads send events and take configurations."""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from gwf.agent.centre.apply import Applier, Condition, Configurable
from gwf.agent.centre.asks import Answers, AskThread
from gwf.agent.centre.attempts import AttemptFile
from gwf.agent.centre.calls import CentreCalls, RefusedError
from gwf.agent.centre.facts import LinkFacts, LinkState, Trouble
from gwf.agent.centre.hints import HintListener
from gwf.agent.centre.identity import Identity, IdentityFile
from gwf.agent.centre.line import Line
from gwf.agent.centre.pace import Pace
from gwf.agent.centre.pulse import Pulse
from gwf.agent.centre.sender import OutboxSender
from gwf.agent.centre.show import view_of
from gwf.agent.centre.token import enrolment_token, has_token
from gwf.agent.centre.trials import TrialThread
from gwf.agent.engine import Edge
from gwf.agent.health import judge
from gwf.agent.journal.reads import JournalReads
from gwf.agent.journal.reporting import keep_for_nobody
from gwf.agent.snapshot import SnapshotSource
from gwf.agent.tasks.perform import Host
from gwf.agent.tasks.thread import TaskThread
from gwf.control.asks.model import ASKS_BELL
from gwf.core.errors import ConflictError, GwfError, InputError
from gwf.core.settings.centre import CentreSettings
from gwf.wire.agents import HeartbeatAnswer, Registered, RunningConfig
from gwf.wire.agenttasks import TASKS_BELL
from gwf.wire.edge import CentreView

LEFT_S = 3600.0  #: pause of an edge that was taken away
CRASH_PAUSE_S = 30.0
OPENING_S = 2.0  #: longest wait for the journal before a heartbeat without it
NEWS_AGE_S = 0.1  #: how old the numbers may be by which a trial is judged

log = logging.getLogger("gwf.agent.centre")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkParts:
    """What the link speaks for."""

    edge: Edge
    config: Configurable
    reads: JournalReads
    snapshots: SnapshotSource
    answers: Answers
    #: what tasks of the centre may use of this host
    tasks: Host
    #: address of our own port as others reach it; None when they do not
    address: Callable[[], str | None]
    #: stands in for what the settings say of certificates; None = as they say
    tls: ssl.SSLContext | None = None


class CentreLink:
    """Speaks to the centre; whatever happens there, the edge goes on. `view`, `enrol` and `leave` are thread-safe."""

    def __init__(self, settings: CentreSettings, parts: LinkParts) -> None:
        """Say nothing before `start`.

        Raises:
            ConfigError: The CA file cannot be used.
            LocalIoError: The identity or the attempts cannot be read or written.
        """
        edge = parts.edge
        facts = LinkFacts(url=settings.url, since_s=edge.clock.monotonic_s(), away_after_s=settings.away_after)
        parts.snapshots.centre = facts
        self._settings, self._facts, self._parts = settings, facts, parts
        self._line = Line(
            settings=settings,
            calls=CentreCalls(settings, tls=parts.tls),
            facts=facts,
            clock=edge.clock,
        )
        self._file = IdentityFile(edge.data_dir)
        self._identity = self._file.ensure()
        self._lock = threading.RLock()
        self._pace = Pace(own_heartbeat_s=settings.heartbeat)
        self._pulse = Pulse(edge, parts.reads, parts.snapshots, own_heartbeat_s=settings.heartbeat)
        self._wake = threading.Event()
        self._hinted = self._at_once = self._enrol_anew = False
        self._applier = Applier(
            AttemptFile(edge.data_dir),
            parts.config,
            condition=self._condition,
            tell=edge.tell,
            clock=edge.clock,
            halted=self._line.halted,
        )
        self._trials = TrialThread(self._line, self._applier, done=self._tried)
        self._asks = AskThread(self._line, parts.answers)
        self._tasks = TaskThread(self._line, parts.tasks, edge.data_dir)
        self._hints = HintListener(self._line, hinted=self._hint)
        self._sender = self._open_sender()
        self._thread = threading.Thread(target=self._run, name="gwf-centre", daemon=True)
        self._show_identity()

    def start(self) -> None:
        """Begin. The edge must run."""
        if self._sender is None or self._identity.left:
            keep_for_nobody(self._parts.edge.journal)
        if self._sender is not None:
            self._sender.start()
        self._trials.start()
        self._asks.start()
        self._tasks.start()
        self._hints.start()
        self._thread.start()

    def stop(self) -> None:
        """End; call it before the edge and its configuration end."""
        self._line.halted.set()
        self._wake.set()
        self._line.calls.close()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)
        self._trials.stop()
        self._asks.stop()
        self._tasks.stop()
        self._hints.stop()
        if self._sender is not None:
            self._sender.stop()

    # -- for people ------------------------------------------------------------------------------------

    @property
    def agent_id(self) -> str:
        """The id that the centre gave this edge; "" before it enrolled."""
        return self._facts.agent_id

    def view(self) -> CentreView:
        """Return how this edge stands with its centre."""
        outbox = self._sender.state() if self._sender is not None else None
        return view_of(
            self._facts,
            self._identity,
            outbox=outbox,
            heartbeat_s=self._pace.heartbeat_s,
            listening=self._hints.listening,
            follows=self._applier.follows(),
        )

    def enrol(self, token: str) -> CentreView:
        """Enrol now, with a token that is not kept.

        Raises:
            RefusedError: The centre does not take the token.
            UnavailableError: It does not answer.
            LocalIoError: The credential cannot be kept.
        """
        with self._lock:
            self._register(token)
        self._news()
        return self.view()

    def leave(self) -> CentreView:
        """Forget the credential; this edge enrols again only when a person says so.

        Raises:
            ConflictError: It left before.
            LocalIoError: That cannot be kept.
        """
        with self._lock:
            if self._identity.left:
                raise ConflictError("this edge left its centre before")
            agent_id = self._identity.agent_id
            self._change(self._identity.without_credential(left=True))
            self._line.credential = ""
            self._facts.state, self._facts.trouble = LinkState.LEFT, None
        keep_for_nobody(self._parts.edge.journal)
        log.info("centre_left", extra={"url": self._settings.url, "agent_id": agent_id})
        self._parts.edge.tell("centre.left", {"url": self._settings.url, "agent_id": agent_id})
        return self.view()

    # -- the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._line.halted.is_set():
            try:
                pause_s = self._turn()
            except GwfError as exc:  # of this host: the disk, say
                log.warning("centre_turn_failed", extra={"error": str(exc)})
                pause_s = self._pace.away()
            except Exception:  # the edge of the thread: a fault of ours must not end the link for good
                log.exception("centre_link_crashed")
                self._facts.crashes_total += 1
                pause_s = CRASH_PAUSE_S
            self._sleep(pause_s)

    def _sleep(self, pause_s: float) -> None:
        """Wait; a hint brings the end forward to within moments, news to now."""
        self._wake.wait(pause_s)
        self._wake.clear()
        if self._hinted and not self._at_once:
            self._wake.wait(self._pace.hinted())
        self._hinted = self._at_once = False

    def _turn(self) -> float:
        with self._lock:
            identity = self._identity
            if identity.left:
                return LEFT_S
            if self._enrol_anew or not identity.is_enrolled_at(self._settings.url):
                return self._enrol()
        return self._beat(identity)

    def _enrol(self) -> float:
        try:
            self._register(enrolment_token(self._settings))
        except RefusedError as exc:
            self._refused(exc, "the centre does not take the enrolment token")
            return self._pace.refused(retry_after_s=exc.retry_after_s)
        except InputError as exc:  # no token, or the centre does not take what we say
            self._trouble(LinkState.REFUSED, Trouble(code=exc.code, message=str(exc)))
            return self._pace.refused()
        except GwfError as exc:
            self._away(exc)
            return self._pace.away(retry_after_s=exc.retry_after_s)
        return 0.0

    def _register(self, token: str) -> None:
        """Enrol and keep the credential; call it with the lock."""
        body = self._pulse.registration(self._identity.instance_id, address=self._parts.address())
        given = self._line.calls.register(token, body)
        self._change(_enrolled(self._identity, given, self._settings.url))
        self._enrol_anew = False
        self._line.credential = ""  # until the first heartbeat with the new one
        self._pace.heard(given.heartbeat_s)
        self._contact()
        log.info("centre_enrolled", extra={"url": self._settings.url, "agent_id": given.agent_id})
        self._parts.edge.tell("centre.enrolled", {"url": self._settings.url, "agent_id": given.agent_id})

    def _beat(self, identity: Identity) -> float:
        if self._sender is not None:
            self._sender.await_opened(OPENING_S)  # else its events would have to wait for the next heartbeat
        outbox = self._sender.state() if self._sender is not None else None
        body = self._pulse.beat(outbox=outbox, config=self._running_config())
        try:
            answer = self._line.calls.heartbeat(identity.credential, body)
        except RefusedError as exc:
            self._refused(exc, "the centre does not know this agent's credential any more")
            self._enrol_anew = has_token(self._settings)
            return self._pace.refused(retry_after_s=exc.retry_after_s)
        except GwfError as exc:
            self._away(exc)
            return self._pace.away(retry_after_s=exc.retry_after_s)
        with self._lock:
            if self._identity is not identity:  # left, or enrolled anew, meanwhile
                return 0.0
            self._line.credential = identity.credential
        self._heard(answer, None if outbox is None else outbox.epoch)
        return self._pace.heard(answer.heartbeat_s, backoff_s=answer.backoff_s)

    def _heard(self, answer: HeartbeatAnswer, epoch: str | None) -> None:
        facts = self._facts
        facts.heartbeats_total += 1
        facts.shown_as, facts.draining, facts.tasks = answer.state, answer.drain, answer.tasks
        facts.ahead_ms = round(answer.server_time.timestamp() * 1000) - self._line.clock.now_ms()
        self._contact()
        if facts.state is not LinkState.CONNECTED:
            log.info("centre_connected", extra={"url": facts.url, "agent_id": facts.agent_id})
        facts.state, facts.trouble = LinkState.CONNECTED, None
        if self._sender is not None and epoch is not None:
            self._sender.heard(epoch, answer.outbox_acked_seq)
        if answer.asks:
            self._asks.hint()
        if answer.tasks:
            self._tasks.hint()
        if self._settings.take_config:
            self._trials.offer(answer.config)

    def _running_config(self) -> RunningConfig:
        running = self._applier.attempts.running
        return RunningConfig(
            hash=running.hash if running is not None else None,
            version=self._parts.config.current().number,
            local=not self._applier.follows(),
        )

    # -- what the parts say ----------------------------------------------------------------------------

    def _hint(self, word: str) -> None:
        if word == ASKS_BELL:
            self._asks.hint()
            return
        if word == TASKS_BELL:
            self._tasks.hint()
            return
        self._hinted = True
        self._wake.set()

    def _tried(self) -> None:
        """Bring the next heartbeat forward after a trial: soon, but not in step with all others of a wave."""
        self._hinted = True
        self._wake.set()

    def _news(self) -> None:
        self._at_once = True
        self._wake.set()

    def _condition(self) -> Condition:
        snapshot = self._parts.snapshots.get(max_age_s=NEWS_AGE_S)
        unproved = frozenset(item.name for item in snapshot.destinations if item.care.health is None)
        return Condition(reasons=judge(snapshot).reasons, unproved=unproved)

    def _open_sender(self) -> OutboxSender | None:
        if not self._settings.report_events:
            return None
        edge = self._parts.edge
        return OutboxSender(
            self._line, journal=edge.journal.path, writer=edge.journal, free_bytes=lambda: edge.free_bytes
        )

    # -- states ----------------------------------------------------------------------------------------

    def _change(self, identity: Identity) -> None:
        self._file.write(identity)
        self._identity = identity
        self._show_identity()

    def _show_identity(self) -> None:
        identity, facts = self._identity, self._facts
        enrolled = identity.is_enrolled_at(self._settings.url)
        facts.agent_id, facts.tenant = (identity.agent_id, identity.tenant) if enrolled else ("", "")
        if identity.left:
            facts.state = LinkState.LEFT

    def _contact(self) -> None:
        self._facts.contact_at_ms = self._line.clock.now_ms()
        self._facts.contact_s = self._line.clock.monotonic_s()

    def _away(self, exc: GwfError) -> None:
        self._facts.failures[str(exc.error_class)] += 1
        self._trouble(LinkState.AWAY, Trouble(code=exc.code, message=str(exc)))

    def _refused(self, exc: RefusedError, what: str) -> None:
        self._facts.failures[str(exc.error_class)] += 1
        self._contact()
        self._facts.shown_as = ""
        self._trouble(LinkState.REFUSED, Trouble(code=exc.reason_code, message=f"{what}: {exc.detail}"))

    def _trouble(self, state: LinkState, trouble: Trouble) -> None:
        """Say once what is wrong; the same again is not said again."""
        facts = self._facts
        said = facts.state is state and facts.trouble is not None and facts.trouble.code == trouble.code
        facts.state, facts.trouble = state, trouble
        if not said:
            what = {"url": facts.url, "error_code": trouble.code, "error": trouble.message}
            log.warning("centre_refused" if state is LinkState.REFUSED else "centre_away", extra=what)


def _enrolled(identity: Identity, given: Registered, url: str) -> Identity:
    return replace(
        identity, url=url, agent_id=given.agent_id, credential=given.credential, tenant=given.tenant, left=False
    )
