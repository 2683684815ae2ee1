import { RequestError } from "../../api/client";
import type { HitKind, Search } from "../../api/find";
import { useI18n } from "../../i18n/context";
import { Icon } from "../../ui/Icon";
import { Status } from "../../ui/Status";
import { useErrorText } from "../../ui/StateBlock";

/** What the search did not look through, and why: a short answer is never silently short. */
export function FoundNotes({ search }: { search: Search }) {
  const { t } = useI18n();
  const { findings, error, again } = search;
  if (error) return <Failed error={error} again={again} />;
  const named = (kinds: readonly HitKind[]): string => kinds.map((kind) => t(`find.${kind}`)).join(t("filter.join"));
  const { left_out: closed = [], too_slow: slow = [] } = findings ?? {};
  if (!closed.length && !slow.length) return null;
  return (
    <div className="palette-notes">
      {slow.length > 0 && (
        <p>
          <Status tone="warn">{t("palette.slow", { kinds: named(slow) })}</Status>
          <button type="button" className="button ghost small" onClick={again}>
            {t("error.retry")}
          </button>
        </p>
      )}
      {closed.length > 0 && (
        <p>
          <Icon name="lock" size={13} />
          {t("palette.closed", { kinds: named(closed) })}
        </p>
      )}
    </div>
  );
}

function Failed({ error, again }: { error: Error; again: () => void }) {
  const { t } = useI18n();
  const text = useErrorText(error);
  const refused = error instanceof RequestError && (error.status === 401 || error.status === 403);
  return (
    <div className="palette-notes" role="alert">
      <p>
        <Status tone={refused ? "mute" : "crit"}>{t(refused ? "palette.refused" : "palette.failed")}</Status>
        <span>{text}</span>
        {!refused && (
          <button type="button" className="button small" onClick={again}>
            <Icon name="retry" size={13} />
            {t("error.retry")}
          </button>
        )}
      </p>
    </div>
  );
}
