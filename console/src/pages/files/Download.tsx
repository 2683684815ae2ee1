import { useEffect, useRef, useState } from "react";
import { useMe } from "../../api/account";
import { fetchFileBytes, MOST_DOWNLOADED } from "../../api/files";
import { useI18n } from "../../i18n/context";
import { formatBytes } from "../../i18n/format";
import { Icon } from "../../ui/Icon";
import { Toast } from "../../ui/toast";
import { useMayWhy } from "../../ui/useMayWhy";

interface Props {
  agent: string;
  path: string;
  name: string;
  sizeBytes: number;
}

/** Take a file away: how far it is, and a way to end it. It is on record. */
export function Download({ agent, path, name, sizeBytes }: Props) {
  const { t } = useI18n();
  const me = useMe();
  const why = useMayWhy()("files:content");
  const [done, setDone] = useState<number | null>(null);
  const life = useRef<AbortController>(undefined);
  useEffect(() => () => life.current?.abort(), []);
  const denied = me.data === null ? undefined : why;
  const large = sizeBytes > MOST_DOWNLOADED ? t("browse.download.large", { most: formatBytes(MOST_DOWNLOADED) }) : undefined;
  const begin = async (): Promise<void> => {
    const mine = new AbortController();
    life.current = mine;
    setDone(0);
    try {
      save(await fetchFileBytes(agent, path, setDone, mine.signal), name);
      Toast.done(t("browse.download.done", { name }));
    } catch (error) {
      if (!mine.signal.aborted) Toast.failed(error);
    } finally {
      setDone(null);
    }
  };
  if (done !== null) {
    const share = Math.min(100, Math.round((100 * done) / Math.max(1, sizeBytes)));
    return (
      <button type="button" className="button" onClick={() => life.current?.abort()}>
        <Icon name="x" size={14} />
        {t("browse.download.stop", { share: `${share}%` })}
      </button>
    );
  }
  const title = denied ?? large ?? t("browse.download.sub");
  return (
    <button type="button" className="button" disabled={denied !== undefined || large !== undefined} title={title} onClick={() => void begin()}>
      <Icon name="download" size={14} />
      {t("browse.download")}
    </button>
  );
}

const KEPT_MS = 60_000;

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
}
