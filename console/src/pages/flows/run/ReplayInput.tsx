import type { FlowInput, RunDetail } from "../../../api/flows";
import { useI18n } from "../../../i18n/context";
import { InputFields } from "../InputFields";
import { textOf } from "../values";

/** What the run was begun with, as it would be typed. */
export const typedOf = (run: RunDetail): Record<string, string> => Object.fromEntries(Object.entries(run.input).map(([name, value]) => [name, textOf(value)]));

/** Names of values that would be others than those of the run. */
export function changedOf(run: RunDetail, inputs: readonly FlowInput[], typed: Readonly<Record<string, string>>): string[] {
  const before = typedOf(run);
  return inputs.map(({ name }) => name).filter((name) => (typed[name] ?? "") !== (before[name] ?? ""));
}

interface Props {
  run: RunDetail;
  inputs: readonly FlowInput[];
  typed: Readonly<Record<string, string>>;
  set: (typed: Record<string, string>) => void;
  /** Steps before keep results that came of the old values. */
  inPart: boolean;
}

/** The values that a replay is begun with: those of the run, until somebody changes them. */
export function ReplayInput({ run, inputs, typed, set, inPart }: Props) {
  const { t } = useI18n();
  if (inputs.length === 0) return null;
  const changed = changedOf(run, inputs, typed);
  return (
    <details className="schema-section" open={changed.length > 0}>
      <summary>{t("run.replay.input")}</summary>
      <div className="form-grid two">
        <InputFields inputs={inputs} typed={typed} set={(name, text) => set({ ...typed, [name]: text })} />
      </div>
      {changed.length > 0 && inPart && <p className="warn-text small">{t("run.replay.input.part")}</p>}
      {changed.length > 0 && (
        <p>
          <button type="button" className="button ghost small" onClick={() => set(typedOf(run))}>{t("run.replay.input.back")}</button>
        </p>
      )}
    </details>
  );
}
