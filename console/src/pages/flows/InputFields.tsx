import { useId } from "react";
import type { FlowInput } from "../../api/flows";
import { useI18n } from "../../i18n/context";
import "../../styles/form.css";

interface Props {
  inputs: readonly FlowInput[];
  typed: Readonly<Record<string, string>>;
  set: (name: string, text: string) => void;
}

/** The values that a run is begun with, a field each. */
export function InputFields({ inputs, typed, set }: Props) {
  const { t } = useI18n();
  const id = useId();
  return inputs.map(({ name, description, required, default: usual }) => (
    <div key={name} className="form-row">
      <label htmlFor={`${id}-${name}`} className="schema-label">
        {name}
        {required && <em>{t("form.required")}</em>}
      </label>
      <input id={`${id}-${name}`} className="input mono" type="text" autoComplete="off" spellCheck={false} placeholder={usual === null || usual === undefined ? "" : String(usual)} value={typed[name] ?? ""} onChange={(event) => set(name, event.target.value)} />
      {description && <p className="hint">{description}</p>}
    </div>
  ));
}
