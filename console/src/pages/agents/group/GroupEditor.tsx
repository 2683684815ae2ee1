import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { createGroup, type GroupPreview, type GroupView, patchGroup, useGroupPreview, useRenew } from "../../../api/agents";
import { useI18n } from "../../../i18n/context";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { orderOf } from "../../../ui/action/order";
import { useErrorText } from "../../../ui/StateBlock";

/** Make a group or change one; who would come and who would go is told while the rule is typed. */
export function GroupEditor({ group: now, close }: { group?: GroupView; close: () => void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const renew = useRenew();
  const [group] = useState(now); // as it was read: what somebody changes meanwhile is not overwritten unseen
  const [name, setName] = useState(group?.name ?? "");
  const [description, setDescription] = useState(group?.description ?? "");
  const [selector, setSelector] = useState(group?.selector ?? "");
  const [priority, setPriority] = useState(String(group?.priority ?? 0));
  const tried = useDeferredValue(selector);
  const preview = useGroupPreview(group?.group_id ?? null, tried, true);
  const number = Number(priority);
  const wrongNumber = !Number.isInteger(number) || priority.trim() === "";
  const ready = name.trim() !== "" && !wrongNumber && preview.error === null;
  const values = { name: name.trim(), description, selector, priority: number };
  const old = group && { name: group.name, description: group.description, selector: group.selector ?? "", priority: group.priority };
  const same = old !== undefined && (Object.keys(old) as (keyof typeof old)[]).every((key) => old[key] === values[key]);
  return (
    <ActionDialog<GroupView>
      title={group ? t("groups.edit.title", { name: group.name }) : t("groups.new")}
      act={t(group ? "groups.save" : "groups.make")}
      close={close}
      ready={ready && !same}
      run={async (order) => {
        const made = group
          ? await patchGroup(group.group_id, values, { ...order, revision: String(group.revision) })
          : await createGroup(values, order);
        renew();
        if (!group) void navigate({ to: "/groups/$groupId", params: { groupId: made.group_id } });
        return made;
      }}
      {...(old
        ? { undo: (made: GroupView) => patchGroup(made.group_id, old, { ...orderOf(t("agents.undone")), revision: String(made.revision) }).then(renew) }
        : {})}
      done={() => t("groups.saved", { name: values.name })}
    >
      <div className="form-cols">
        <label>
          <span>{t("groups.name")}</span>
          <input className="input" required maxLength={63} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          <span>{t("groups.priority")}</span>
          <input className="input" inputMode="numeric" aria-invalid={wrongNumber} value={priority} onChange={(event) => setPriority(event.target.value)} />
        </label>
      </div>
      <div className="form-row">
        <label>
          <span>{t("groups.description")}</span>
          <input className="input" maxLength={1000} value={description} onChange={(event) => setDescription(event.target.value)} />
        </label>
      </div>
      <div className="form-row">
        <label>
          <span>{t("groups.rule")}</span>
          <input
            className="input mono"
            value={selector}
            placeholder={t("groups.rule.hint")}
            aria-invalid={preview.error !== null}
            spellCheck={false}
            onChange={(event) => setSelector(event.target.value)}
          />
        </label>
        <p className="dim small">{t("groups.rule.sub")}</p>
      </div>
      <Moves preview={preview.data} error={preview.error} />
    </ActionDialog>
  );
}

function Moves({ preview, error }: { preview: GroupPreview | undefined; error: Error | null }) {
  const { t } = useI18n();
  const why = useErrorText(error);
  if (error) return <p className="field-error">{why}</p>;
  if (!preview) return null;
  const names = (some: GroupPreview["first_joining"], count: number): string =>
    some.map(({ hostname }) => hostname).join(" · ") + (count > some.length ? ` ${t("agents.more", { count: count - some.length })}` : "");
  return (
    <section className="effect moves" aria-label={t("groups.moves")} role="status">
      <strong>{t("groups.will", { count: preview.agents, named: preview.by_name })}</strong>
      {preview.joining > 0 && (
        <p>
          <span className="tag ok">{t("groups.joining", { count: preview.joining })}</span> <span className="mono small">{names(preview.first_joining, preview.joining)}</span>
        </p>
      )}
      {preview.leaving > 0 && (
        <p>
          <span className="tag warn">{t("groups.leaving", { count: preview.leaving })}</span> <span className="mono small">{names(preview.first_leaving, preview.leaving)}</span>
        </p>
      )}
      {preview.joining + preview.leaving === 0 && <p className="dim">{t("groups.nobody")}</p>}
    </section>
  );
}
