import { useMemo, useState } from "react";
import { fetchUsers, type Role, ROLES, type User } from "../../api/settings";
import { useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import type { Translate } from "../../i18n/translate";
import { DetailDrawer } from "../../ui/DetailDrawer";
import type { Filter } from "../../ui/filter/types";
import { Icon } from "../../ui/Icon";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useList } from "../../ui/table/useList";
import { useMayWhy } from "../../ui/useMayWhy";
import { TimeText } from "../../ui/TimeText";
import { NewUser } from "./NewUser";
import { UserDetail } from "./UserDetail";

const FILTER_KEYS = ["role", "disabled"] as const;

const filtersOf = (t: Translate): Filter[] => [
  { key: "role", label: t("user.role"), values: ROLES.map((role) => ({ value: role, label: t(`role.${role}`) })) },
  {
    key: "disabled",
    label: t("user.state"),
    single: true,
    values: [
      { value: "no", label: t("user.state.active"), tone: "ok" },
      { value: "yes", label: t("user.state.disabled"), tone: "mute" },
    ],
  },
];

const keyOf = (user: User): string => user.id;

/** The people of this installation: who may log in, as what. */
export function Users() {
  const { t } = useI18n();
  const state = useListState(FILTER_KEYS);
  const shut = state.values("disabled")[0];
  const filter = {
    text: state.q,
    role: state.values("role").filter((role): role is Role => ROLES.some((one) => one === role)),
    disabled: shut === undefined ? undefined : shut === "yes",
  };
  const list = useList({
    queryKey: ["users", filter],
    fetch: (cursor, signal) => fetchUsers(filter, cursor, signal),
    keyOf,
  });
  const filters = useMemo(() => filtersOf(t), [t]);
  const columns = useMemo(() => columnsOf(t), [t]);
  const [making, setMaking] = useState(false);
  const why = useMayWhy()("users:manage");
  const open = list.rows.find(({ id }) => id === state.sel);
  return (
    <>
      <DataTable
        name="users"
        label={t("settings.tab.users")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ name }) => name}
        opens="drawer"
        filters={filters}
        search={t("users.search")}
        tools={
          <button type="button" className="button primary" disabled={why !== undefined} title={why} onClick={() => setMaking(true)}>
            <Icon name="plus" size={14} />
            {t("user.new")}
          </button>
        }
        empty={
          <Empty title={t("users.empty")} icon="user">
            {t("users.empty.sub")}
          </Empty>
        }
      />
      {making && <NewUser close={() => setMaking(false)} />}
      <DetailDrawer open={open !== undefined} close={() => state.set({ sel: undefined })} title={open?.name} width={460}>
        {open && <UserDetail key={open.id} user={open} />}
      </DetailDrawer>
    </>
  );
}

export function UserState({ user }: { user: User }) {
  const { t } = useI18n();
  if (user.disabled) return <Status tone="mute">{t("user.state.disabled")}</Status>;
  if (!user.has_password) return <Status tone="warn">{t("user.state.no_password")}</Status>;
  return <Status tone="ok">{t("user.state.active")}</Status>;
}

const columnsOf = (t: Translate): Column<User>[] => [
  { key: "name", title: t("user.name"), primary: true, phone: "title", render: ({ name }) => name, text: ({ name }) => name },
  {
    key: "display",
    title: t("user.display"),
    hideBelow: 900,
    render: ({ display_name }) => display_name || <span className="dim">{t("none")}</span>,
    text: ({ display_name }) => display_name,
  },
  { key: "role", title: t("user.role"), width: 150, render: ({ role }) => t(`role.${role}`), text: ({ role }) => role },
  {
    key: "state",
    title: t("user.state"),
    width: 150,
    phone: "aside",
    render: (user) => <UserState user={user} />,
    text: ({ disabled }) => (disabled ? "disabled" : "active"),
  },
  {
    key: "login",
    title: t("user.login"),
    width: 140,
    align: "end",
    render: ({ last_login_at }) =>
      last_login_at ? <TimeText at={last_login_at} relative /> : <span className="dim">{t("user.login.never")}</span>,
    text: ({ last_login_at }) => last_login_at,
  },
  {
    key: "created",
    title: t("user.created"),
    width: 150,
    align: "end",
    phone: "none",
    hideBelow: 1100,
    render: ({ created_at }) => <TimeText at={created_at} />,
    text: ({ created_at }) => created_at,
  },
];
