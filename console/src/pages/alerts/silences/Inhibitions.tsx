import { useState } from "react";
import { type DocItem, useDocs } from "../../../api/alertdocs";
import { WRITE } from "../../../api/alerts";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { Icon } from "../../../ui/Icon";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { useMayWhy } from "../../../ui/useMayWhy";
import { TextField } from "../../rules/edit/controls";
import { type Act, DocDialog } from "../docs/Acts";
import { DocForm } from "../docs/DocForm";
import { Rich } from "../Rich";
import { Line, NamesField } from "../rules/fields";
import { namesText, useKey } from "../rules/form";
import { STATE_TONE, stateOf, textOf } from "../rules/words";

/** Which alerts keep others back while they fire. */
export function Inhibitions() {
  const { t } = useI18n();
  const query = useDocs("inhibition");
  const why = useMayWhy()(WRITE);
  const [making, setMaking] = useState(false);
  return (
    <Card
      title={t("inhibition.title")}
      sub={t("inhibition.sub")}
      tools={
        <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setMaking(true)}>
          <Icon name="plus" size={13} />
          {t("inhibition.new")}
        </button>
      }
    >
      <QueryState query={query} rows={2} pace="list">
        {({ items }) => (items.length === 0 ? <p className="pad dim">{t("inhibition.empty")}</p> : <ul className="chain-list">{items.map((one) => <One key={one.id} one={one} />)}</ul>)}
      </QueryState>
      {making && <Editor doc={undefined} close={() => setMaking(false)} />}
    </Card>
  );
}

function One({ one }: { one: DocItem }) {
  const { t } = useI18n();
  const why = useMayWhy()(WRITE);
  const [open, setOpen] = useState<"edit" | Act | null>(null);
  const state = stateOf(one);
  const button = (act: Act) => <button type="button" className="button small ghost" disabled={why !== undefined} title={why} onClick={() => setOpen(act)}>{t(`rule.act.${act as "retire"}`)}</button>;
  const equal = namesText(one.document["equal"]);
  return (
    <li>
      <div className="chain-head">
        <Status tone={STATE_TONE[state]}>{t(`alertrule.state.${state}`)}</Status>
        <strong>{one.name}</strong>
        <span className="row chain-acts">
          <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setOpen("edit")}>{t("rule.edit")}</button>
          {one.published_version !== null && button(state === "disabled" ? "enable" : "disable")}
        </span>
      </div>
      <p className="inhibition-say">
        <Rich text={t("inhibition.say", { source: textOf(one.document, "source"), target: textOf(one.document, "target") })} />
        {equal !== "" && <Rich text={t("inhibition.say.equal", { labels: equal })} />}
      </p>
      {open === "edit" && <Editor doc={one} close={() => setOpen(null)} />}
      {open !== null && open !== "edit" && <DocDialog kind="inhibition" doc={{ ...one, reason: "", published: null, changes: [] }} act={open} close={() => setOpen(null)} />}
    </li>
  );
}

function Editor({ doc, close }: { doc: DocItem | undefined; close: () => void }) {
  const { t } = useI18n();
  return (
    <DocForm kind="inhibition" doc={doc} start={doc?.document ?? { name: "", source: "", target: "" }} title={doc ? t("rule.edit.title", { name: doc.name }) : t("inhibition.new.title")} close={close}>
      {() => <Fields />}
    </DocForm>
  );
}

function Fields() {
  const { t } = useI18n();
  const [name, source, target, equal] = [useKey("name"), useKey("source"), useKey("target"), useKey("equal")];
  return (
    <>
      <Line label={t("rules.col.name")} at={["/name"]}><span className="grow"><TextField label={t("rules.col.name")} mono={false} value={name.value} set={(next) => name.set(next ?? "")} /></span></Line>
      <Line label={t("inhibition.source")} at={["/source"]}><span className="grow"><TextField label={t("inhibition.source")} value={source.value} set={(next) => source.set(next ?? "")} hint="severity=critical,store=oss-sh" /></span></Line>
      <Line label={t("inhibition.target")} at={["/target"]}><span className="grow"><TextField label={t("inhibition.target")} value={target.value} set={(next) => target.set(next ?? "")} hint="severity in (warning,error)" /></span></Line>
      <Line label={t("inhibition.equal")} at={["/equal"]}><span className="grow"><NamesField label={t("inhibition.equal")} value={equal.value} set={equal.set} hint="store, env" /></span></Line>
      <p className="dim small">{t("silence.selector.help")}</p>
    </>
  );
}
