import { useEffect, useState } from "react";
import { useI18n } from "../i18n/context";
import { Icon } from "./Icon";

async function toClipboard(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // plain HTTP beyond loopback has no clipboard API
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Copies `text`; says so for two seconds. */
export function Copy({ text, what, icon = "copy" }: { text: string; what: string; icon?: "copy" | "link" }) {
  const { t } = useI18n();
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2_000);
    return () => clearTimeout(timer);
  }, [done]);
  const label = done ? t("copy.done") : t("copy.what", { what });
  return (
    <button
      type="button"
      className="button ghost small square copy"
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.stopPropagation();
        void toClipboard(text).then(() => setDone(true));
      }}
    >
      <Icon name={done ? "check" : icon} size={13} />
    </button>
  );
}
