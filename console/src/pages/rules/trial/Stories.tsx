import { Link } from "@tanstack/react-router";
import type { Json } from "../../../api/configs";
import type { Decision, Story, Trace } from "../../../api/rules";
import { useI18n } from "../../../i18n/context";
import { Status, type Tone } from "../../../ui/Status";
import { sayCondition, sayValue } from "../cond/say";
import { ConfigLines } from "../Definition";
import { placeText } from "../words";

const TONE: Readonly<Record<Story["outcome"], Tone>> = { matched: "ok", observed: "run", not_matched: "mute", shadowed: "hold", disabled: "mute" };

/** What would be done, and what cannot be. */
export function Drafts({ decision, names }: { decision: Decision; names: ReadonlyMap<string, string> }) {
  const { t, language } = useI18n();
  const { drafts, faults } = decision;
  if (!drafts.length && !faults.length) return <p className="dim">{t("try.no.actions")}</p>;
  return (
    <ul className="draft-list">
      {drafts.map((draft) => (
        <li key={`${draft.rule.rule_id} ${draft.position}`} className="act">
          <div className="act-head">
            <strong className="mono">{draft.action}</strong>
            <span className="dim">
              {names.get(draft.rule.rule_id) ?? ""} {t("version.name", { number: draft.rule.version })}
            </span>
            <span className="tag">{draft.agent_id ? t("try.on.agent", { agent: draft.agent_id }) : t("try.on.centre")}</span>
          </div>
          <ConfigLines kind={draft.action} config={draft.config} />
        </li>
      ))}
      {faults.map((fault) => (
        <li key={`${fault.rule.rule_id} ${fault.position} fault`} className="act">
          <Status tone="crit">{t("try.fault", { action: fault.action, field: fault.field })}</Status>{" "}
          <span className="dim small">
            {names.get(fault.rule.rule_id) ?? ""} {placeText(fault.pointer, language)}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface Props {
  stories: readonly Story[];
  about?: string | undefined;
  /** Instead of the usual heading. */
  label?: string;
}

const SHOWN = 30;

/** Rule by rule in the order of asking: matched or not, and what kept it from it. */
export function Stories({ stories, about, label }: Props) {
  const { t } = useI18n();
  const others = stories.filter(({ rule_id }) => rule_id !== about);
  const told = [...stories.filter(({ rule_id }) => rule_id === about), ...others.filter(({ outcome }) => outcome !== "not_matched"), ...others.filter(({ outcome }) => outcome === "not_matched")];
  return (
    <section aria-label={label ?? t("try.rules")}>
      <h3 className="part-title">{label ?? t("try.rules")}</h3>
      <ol className="story-list">
        {told.slice(0, SHOWN).map((story) => (
          <li key={story.rule_id}>
            <Status tone={TONE[story.outcome]}>{t(`outcome.${story.outcome}`)}</Status>
            <div>
              <Link to="/rules/$rule" params={{ rule: story.rule_id }}>
                {story.name}
              </Link>{" "}
              <span className="dim small">{t("try.priority", { priority: story.priority })}</span>
              <Why story={story} names={stories} />
            </div>
          </li>
        ))}
      </ol>
      {told.length > SHOWN && <p className="dim small">{t("try.more", { count: told.length - SHOWN })}</p>}
    </section>
  );
}

function Why({ story, names }: { story: Story; names: readonly Story[] }) {
  const { t } = useI18n();
  if (story.outcome === "shadowed") {
    const by = names.find(({ rule_id }) => rule_id === story.shadowed_by?.rule_id);
    return <p className="small">{t("try.shadowed", { name: by?.name ?? "" })}</p>;
  }
  if (story.outcome === "disabled") return null;
  return (
    <>
      {story.failed.map((leaf) => (
        <p key={leaf.pointer} className="small">
          <Reason leaf={leaf} />
        </p>
      ))}
    </>
  );
}

/** Why one condition is not fulfilled: what it asks for, and what the event has there. */
export function Reason({ leaf }: { leaf: Trace }) {
  const i18n = useI18n();
  const { t } = i18n;
  const told = leafOf(leaf);
  return (
    <span className="why">
      {leaf.condition == null ? <span className="mono">{leaf.field || leaf.kind}</span> : sayCondition(leaf.condition as Json, i18n)}{" "}
      <span className="dim">{told.present ? t("cond.seen") : t("cond.absent")}</span> {told.present && <code>{sayValue(told.kind, told.seen as Json, i18n) || '""'}</code>}
    </span>
  );
}

/** Of a condition that is turned round, the one below it says what was seen. */
const leafOf = (trace: Trace): Trace => (trace.children[0] ? leafOf(trace.children[0]) : trace);
