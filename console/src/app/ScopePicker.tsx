import { useNavigate } from "@tanstack/react-router";
import { useGroups } from "../api/scope";
import { useI18n } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { Popup } from "../ui/Popup";
import { useScope } from "./useRange";

/** Which part of the fleet all pages are about; hidden where there is no fleet. */
export function ScopePicker() {
  const { t } = useI18n();
  const { env, group } = useScope();
  const fleet = useGroups();
  if (!fleet && !env && !group) return null;
  const envText = env ?? t("scope.envs");
  const groupName = fleet?.groups.find(({ id }) => id === group)?.name ?? group ?? t("scope.groups");
  const text = fleet?.envs.length || env ? `${envText} · ${groupName}` : groupName;
  return (
    <Popup
      label={t("scope.label", { scope: text })}
      className="button pick"
      placement="bottomRight"
      button={
        <>
          <Icon name="layers" size={14} />
          <span className="pick-text">{text}</span>
          <Icon name="down" size={13} />
        </>
      }
    >
      {(close) => <Choices close={close} />}
    </Popup>
  );
}

function Choices({ close }: { close: () => void }) {
  const { t } = useI18n();
  const { env, group } = useScope();
  const fleet = useGroups();
  const navigate = useNavigate();
  const take = (change: { env?: string | undefined; group?: string | undefined }): void => {
    void navigate({ to: ".", search: (old) => ({ ...old, ...change }) as never, resetScroll: false });
    close();
  };
  const envs = (fleet?.envs ?? []).map((name) => ({ id: name, name, agents: null }));
  return (
    <div className="scope">
      {envs.length > 0 && (
        <Column
          title={t("scope.env")}
          all={t("scope.envs")}
          items={envs}
          chosen={env}
          choose={(value) => take({ env: value })}
        />
      )}
      <Column
        title={t("scope.group")}
        all={t("scope.groups")}
        items={fleet?.groups ?? []}
        chosen={group}
        choose={(value) => take({ group: value })}
      />
    </div>
  );
}

interface ColumnProps {
  title: string;
  all: string;
  items: readonly { id: string; name: string; agents: number | null }[];
  chosen: string | undefined;
  choose: (id: string | undefined) => void;
}

function Column({ title, all, items, chosen, choose }: ColumnProps) {
  return (
    <div className="menu-list" role="group" aria-label={title}>
      <h3>{title}</h3>
      <button type="button" className="menu-item" aria-pressed={chosen === undefined} onClick={() => choose(undefined)}>
        {all}
      </button>
      {items.map(({ id, name, agents }) => (
        <button key={id} type="button" className="menu-item" aria-pressed={chosen === id} onClick={() => choose(id)}>
          {name}
          {agents !== null && <span className="menu-count">{agents}</span>}
        </button>
      ))}
    </div>
  );
}
