import { useMemo, useState } from "react";
import { useVersionDiff, type ValueChange, type Version } from "../../api/configs";
import { useI18n } from "../../i18n/context";
import { Diff, type DiffView } from "../../ui/diff/Diff";
import { type FieldChange, removalsOf } from "../../ui/diff/values";
import { QueryState } from "../../ui/QueryState";

interface Props {
  before: Version;
  after: Version;
  title?: string;
  start?: DiffView;
  view?: DiffView | undefined;
  onView?: (view: DiffView) => void;
}

/** How one version differs from another one of the same layer. */
export function VersionDiff({ before, after, title, start = "fields", view, onView }: Props) {
  const { t } = useI18n();
  const [own, setOwn] = useState<DiffView>(start);
  const diff = useVersionDiff(after.version_id, before.version_id);
  const texts = useMemo(() => ({ before: before.text, after: after.text }), [before.text, after.text]);
  const names = { before: t("version.name", { number: before.number }), after: t("version.name", { number: after.number }) };
  return (
    <div>
      {title !== undefined && <strong>{title}</strong>}
      <QueryState query={diff} rows={3}>
        {({ changes }) => <Diff changes={changes.map(fieldOf)} texts={texts} names={names} view={view ?? own} onView={onView ?? setOwn} />}
      </QueryState>
    </div>
  );
}

export const fieldOf = ({ pointer, kind, old, new: now }: ValueChange): FieldChange => ({ path: pointer, kind, before: old, after: now });

/** Against an empty document everything is new. */
export function FirstDiff({ version }: { version: Version }) {
  const { t } = useI18n();
  const [view, setView] = useState<DiffView>("unified");
  const texts = useMemo(() => ({ before: "", after: version.text }), [version.text]);
  const names = { before: t("version.against.empty"), after: t("version.name", { number: version.number }) };
  const changes = version.parent_id === null ? version.changes.map(fieldOf) : [];
  return <Diff changes={changes} texts={texts} names={names} view={view} onView={setView} />;
}

/** Nothing takes its place: everything that it sets is given up. */
export function EmptiedDiff({ version, title }: { version: Version; title: string }) {
  const { t } = useI18n();
  const [view, setView] = useState<DiffView>("fields");
  const texts = useMemo(() => ({ before: version.text, after: "" }), [version.text]);
  const changes = useMemo(() => removalsOf(version.document), [version.document]);
  const names = { before: t("version.name", { number: version.number }), after: t("version.against.empty") };
  return (
    <div>
      <strong>{title}</strong>
      <Diff changes={changes} texts={texts} names={names} view={view} onView={setView} />
    </div>
  );
}
