import { useMemo } from "react";
import type { Entry } from "../../api/audit";
import { useI18n } from "../../i18n/context";
import { Icon } from "../../ui/Icon";
import { Status } from "../../ui/Status";
import type { Column } from "../../ui/table/types";
import { TimeText } from "../../ui/TimeText";
import { resultOf, summaryOf, verbOf, whatOf, whoOf } from "./sentence";

/** A person by the first sign of the name, all others by what they are. */
export function Avatar({ entry }: { entry: Entry }) {
  const { t, language } = useI18n();
  const { kind } = entry.actor;
  return (
    <span className="avatar" aria-hidden="true">
      {kind === "user" ? whoOf(entry, { t, language }).slice(0, 1).toUpperCase() : <Icon name={kind === "agent" ? "server" : kind === "system" ? "gear" : "key"} size={12} />}
    </span>
  );
}

export function useColumns(): Column<Entry>[] {
  const { t, language } = useI18n();
  return useMemo(() => {
    const words = { t, language };
    return [
      { key: "time", title: t("audit.time"), width: 82, phone: "aside", render: ({ at }) => <TimeText at={at} />, text: ({ at }) => at },
      {
        key: "who", title: t("audit.who"), width: 148, phone: "line",
        render: (entry) => (
          <span className="row">
            <Avatar entry={entry} />
            <span className="el">{whoOf(entry, words)}</span>
          </span>
        ),
        text: (entry) => whoOf(entry, words),
      },
      {
        key: "what", title: t("audit.what"), width: 132, phone: "line",
        render: ({ action }) => <strong title={action}>{verbOf(action, language)}</strong>,
        text: ({ action }) => action,
      },
      {
        key: "object", title: t("audit.object"), primary: true, phone: "title",
        render: (entry) => <span className="el">{whatOf(entry, words)}</span>,
        text: ({ resource }) => `${resource.kind} ${resource.id}`,
      },
      {
        key: "summary", title: t("audit.summary"), hideBelow: 1100, phone: "line",
        render: (entry) => <span className="el dim" title={summaryOf(entry, words)}>{summaryOf(entry, words)}</span>,
        text: (entry) => summaryOf(entry, words),
      },
      {
        key: "result", title: t("audit.result"), width: 96, hideBelow: 900,
        render: (entry) => {
          const { word, tone } = resultOf(entry);
          return <Status tone={tone}>{t(`result.${word}`)}</Status>;
        },
        text: (entry) => resultOf(entry).word,
      },
    ];
  }, [t, language]);
}

