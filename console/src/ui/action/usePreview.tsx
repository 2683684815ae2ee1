import type { ServerEffect } from "../../api/effect";
import { useI18n } from "../../i18n/context";
import { FieldDiff } from "../diff/FieldDiff";
import { changeOf } from "../diff/values";
import type { Preview } from "./types";
import "../../styles/diff.css";

/** Turns the server's effect into what the dialog shows; `names` are the objects when they are no agents. */
export function usePreview(): (effect: ServerEffect, names?: readonly string[]) => Preview {
  const { t } = useI18n();
  return (effect, names) => {
    const fields = effect.changes.flatMap(({ changes }) => changes).map((change) => changeOf(String(change["path"]), change));
    const agents = effect.agents.map(({ hostname }) => hostname);
    const whom = names ?? agents;
    const { how } = effect.undo;
    return {
      ...(whom.length ? { affected: { count: names ? names.length : effect.agents_count, names: whom } } : {}),
      ...(fields.length ? { picture: <FieldDiff changes={fields} /> } : {}),
      risk: effect.risk.level,
      ...(effect.risk.reasons.length ? { why: effect.risk.reasons.map((reason) => t(`risk.${reason}`)) } : {}),
      ...(how === "none" ? {} : { wayBack: t(`undo.${how}`) }),
      ...(effect.revision === null ? {} : { revision: String(effect.revision) }),
    };
  };
}
