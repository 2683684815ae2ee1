import type { Letter } from "../../api/dlq";
import type { I18n } from "../../i18n/context";
import { whyText } from "../../i18n/translate";
import { MidText } from "../../ui/MidText";
import { PathText } from "../../ui/PathText";
import { Status } from "../../ui/Status";
import type { Column } from "../../ui/table/types";
import { TimeText } from "../../ui/TimeText";
import { classWord, LETTER_TONE } from "./words";

/** Dead letters, as their list shows them. */
export function letterColumns(i18n: I18n): Column<Letter>[] {
  const { t } = i18n;
  return [
    {
      key: "state", title: t("dlq.state"), width: 100, phone: "aside",
      render: ({ state }) => <Status tone={LETTER_TONE[state]}>{t(`dlq.state.${state}`)}</Status>, text: ({ state }) => state,
    },
    {
      key: "about", title: t("dlq.about"), primary: true, phone: "title",
      render: ({ about, poison }) => (
        <span className="dlq-about">
          <PathText text={about} />
          {poison && <span className="tag warn">{t("dlq.poison")}</span>}
        </span>
      ),
      text: ({ about }) => about,
    },
    { key: "kind", title: t("dlq.kind"), width: 104, render: ({ kind }) => <span className="tag">{t(`dlq.kind.${kind}`)}</span>, text: ({ kind }) => kind },
    { key: "error", title: t("dlq.class"), width: 152, hideBelow: 900, render: ({ error_class: word }) => classWord(word, i18n), text: ({ error_class: word }) => word },
    { key: "message", title: t("dlq.message"), width: 250, hideBelow: 1280, render: ({ message }) => <span className="el mono dim small" title={whyText(i18n.language, message)}>{whyText(i18n.language, message)}</span>, text: ({ message }) => message },
    { key: "host", title: t("dlq.agent"), width: 136, hideBelow: 1100, render: ({ hostname, agent_id: id }) => <MidText text={hostname || id || t("none")} />, text: ({ hostname, agent_id: id }) => hostname || id },
    { key: "tries", title: t("dlq.tries"), width: 78, align: "end", hideBelow: 1100, render: ({ attempts }) => attempts, text: ({ attempts }) => attempts },
    { key: "last", title: t("dlq.last"), width: 104, align: "end", phone: "line", render: ({ last_seen_at: at }) => <TimeText at={at} relative />, text: ({ last_seen_at: at }) => at },
    { key: "place", title: t("dlq.where"), width: 170, optional: true, render: ({ place }) => <span className="el">{place}</span>, text: ({ place }) => place },
    { key: "replays", title: t("dlq.replays"), width: 84, align: "end", optional: true, render: ({ replays }) => replays, text: ({ replays }) => replays },
    { key: "first", title: t("dlq.first"), width: 118, optional: true, render: ({ first_seen_at: at }) => <TimeText at={at} />, text: ({ first_seen_at: at }) => at },
    { key: "id", title: t("task.id"), width: 220, optional: true, render: ({ letter_id: id }) => <span className="mono el">{id}</span>, text: ({ letter_id: id }) => id },
  ];
}
