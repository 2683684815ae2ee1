import type { Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { FaultText } from "../../../ui/edit/FaultText";
import { isBlock } from "../../../ui/edit/places";
import { Icon } from "../../../ui/Icon";
import { linesOf, typedOf } from "../cond/conditions";
import { ActionsEditor } from "./ActionsEditor";
import { ConditionEditor } from "./ConditionEditor";
import { ConditionLists } from "./ConditionLists";
import { Check, Choice, LinesField, TextField } from "./controls";
import { useFaultsAt, useKey } from "./form";

const EXAMPLES = "${path} · ${labels.env:-none} · ${data.code}";

/** A rule by fields: when, what, and what it is called. */
export function RuleForm() {
  const { t } = useI18n();
  const when = useKey("when");
  return (
    <div className="rule-form">
      <ConditionLists />
      <About />
      <section aria-label={t("rule.when")}>
        <h3 className="part-title">{t("rule.when")}</h3>
        <ConditionEditor value={when.value} pointer="/when" set={when.set} />
      </section>
      <section aria-label={t("rule.then")}>
        <h3 className="part-title">{t("rule.then")}</h3>
        <ActionsEditor />
        <p className="dim small">{t("act.templates", { examples: EXAMPLES })}</p>
      </section>
      <Calendars />
    </div>
  );
}

function Faults({ at }: { at: string }) {
  return useFaultsAt(at).map((fault) => <FaultText key={`${fault.pointer} ${fault.message}`} fault={fault} />);
}

const whole = (typed: string): Json => (/^-?\d+$/.test(typed) ? Number(typed) : typed);

function About() {
  const { t } = useI18n();
  const [name, description, owner, priority, onMatch, enabled] = [useKey("name"), useKey("description"), useKey("owner"), useKey("priority"), useKey("on_match"), useKey("enabled")];
  return (
    <div className="rule-about">
      <div className="wide">
        <TextField label={t("rules.col.name")} hidden={false} mono={false} value={name.value} set={name.set} />
        <Faults at="/name" />
      </div>
      <div>
        <TextField label={t("rules.col.priority")} hidden={false} value={priority.value} set={priority.set} read={whole} hint="0" />
        <Faults at="/priority" />
      </div>
      <div>
        <TextField label={t("rules.col.owner")} hidden={false} mono={false} value={owner.value} set={owner.set} />
        <Faults at="/owner" />
      </div>
      <Choice
        label={t("rule.on_match")}
        hidden={false}
        value={typedOf(onMatch.value) || "continue"}
        options={[["continue", t("rules.on_match.continue.long")], ["stop", t("rules.on_match.stop.long")]]}
        set={(next) => onMatch.set(next === "continue" ? undefined : next)}
      />
      <Check label={t("rule.enabled")} value={enabled.value !== false} set={(on) => enabled.set(on ? undefined : false)} />
      <div className="wide">
        <TextField label={t("rule.description")} hidden={false} mono={false} value={description.value} set={description.set} />
        <Faults at="/description" />
      </div>
    </div>
  );
}

function Calendars() {
  const { t } = useI18n();
  const { value, set } = useKey("calendars");
  const block = isBlock(value) ? value : {};
  const entries = Object.entries(block);
  const put = (next: [string, Json][]): void => set(next.length ? Object.fromEntries(next) : undefined);
  const added = (): string => ["holidays", "workdays", "closing"].find((name) => !(name in block)) ?? `calendar-${entries.length + 1}`;
  return (
    <details className="schema-block" open={entries.length > 0}>
      <summary>{t("rule.calendars")}</summary>
      {entries.map(([name, days], index) => (
        <div key={index} className="calendar">
          <TextField label={t("rule.calendar.name")} value={name} set={(next) => put(entries.map((one, at) => (at === index ? [String(next ?? ""), days] : one)))} className="short" />
          <LinesField label={t("rule.calendar.days", { name })} value={days} set={(next) => put(entries.map((one, at) => (at === index ? [name, next ?? ""] : one)))} read={(line) => line} hint={linesOf(["2026-10-01", "2026-10-01/2026-10-07"])} />
          <button type="button" className="button ghost small square" aria-label={t("rule.calendar.remove", { name })} title={t("rule.calendar.remove", { name })} onClick={() => put(entries.filter((_, at) => at !== index))}>
            <Icon name="x" size={12} />
          </button>
        </div>
      ))}
      <Faults at="/calendars" />
      <button type="button" className="button ghost small" onClick={() => put([...entries, [added(), "2026-10-01/2026-10-07"]])}>
        {t("rule.calendar.add")}
      </button>
    </details>
  );
}
