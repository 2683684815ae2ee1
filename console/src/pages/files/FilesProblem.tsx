import { RequestError } from "../../api/client";
import { useI18n } from "../../i18n/context";
import type { PlainKey } from "../../i18n/types";
import { Icon, type IconName } from "../../ui/Icon";
import { Empty, ErrorBlock } from "../../ui/StateBlock";

interface Props {
  error: unknown;
  retry: () => void;
  roots: readonly string[];
  go: (path: string | undefined) => void;
}

/** What an agent says instead of an answer: title, what to do about it, and whether asking again may help. */
const SAID: Record<string, { title: PlainKey; sub: PlainKey; icon: IconName; again: boolean }> = {
  agent_offline: { title: "error.agent_offline", sub: "browse.offline.sub", icon: "server", again: true },
  agent_silent: { title: "error.agent_silent", sub: "browse.silent.sub", icon: "clock", again: true },
  agent_busy: { title: "error.agent_busy", sub: "browse.busy.sub", icon: "clock", again: true },
  agent_revoked: { title: "error.agent_revoked", sub: "browse.revoked.sub", icon: "server", again: false },
  remote_files_off: { title: "error.remote_files_off", sub: "browse.remote.sub", icon: "lock", again: false },
  path_closed: { title: "error.path_closed", sub: "browse.closed.sub", icon: "lock", again: true },
  outside_watch: { title: "error.outside_watch", sub: "browse.outside.sub", icon: "folder", again: false },
  file_gone: { title: "error.file_gone", sub: "browse.gone.sub", icon: "file", again: true },
  nothing_watched: { title: "error.nothing_watched", sub: "browse.nothing.sub", icon: "folder", again: false },
};

/** A failed question about files, in the words of what the agent said; anything else as every page shows it. */
export function FilesProblem({ error, retry, roots, go }: Props) {
  const { t } = useI18n();
  const said = error instanceof RequestError ? SAID[error.code] : undefined;
  if (!said) return <ErrorBlock error={error} retry={retry} />;
  return (
    <Empty
      title={t(said.title)}
      icon={said.icon}
      action={
        said.again && (
          <button type="button" className="button small" onClick={retry}>
            <Icon name="retry" size={13} />
            {t("error.retry")}
          </button>
        )
      }
    >
      <p>{t(said.sub)}</p>
      {(said.title === "error.outside_watch" || said.title === "error.file_gone") && roots.length > 0 && (
        <p className="roots">
          {roots.map((root) => (
            <button key={root} type="button" className="chip mono" onClick={() => go(root)}>
              {root}
            </button>
          ))}
        </p>
      )}
    </Empty>
  );
}
