import type { DocItem } from "../../../api/alertdocs";
import type { Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { Icon } from "../../../ui/Icon";
import { ConditionLists } from "../../rules/edit/ConditionLists";
import { TextField } from "../../rules/edit/controls";
import { DocForm } from "../docs/DocForm";
import { HoursFields } from "../docs/HoursFields";
import { Line, NamesField } from "../rules/fields";
import { useKey } from "../rules/form";
import { RECEIVER_LIST, ReceiverLists } from "./ReceiverLists";

const FIRST = { name: "", levels: [{ after: 0, receivers: [] }] };

/** A chain: who is told at once, who after how long if nobody takes it. */
export function ChainEditor({ doc, close }: { doc: DocItem | undefined; close: () => void }) {
  const { t } = useI18n();
  return (
    <DocForm kind="chain" doc={doc} start={doc?.document ?? FIRST} title={doc ? t("rule.edit.title", { name: doc.name }) : t("chain.new.title")} close={close}>
      {(document) => (
        <>
          <ConditionLists />
          <ReceiverLists />
          <About />
          <Levels at="levels" label={t(document["hours"] === undefined ? "chain.levels" : "chain.levels.hours")} />
          <HoursFields zoned />
          {document["hours"] !== undefined && <Levels at="off_hours" label={t("chain.levels.off")} />}
        </>
      )}
    </DocForm>
  );
}

function About() {
  const { t } = useI18n();
  const [name, description] = [useKey("name"), useKey("description")];
  return (
    <Line label={t("rules.col.name")} at={["/name", "/description"]}>
      <TextField label={t("rules.col.name")} value={name.value} set={(next) => name.set(next ?? "")} hint="night-shift" />
      <span className="grow"><TextField label={t("rule.description")} mono={false} value={description.value} set={description.set} hint={t("rule.description")} /></span>
    </Line>
  );
}

function Levels({ at, label }: { at: string; label: string }) {
  const { t } = useI18n();
  const { value, set } = useKey(at);
  const levels = (Array.isArray(value) ? value : []).map((one) => (isBlock(one) ? one : {}));
  const put = (index: number, key: string, next: Json | undefined): void => set(levels.map((one, place) => (place === index ? { ...one, [key]: next ?? [] } : one)));
  return (
    <Line label={label} at={[`/${at}`]}>
      <ol className="chain-edit">
        {levels.map((level, index) => (
          <li key={index}>
            {index === 0 ? <span className="dim">{t("chain.at_once")}</span> : <TextField label={t("chain.after.label", { number: index + 1 })} className="short" value={level["after"]} set={(next) => put(index, "after", next ?? "")} hint="10m" />}
            <NamesField label={t("chain.receivers", { number: index + 1 })} value={level["receivers"]} set={(next) => put(index, "receivers", next)} hint={t("chain.receivers.hint")} list={RECEIVER_LIST} />
            <button type="button" className="button ghost small square" aria-label={t("chain.level.remove", { number: index + 1 })} title={t("chain.level.remove", { number: index + 1 })} onClick={() => set(levels.filter((_, place) => place !== index))}><Icon name="x" size={12} /></button>
          </li>
        ))}
      </ol>
      <button type="button" className="button ghost small" onClick={() => set([...levels, { after: levels.length === 0 ? 0 : `${levels.length * 10}m`, receivers: [] }])}>{t("chain.level.add")}</button>
    </Line>
  );
}
