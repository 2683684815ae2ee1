import { useState } from "react";
import { fetchLevelPage, type FileNode, type LevelQuery } from "../../api/files";
import { useI18n } from "../../i18n/context";
import type { Target } from "../../ui/action/types";
import { Icon } from "../../ui/Icon";
import type { Selection } from "../../ui/table/types";
import { Toast } from "../../ui/toast";
import type { Act } from "./Acts";

interface Props {
  chosen: Selection<FileNode>;
  agent: string;
  query: LevelQuery;
  act: (act: Act) => void;
}

/** Orders for files at a time; more is a matter of switches, or of replaying dead letters. */
const MOST = 2_000;

const targetsOf = (nodes: readonly FileNode[]): Target[] =>
  nodes.filter(({ kind, on_disk: here }) => kind === "file" && here).map(({ path, name }) => ({ key: path, name }));

/** All files that the list finds, as far as orders go. */
async function everything(agent: string, query: LevelQuery): Promise<Target[]> {
  const found: Target[] = [];
  const never = new AbortController();
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof fetchLevelPage>> = await fetchLevelPage(agent, { ...query, kind: "file", limit: 500 }, cursor, never.signal);
    found.push(...targetsOf(page.items));
    cursor = page.next;
  } while (cursor !== null && found.length < MOST);
  return found.slice(0, MOST);
}

/** Send the chosen files now; directories among them are left out, which the number says. */
export function Send({ chosen, agent, query, act }: Props) {
  const { t } = useI18n();
  const [busy, setBusy] = useState(false);
  const files = targetsOf(chosen.rows);
  const begin = async (): Promise<void> => {
    setBusy(true);
    try {
      const targets = chosen.everything ? await everything(agent, query) : files;
      if (targets.length) act({ kind: "uploads", targets });
      chosen.clear();
    } catch (error) {
      Toast.failed(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" className="button small" disabled={busy || (!chosen.everything && !files.length)} aria-busy={busy} onClick={() => void begin()}>
      <Icon name="upload" size={13} />
      {chosen.everything ? t("browse.send") : t("act.uploads.do", { count: files.length })}
    </button>
  );
}
