import { useId, useState } from "react";
import type { Setting } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { boundsText, settingHelp } from "../../../i18n/settingHelp";
import { Icon } from "../../../ui/Icon";
import { shown } from "../../../ui/diff/values";
import { FaultText } from "../../../ui/edit/FaultText";
import { useForm, usePlace } from "./Form";
import { defaultOf, parsed, type Place, pointerOf, typedOf } from "./tree";

interface Props {
  setting: Setting;
  place: Place;
  path: string;
}

/** One setting: its key and meaning, its control, where its value comes from, what is wrong with it. */
export function Field({ setting, place, path }: Props) {
  const { t, language } = useI18n();
  const { draft, below, readOnly } = useForm();
  const { value, set } = usePlace(place);
  const id = useId();
  const pointer = pointerOf(place);
  const faults = (draft.check?.faults ?? []).filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));
  const inherited = below?.valueAt(place);
  const usual = defaultOf(setting);
  const origin =
    value !== undefined
      ? t("field.set")
      : inherited !== undefined && inherited !== null
        ? t("field.from", { layer: below?.name ?? "" })
        : setting.required
          ? t("field.required")
          : usual === null
            ? t("field.default.none")
            : t("field.default", { value: usual });
  const hint = inherited !== undefined && inherited !== null ? shown(inherited) : (usual ?? exampleOf(setting, t));
  return (
    <div className={`setting ${value !== undefined ? "set" : ""} ${faults.length ? "wrong" : ""}`}>
      <div className="setting-name">
        <label htmlFor={id} className="mono">
          {setting.name}
        </label>
        <p id={`${id}-help`} className="dim small">
          {settingHelp[language][path] ?? setting.meaning}
          {setting.bounds && ` · ${t("field.bounds", { bounds: boundsText(language, setting.bounds) })}`}
        </p>
      </div>
      <div className="setting-value">
        <Control id={id} setting={setting} value={typedOf(setting, value)} hint={hint} readOnly={readOnly} wrong={faults.length > 0} onChange={(typed) => set(parsed(setting, typed))} />
        {faults.map((fault) => (
          <FaultText key={fault.message} fault={fault} />
        ))}
      </div>
      <div className="setting-origin">
        <span className={value === undefined ? "dim small" : "origin-tag"}>{origin}</span>
        {value !== undefined && !readOnly && (
          <button type="button" className="button ghost small square" aria-label={`${t("field.clear")}: ${setting.name}`} title={t("field.clear")} onClick={() => set(undefined)}>
            <Icon name="x" size={12} />
          </button>
        )}
      </div>
    </div>
  );
}

type Say = ReturnType<typeof useI18n>["t"];

function exampleOf(setting: Setting, t: Say): string {
  if (setting.kind === "duration") return t("field.example.duration");
  if (setting.kind === "size") return t("field.example.size");
  if (setting.kind === "list") return t("field.list.hint");
  if (setting.kind === "secret text") return t("field.secret.hint");
  return "";
}

interface ControlProps {
  id: string;
  setting: Setting;
  /** null = nothing that this control could change. */
  value: string | null;
  hint: string;
  readOnly: boolean;
  wrong: boolean;
  onChange: (typed: string) => void;
}

function Control({ id, setting, value, hint, readOnly, wrong, onChange }: ControlProps) {
  const { t } = useI18n();
  // what is being typed stays as it is; the document holds what it means
  const [typed, setTyped] = useState(value);
  const shownText = typed !== null && value !== null && sameMeaning(setting, typed, value) ? typed : value;
  if (value === null) return <p className="dim small">{t("field.text.odd")}</p>;
  const common = { id, "aria-describedby": `${id}-help`, "aria-invalid": wrong, disabled: readOnly };
  if (setting.kind === "choice" || setting.kind === "true or false") {
    const options = setting.kind === "choice" ? setting.choices.map((one) => [one, one] as const) : ([["true", t("field.on")], ["false", t("field.off")]] as const);
    return (
      <select className="input" {...common} value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{hint ? `${t("field.unset")} · ${hint}` : t("field.unset")}</option>
        {options.map(([one, label]) => (
          <option key={one} value={one}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  const change = (next: string): void => {
    setTyped(next);
    onChange(next);
  };
  if (setting.kind === "list") {
    return (
      <textarea className="input mono" rows={Math.max(2, (shownText ?? "").split("\n").length)} spellCheck={false} placeholder={hint} {...common} value={shownText ?? ""} onChange={(event) => change(event.target.value)} />
    );
  }
  return <input className="input mono" type="text" spellCheck={false} autoComplete="off" placeholder={hint} {...common} value={shownText ?? ""} onChange={(event) => change(event.target.value)} />;
}

const sameMeaning = (setting: Setting, a: string, b: string): boolean => JSON.stringify(parsed(setting, a)) === JSON.stringify(parsed(setting, b));
