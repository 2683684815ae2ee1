import type { DocumentFault } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { faultText } from "../../i18n/faults";
import { wordOf } from "../../i18n/translate";
import { Glyph } from "../Status";

/** What is wrong at one place: in the reader's language where the code says it all, else in the server's words. */
export function FaultText({ fault }: { fault: DocumentFault }) {
  const { language } = useI18n();
  const own = wordOf(language, "edit.fault", fault.code);
  const { word, rest } = own === fault.code ? faultText(language, fault) : { word: own, rest: fault.message };
  return (
    <span className="fault" title={fault.message}>
      <span className="status crit">
        <Glyph tone="crit" />
      </span>
      <span>
        {word}
        {word && rest && " · "}
        {rest && <span className="mono">{rest}</span>}
      </span>
    </span>
  );
}
