import { useI18n } from "../i18n/context";
import { Dialog } from "../ui/Dialog";
import { useBoundKeys } from "./keys";

/** All keys that do something on this page. */
export default function KeyList({ close }: { close: () => void }) {
  const { t } = useI18n();
  const bound = useBoundKeys();
  return (
    <Dialog title={t("keys.title")} close={close} width={560}>
      <dl className="key-list">
        {bound.map(({ key, label }) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((one) => (
                <kbd key={one}>{readable(one)}</kbd>
              ))}
            </dt>
            <dd>{label && t(label)}</dd>
          </div>
        ))}
      </dl>
      <p className="dim small">{t("keys.note")}</p>
    </Dialog>
  );
}

const NAMES: Record<string, string> = { Escape: "Esc", "mod+k": "Ctrl / ⌘ K" };

const readable = (key: string): string =>
  NAMES[key] ?? key.replace("shift+", "Shift ").replace(/\b[a-z]$/, (letter) => letter.toUpperCase());
