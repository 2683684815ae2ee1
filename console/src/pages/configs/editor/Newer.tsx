import { useMemo, useState } from "react";
import { type Document, type Layer, useVersion, useVersionChoice, useVersionDiff, type Version } from "../../../api/configs";
import { useI18n } from "../../../i18n/context";
import { FieldDiff } from "../../../ui/diff/FieldDiff";
import { dotted, shown } from "../../../ui/diff/values";
import { QueryState } from "../../../ui/QueryState";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { fieldOf } from "../VersionDiff";
import { type Clash, merge, type Side } from "./merge";

interface Props {
  layer: Layer;
  /** The version that the draft was made from; undefined = from nothing. */
  base: Version | undefined;
  /** null = what is typed cannot be read now. */
  mine: Document | null;
  /** Goes on with this document, from the newest version. */
  take: (document: Document, number: number) => void;
}

/** Somebody wrote a newer version meanwhile: what they changed, and how both come together. */
export function Newer({ layer, base, mine, take }: Props) {
  const { t } = useI18n();
  const number = layer.newest_number;
  const newest = useVersion(layer.layer_id, number);
  const since = useVersionChoice(layer.layer_id).data?.items.filter((one) => one.number > (base?.number ?? 0)) ?? [];
  const diff = useVersionDiff(newest.data?.version_id, base?.version_id);
  const changes = (base ? diff.data?.changes : newest.data?.changes) ?? [];
  return (
    <section className="notice warn newer" aria-label={t("newer.title", { number })}>
      <Status tone="warn">{t("newer.title", { number })}</Status>
      <ul>
        {since.map(({ version_id, number: one, author, created_at, reason }) => (
          <li key={version_id}>
            <strong className="mono">{t("version.name", { number: one })}</strong> {author} <TimeText at={created_at} /> <span className="dim">{reason}</span>
          </li>
        ))}
      </ul>
      <QueryState query={newest} rows={2}>
        {(theirs) => (
          <>
            {changes.length > 0 && <FieldDiff changes={changes.map(fieldOf)} />}
            <Choice base={(base?.document ?? {}) as Document} mine={mine} theirs={theirs} take={take} />
          </>
        )}
      </QueryState>
    </section>
  );
}

interface ChoiceProps {
  base: Document;
  mine: Document | null;
  theirs: Version;
  take: Props["take"];
}

function Choice({ base, mine, theirs, take }: ChoiceProps) {
  const { t } = useI18n();
  const [chosen, setChosen] = useState<Readonly<Record<string, Side>>>({});
  const { number } = theirs;
  const document = theirs.document as Document;
  const merged = useMemo(() => mine && merge(base, mine, document, chosen), [base, mine, document, chosen]);
  const open = merged?.clashes.filter(({ pointer }) => !chosen[pointer]).length ?? 0;
  return (
    <>
      {merged === null && <p>{t("newer.unreadable")}</p>}
      {merged && merged.clashes.length === 0 && <p>{t("newer.fits")}</p>}
      {merged && merged.clashes.length > 0 && (
        <>
          <p>{t("newer.clashes", { count: merged.clashes.length })}</p>
          <ul className="clashes">
            {merged.clashes.map((clash) => (
              <ClashRow key={clash.pointer} clash={clash} side={chosen[clash.pointer]} choose={(side) => setChosen((old) => ({ ...old, [clash.pointer]: side }))} />
            ))}
          </ul>
        </>
      )}
      <div className="row wrap">
        <button type="button" className="button primary" disabled={!merged || open > 0} onClick={() => merged && take(merged.document, number)}>
          {open > 0 ? t("newer.choose", { count: open }) : t("newer.merge", { number })}
        </button>
        <button type="button" className="button" onClick={() => take(document, number)}>
          {t("newer.drop", { number })}
        </button>
      </div>
    </>
  );
}

function ClashRow({ clash, side, choose }: { clash: Clash; side: Side | undefined; choose: (side: Side) => void }) {
  const { t } = useI18n();
  const text = (value: Clash["mine"]): string => (value === undefined ? t("field.unset") : shown(value));
  return (
    <li role="radiogroup" aria-label={dotted(clash.pointer)}>
      <span className="mono breakable">{dotted(clash.pointer)}</span>
      {(["mine", "theirs"] as const).map((one) => (
        <label key={one}>
          <input type="radio" name={`clash ${clash.pointer}`} checked={side === one} onChange={() => choose(one)} />
          <span className="dim">{t(`newer.${one}`)}</span> <code className="mono breakable">{text(clash[one])}</code>
        </label>
      ))}
    </li>
  );
}
