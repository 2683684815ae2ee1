import type { Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { typedOf } from "../../rules/cond/conditions";
import { ConditionEditor } from "../../rules/edit/ConditionEditor";
import { ConditionLists } from "../../rules/edit/ConditionLists";
import { Check, Choice, LinesField, TextField } from "../../rules/edit/controls";
import { FIELD_LIST } from "../../rules/edit/form";
import { useContext } from "react";
import { SEVERITIES } from "../routes";
import { Faults, Line, NamesField } from "./fields";
import { AlertDraft, labelLines, labelsOfLines, useKey, type Way, wayOf, withWay } from "./form";
import { useDocs } from "../../../api/alertdocs";

const EXAMPLE = "${labels.host:-?} · ${data.code}";

/** A rule of alerts as sentences with fields: what is trouble, what ends it, what it is called, who is told and how often. */
export function RuleForm() {
  const { t } = useI18n();
  const when = useKey("when");
  return (
    <div className="rule-form alert-form">
      <ConditionLists />
      <About />
      <section aria-label={t("alertrule.when")}>
        <h3 className="part-title">{t("alertrule.when")}</h3>
        <ConditionEditor value={when.value} pointer="/when" set={when.set} />
      </section>
      <Fires />
      <Clears />
      <Named />
      <Telling />
    </div>
  );
}

function About() {
  const { t } = useI18n();
  const [name, enabled] = [useKey("name"), useKey("enabled")];
  return (
    <Line label={t("rules.col.name")} at={["/name"]}>
      <span className="grow"><TextField label={t("rules.col.name")} mono={false} value={name.value} set={name.set} /></span>
      <Check label={t("rule.enabled")} value={enabled.value !== false} set={(on) => enabled.set(on ? undefined : false)} />
    </Line>
  );
}

/** A duration as it is typed: 5m, 1h 30m. */
function Duration({ label, value, set, hint }: { label: string; value: Json | undefined; set: (value: Json | undefined) => void; hint?: string }) {
  return <TextField label={label} value={value === null ? undefined : value} set={set} className="short" {...(hint ? { hint } : {})} />;
}

function Fires() {
  const { t } = useI18n();
  const draft = useContext(AlertDraft);
  const [threshold, absent, by] = [useKey("threshold"), useKey("absent"), useKey("by")];
  if (!draft) return null;
  const way = wayOf(draft.document);
  const counted = isBlock(threshold.value) ? threshold.value : {};
  return (
    <>
      <Line label={t("alertrule.by")} at={["/by"]}>
        <span className="grow"><NamesField label={t("alertrule.by")} value={by.value} set={by.set} hint={t("alertrule.by.hint")} list={FIELD_LIST} /></span>
        <span className="dim small">{t("alertrule.by.help")}</span>
      </Line>
      <Line label={t("alertrule.way")} at={["/threshold", "/absent"]}>
        <Choice label={t("alertrule.way")} value={way} options={(["once", "count", "absent"] as const).map((one) => [one, t(`alertrule.way.${one}`)] as const)} set={(next) => draft.setDocument(withWay(draft.document, next as Way))} />
        {way === "count" && (
          <>
            <Duration label={t("alertrule.within")} value={counted["within"]} set={(within) => threshold.set({ ...counted, within: within ?? "" })} />
            <span>{t("alertrule.within.word")}</span>
            <TextField label={t("alertrule.times")} className="short" value={counted["count"]} read={(typed) => (/^\d+$/.test(typed) ? Number(typed) : typed)} set={(count) => threshold.set({ ...counted, count: count ?? "" })} />
            <span>{t("alertrule.times.word")}</span>
          </>
        )}
        {way === "absent" && (
          <>
            <Duration label={t("alertrule.absent")} value={absent.value} set={(next) => absent.set(next ?? "")} />
            <span>{t("alertrule.absent.word")}</span>
          </>
        )}
      </Line>
    </>
  );
}

/** What ends it: an event, time, or a person alone. */
function Clears() {
  const { t } = useI18n();
  const [clear, after] = [useKey("clear"), useKey("resolve_after")];
  return (
    <>
      <Line label={t("alertrule.clear")} at={["/resolve_after"]}>
        <Check label={t("alertrule.clear.event")} value={clear.value !== undefined} set={(on) => clear.set(on ? { all: [{ type: "gwf.alert.cleared" }] } : undefined)} />
        <span>{t("alertrule.clear.after")}</span>
        <Duration label={t("alertrule.clear.after")} value={after.value} set={after.set} hint={t("alertrule.never")} />
        <span>{t("alertrule.clear.after.word")}</span>
      </Line>
      {clear.value !== undefined && <ConditionEditor value={clear.value} pointer="/clear" set={clear.set} />}
    </>
  );
}

function Named() {
  const { t } = useI18n();
  const [severity, title, labels] = [useKey("severity"), useKey("title"), useKey("labels")];
  return (
    <>
      <Line label={t("alerts.severity")} at={["/severity"]}>
        <Choice
          label={t("alerts.severity")}
          value={typedOf(severity.value) || "event"}
          options={[["event", t("alertrule.severity.event")], ...SEVERITIES.map((one) => [one, t(`severity.${one}`)] as const)]}
          set={(next) => severity.set(next === "event" ? undefined : next)}
        />
      </Line>
      <Line label={t("alerts.name")} at={["/title"]}>
        <span className="grow"><TextField label={t("alerts.name")} value={title.value} set={title.set} hint={EXAMPLE} /></span>
      </Line>
      <Line label={t("alerts.labels")} at={["/labels"]}>
        <span className="grow"><LabelLines value={labels.value} set={labels.set} /></span>
      </Line>
    </>
  );
}

function LabelLines({ value, set }: { value: Json | undefined; set: (value: Json | undefined) => void }) {
  const { t } = useI18n();
  const lines = labelLines(value);
  return <LinesField label={t("alerts.labels")} value={lines === "" ? undefined : lines.split("\n")} set={(next) => set(labelsOfLines((Array.isArray(next) ? next : [next ?? ""]).map(String).join("\n")))} read={(line) => line} hint={t("alertrule.labels.hint")} />;
}

/** How alerts of the rule are told: together with which, to whom, how often. */
function Telling() {
  const { t } = useI18n();
  const [group, wait, interval, repeat, chain] = [useKey("group_by"), useKey("wait"), useKey("interval"), useKey("repeat"), useKey("chain")];
  const chains = (useDocs("chain").data?.items ?? []).map(({ name }) => name);
  const chosen = typedOf(chain.value);
  const known = chosen && !chains.includes(chosen) ? [chosen, ...chains] : chains;
  return (
    <section aria-label={t("alertrule.telling")}>
      <h3 className="part-title">{t("alertrule.telling")}</h3>
      <Line label={t("alertrule.chain")} at={["/chain"]}>
        <Choice label={t("alertrule.chain")} value={chosen} options={[["", t("alertrule.chain.none")], ...known.map((one) => [one, one] as const)]} set={(next) => chain.set(next || undefined)} />
      </Line>
      <Line label={t("alertrule.group")} at={["/group_by", "/wait"]}>
        <span className="grow"><NamesField label={t("alertrule.group")} value={group.value} set={group.set} hint={t("alertrule.group.hint")} /></span>
        <span>{t("alertrule.wait")}</span>
        <Duration label={t("alertrule.wait")} value={wait.value} set={wait.set} hint="0s" />
      </Line>
      <Line label={t("alertrule.often")} at={["/interval", "/repeat"]}>
        <span>{t("alertrule.interval")}</span>
        <Duration label={t("alertrule.interval")} value={interval.value} set={interval.set} hint="5m" />
        <span>{t("alertrule.repeat")}</span>
        <Duration label={t("alertrule.repeat")} value={repeat.value} set={repeat.set} hint="4h" />
        <Check label={t("alertrule.repeat.never")} value={repeat.value === null} set={(on) => repeat.set(on ? null : undefined)} />
      </Line>
      <Faults at="" />
    </section>
  );
}
