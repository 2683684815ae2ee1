import type { Spread, SpreadPart, Version, VersionItem } from "../../api/configs";
import { useI18n } from "../../i18n/context";

/** What a version is compared with: the one before, any other one, or what a group runs now. */

/** The version that most agents of a group run. */
export const mostRun = (part: SpreadPart): { number: number; agents: number } | undefined =>
  part.versions.toSorted((a, b) => b.agents - a.agents || b.number - a.number)[0];

/** Number of the version to compare with; null = an empty document, undefined = not known yet. */
export function useAgainst(
  version: Version,
  value: string | undefined,
  versions: readonly VersionItem[] | undefined,
  spread: Spread | undefined,
): number | null | undefined {
  if (value?.startsWith("group:")) {
    const part = spread?.groups.find(({ group_id }) => `group:${group_id}` === value);
    return part ? (mostRun(part)?.number ?? null) : spread && null;
  }
  const number = Number(value);
  if (value !== undefined && Number.isSafeInteger(number) && number > 0) return number;
  if (version.parent_id === null) return null;
  return versions?.find(({ version_id }) => version_id === version.parent_id)?.number ?? (versions ? version.number - 1 : undefined);
}

interface Props {
  version: Version;
  versions: readonly VersionItem[];
  spread: Spread | undefined;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

export function Against({ version, versions, spread, value, onChange }: Props) {
  const { t } = useI18n();
  const parent = versions.find(({ version_id }) => version_id === version.parent_id);
  return (
    <label className="against">
      <span className="dim">{t("version.against")}</span>
      <select className="input" value={value ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{parent ? t("version.against.parent", { number: parent.number }) : t("version.against.empty")}</option>
        {spread && spread.groups.length > 0 && (
          <optgroup label={t("version.against.groups")}>
            {spread.groups.map((part) => {
              const most = mostRun(part);
              return most ? (
                <option key={part.group_id} value={`group:${part.group_id}`}>
                  {t("version.against.group", { name: part.name || part.group_id, number: most.number, count: most.agents, agents: part.agents })}
                </option>
              ) : null;
            })}
          </optgroup>
        )}
        <optgroup label={t("version.against.versions")}>
          {versions
            .filter(({ version_id }) => version_id !== version.version_id)
            .map(({ version_id, number, reason }) => (
              <option key={version_id} value={String(number)}>
                {t("version.against.version", { number })}
                {reason && ` · ${reason.slice(0, 40)}`}
              </option>
            ))}
        </optgroup>
      </select>
    </label>
  );
}
