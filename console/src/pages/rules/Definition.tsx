import { Link } from "@tanstack/react-router";
import type { Document, Json } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import type { Language } from "../../i18n/types";
import { isBlock } from "../../ui/edit/places";
import { ConditionView } from "./cond/ConditionView";
import { typedOf } from "./cond/conditions";
import { fieldText } from "./words";

/** What a rule says, to be read. */
export function Definition({ rule }: { rule: Document }) {
  const { t } = useI18n();
  const then = Array.isArray(rule["then"]) ? rule["then"] : [];
  const calendars = isBlock(rule["calendars"]) ? Object.entries(rule["calendars"]) : [];
  return (
    <dl className="rule-words">
      {typeof rule["description"] === "string" && rule["description"] !== "" && (
        <>
          <dt>{t("rule.description")}</dt>
          <dd className="pre">{rule["description"]}</dd>
        </>
      )}
      <dt>{t("rule.when")}</dt>
      <dd>
        <ConditionView condition={rule["when"]} />
      </dd>
      <dt>{t("rule.then")}</dt>
      <dd>
        {then.length === 0 && <p className="dim">{t("rule.then.none")}</p>}
        <ol className="act-list">
          {then.map((action, index) => (
            <li key={index}>{isBlock(action) && <Action action={action} />}</li>
          ))}
        </ol>
        {carries(then) && (
          <p className="notice run">
            {t("rule.carries")} <Link to="/configs">{t("nav.configs")}</Link>
          </p>
        )}
        <p className="dim small">{t(`rules.on_match.${rule["on_match"] === "stop" ? "stop" : "continue"}.help`)}</p>
      </dd>
      {calendars.length > 0 && (
        <>
          <dt>{t("rule.calendars")}</dt>
          <dd>
            {calendars.map(([name, days]) => (
              <p key={name}>
                <code>{name}</code> <span className="mono small">{Array.isArray(days) ? days.map(typedOf).join(" · ") : typedOf(days)}</span>
              </p>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}

/** It says how files are carried: hosts decide it, once a configuration with it runs there. */
function carries(then: Json[]): boolean {
  const [only] = then;
  if (then.length !== 1 || !isBlock(only) || only["action"] !== "UPLOAD" || only["run_on"] === "centre") return false;
  return !isBlock(only["config"]) || !("path" in only["config"]);
}

/** One action: what is done, by whom, with what. */
function Action({ action }: { action: Document }) {
  const { t, language } = useI18n();
  const kind = typedOf(action["action"]);
  const config = isBlock(action["config"]) ? action["config"] : {};
  const notes = (["run_on", "urgency", "key"] as const).filter((key) => action[key] !== undefined);
  return (
    <div className="act">
      <div className="act-head">
        <strong className="mono">{kind}</strong>
        {typeof action["name"] === "string" && <span className="dim mono">{action["name"]}</span>}
        {notes.map((key) => (
          <span key={key} className="tag">
            {t(`act.${key}`)} <span>{noteText(key, shortly(action[key]), language)}</span>
          </span>
        ))}
      </div>
      <ConfigLines kind={kind} config={config} />
    </div>
  );
}

/** The parts of a configuration, texts with their places marked. */
export function ConfigLines({ kind, config }: { kind: string; config: Record<string, unknown> }) {
  const { language } = useI18n();
  const entries = Object.entries(config);
  if (!entries.length) return null;
  return (
    <dl className="act-config">
      {entries.map(([key, value]) => (
        <div key={key}>
          <dt title={key}>{fieldText(kind, key, language)}</dt>
          <dd className="mono breakable">
            <Filled text={typeof value === "string" ? value : JSON.stringify(value, null, 1)} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A text with its places marked. */
function Filled({ text }: { text: string }) {
  return text.split(/(\$\{[^}]*\})/).map((part, index) => (part.startsWith("${") ? <mark key={index}>{part}</mark> : part));
}

/** The word of a value, or the value itself where it is one of the writer's own. */
function noteText(key: string, value: string, language: Language): string {
  return wordOf(language, `act.${key}`, value);
}

const shortly = (value: Json | undefined): string => (Array.isArray(value) ? value.map(typedOf).join(" ") : typedOf(value));
