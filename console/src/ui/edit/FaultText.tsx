import type { DocumentFault } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { wordOf } from "../../i18n/translate";
import { Glyph } from "../Status";

/** What is wrong at one place: in the reader's language where the code says it all, else in the server's words. */
export function FaultText({ fault }: { fault: DocumentFault }) {
  const { language } = useI18n();
  const word = wordOf(language, "edit.fault", fault.code);
  return (
    <span className="fault">
      <span className="status crit">
        <Glyph tone="crit" />
      </span>
      <span>
        {word !== fault.code && <>{word} · </>}
        <span className="mono">{fault.message}</span>
      </span>
    </span>
  );
}
