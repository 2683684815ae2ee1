import type { Document, Json } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { FaultText } from "../../../ui/edit/FaultText";
import { isBlock } from "../../../ui/edit/places";
import { Icon } from "../../../ui/Icon";
import { CaseResult, casesOf, nameOf, Passed } from "../TestResults";
import { EXAMPLE } from "../trial/sample";
import { Check, Choice, JsonField, LinesField, TextField } from "./controls";
import { useDraft, useFaultsAt, useKey } from "./form";

/** The test cases of a rule: events with what is expected of each. */
export function TestsEditor() {
  const { t } = useI18n();
  const { document, check } = useDraft();
  const { set } = useKey("tests");
  const tests = casesOf(document);
  const put = (next: Document[]): void => set(next.length ? next : undefined);
  return (
    <>
      <Passed tests={tests} check={check} />
      {tests.length === 0 && <p className="dim">{t("tests.none.sub")}</p>}
      {tests.map((one, index) => (
        <fieldset key={index} className="act edit">
          <legend>
            {nameOf(one, index)} <CaseResult place={index} check={check} />
            <button type="button" className="button ghost small square" aria-label={t("tests.remove", { name: nameOf(one, index) })} title={t("tests.remove", { name: nameOf(one, index) })} onClick={() => put(tests.filter((_, at) => at !== index))}>
              <Icon name="x" size={12} />
            </button>
          </legend>
          <OneCase one={one} pointer={`/tests/${index}`} set={(next) => put(tests.map((old, at) => (at === index ? next : old)))} />
        </fieldset>
      ))}
      <button type="button" className="button ghost small" onClick={() => put([...tests, { name: t("tests.new.name", { number: tests.length + 1 }), event: EXAMPLE, expect: { matched: true } }])}>
        {t("tests.add")}
      </button>
    </>
  );
}

function OneCase({ one, pointer, set }: { one: Document; pointer: string; set: (value: Document) => void }) {
  const { t } = useI18n();
  const faults = useFaultsAt(pointer);
  const expect: Document = isBlock(one["expect"]) ? one["expect"] : {};
  const { actions, ...rest } = expect;
  return (
    <>
      <TextField label={t("tests.case")} hidden={false} mono={false} value={one["name"]} set={(next) => set({ ...one, name: next ?? "" })} />
      <JsonField label={t("tests.event")} value={one["event"]} set={(next) => set({ ...one, event: next ?? {} })} rows={4} />
      <span className="row wrap">
        <Choice
          label={t("tests.expect")}
          value={String(expect["matched"] !== false)}
          options={[["true", t("tests.matched")], ["false", t("tests.not")]]}
          set={(next) => set({ ...one, expect: { ...expect, matched: next === "true" } })}
        />
        <Check label={t("tests.with.actions")} value={actions !== undefined} set={(on) => set({ ...one, expect: on ? { ...expect, actions: [] } : rest })} />
        {actions !== undefined && <LinesField label={t("tests.actions")} value={actions} set={(next) => set({ ...one, expect: { ...expect, actions: listed(next) } })} read={(line) => line} hint="WEBHOOK" />}
      </span>
      {faults.map((fault) => (
        <FaultText key={`${fault.pointer} ${fault.message}`} fault={fault} />
      ))}
    </>
  );
}

const listed = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : value === undefined || value === "" ? [] : [value]);
