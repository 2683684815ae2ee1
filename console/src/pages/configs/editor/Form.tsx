import { createContext, useContext, useMemo, useState } from "react";
import type { Json, Setting } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { Icon } from "../../../ui/Icon";
import { FaultText } from "../../../ui/edit/FaultText";
import { Field } from "./Field";
import type { Below } from "./origins";
import { countOf, holdsBlocks, type Place, pointerOf, valueAt, withValue } from "./tree";
import type { Draft } from "./useDraft";

interface FormState {
  draft: Draft;
  below: Below | undefined;
  readOnly: boolean;
}

const FormContext = createContext<FormState | null>(null);

export function useForm(): FormState {
  const state = useContext(FormContext);
  if (!state) throw new Error("a field stands outside of a form");
  return state;
}

/** What a place says now, and how to change it. */
export function usePlace(place: Place): { value: Json | undefined; set: (value: Json | undefined) => void } {
  const { draft } = useForm();
  const document = draft.document ?? {};
  return { value: valueAt(document as Json, place), set: (value) => draft.setDocument(withValue(document, place, value)) };
}

/** Every setting that a layer may decide, made from what the server says of them. */
export function Form({ tree, draft, below, readOnly }: FormState & { tree: Setting }) {
  const state = useMemo(() => ({ draft, below, readOnly }), [draft, below, readOnly]);
  const whole = (draft.check?.faults ?? []).filter(({ pointer }) => pointer === "");
  return (
    <FormContext value={state}>
      {whole.map((fault) => (
        <FaultText key={fault.message} fault={fault} />
      ))}
      {tree.keys.map((setting) => (
        <Block key={setting.name} setting={setting} place={[setting.name]} path={setting.name} top />
      ))}
    </FormContext>
  );
}

interface BlockProps {
  setting: Setting;
  place: Place;
  /** The key as the reference of settings writes it: agent.watch[].path. */
  path: string;
  top?: boolean;
}

/** A block of keys that can be folded; open when it says something, or has a fault. */
export function Block({ setting, place, path, top = false }: BlockProps) {
  const { t } = useI18n();
  const { draft } = useForm();
  const count = countOf(valueAt((draft.document ?? {}) as Json, place));
  const pointer = pointerOf(place);
  const faulty = (draft.check?.faults ?? []).some((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));
  const [open, setOpen] = useState(top || count > 0);
  return (
    <details className={top ? "cfg-block cfg-top" : "cfg-block"} open={open || faulty} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="mono">{setting.name}</span>
        {count > 0 && <span className="tab-count">{count}</span>}
        {faulty && <span className="status crit">{t("edit.faults", { count: (draft.check?.faults ?? []).filter((fault) => fault.pointer.startsWith(pointer)).length })}</span>}
      </summary>
      <Inside setting={setting} place={place} path={path} />
    </details>
  );
}

export function Inside({ setting, place, path }: BlockProps) {
  if (setting.kind === "map" && holdsBlocks(setting)) return <NamedBlocks setting={setting} place={place} path={path} />;
  if (setting.kind === "list" && holdsBlocks(setting)) return <ListedBlocks setting={setting} place={place} path={path} />;
  return <Keys setting={setting} place={place} path={path} />;
}

function Keys({ setting, place, path }: BlockProps) {
  return (
    <div className="cfg-keys">
      {setting.keys.map((key) => {
        const inner = { setting: key, place: [...place, key.name], path: `${path}.${key.name}` };
        return key.kind === "section" || holdsBlocks(key) ? <Block key={key.name} {...inner} /> : <Field key={key.name} {...inner} />;
      })}
    </div>
  );
}

/** Blocks by name, for example stores. */
function NamedBlocks({ setting, place, path }: BlockProps) {
  const { t } = useI18n();
  const { readOnly } = useForm();
  const { value, set } = usePlace(place);
  const [name, setName] = useState("");
  const item = setting.item;
  if (!item) return null;
  const blocks = (typeof value === "object" && value !== null && !Array.isArray(value) ? value : {}) as Record<string, Json>;
  const add = (): void => {
    set({ ...blocks, [name.trim()]: {} });
    setName("");
  };
  return (
    <div className="cfg-keys">
      {Object.keys(blocks).map((key) => (
        <fieldset key={key} className="cfg-item">
          <legend className="mono">
            {key}
            {!readOnly && <Remove label={`${t("field.remove")} ${key}`} act={() => set(without(blocks, key))} />}
          </legend>
          <Keys setting={item} place={[...place, key]} path={`${path}.<name>`} />
        </fieldset>
      ))}
      {!readOnly && (
        <div className="row cfg-add">
          <input className="input mono" aria-label={t("field.name")} placeholder={t("field.name.hint")} value={name} onChange={(event) => setName(event.target.value)} />
          <button type="button" className="button small" disabled={name.trim() === "" || name.trim() in blocks} onClick={add}>
            <Icon name="plus" size={13} />
            {t("field.add")}
          </button>
        </div>
      )}
    </div>
  );
}

function without(blocks: Record<string, Json>, name: string): Record<string, Json> | undefined {
  const { [name]: _, ...rest } = blocks;
  return Object.keys(rest).length ? rest : undefined;
}

/** Blocks in an order, for example watched directories. */
function ListedBlocks({ setting, place, path }: BlockProps) {
  const { t } = useI18n();
  const { readOnly } = useForm();
  const { value, set } = usePlace(place);
  const item = setting.item;
  if (!item) return null;
  const blocks = Array.isArray(value) ? value : [];
  return (
    <div className="cfg-keys">
      {blocks.map((_, index) => (
        <fieldset key={index} className="cfg-item">
          <legend>
            {t("field.item", { number: index + 1 })}
            {!readOnly && (
              <Remove
                label={`${t("field.remove")} ${t("field.item", { number: index + 1 })}`}
                act={() => set(blocks.length > 1 ? blocks.filter((__, other) => other !== index) : undefined)}
              />
            )}
          </legend>
          <Keys setting={item} place={[...place, index]} path={`${path}[]`} />
        </fieldset>
      ))}
      {!readOnly && (
        <button type="button" className="button small" onClick={() => set([...blocks, {}])}>
          <Icon name="plus" size={13} />
          {t("field.add.item")}
        </button>
      )}
    </div>
  );
}

function Remove({ label, act }: { label: string; act: () => void }) {
  return (
    <button type="button" className="button ghost small square" aria-label={label} title={label} onClick={act}>
      <Icon name="x" size={13} />
    </button>
  );
}
