import { useMemo, useState } from "react";
import { useMay } from "../../api/account";
import { fetchTokens, revokeToken, type Role, ROLES, type Token, TOKEN_STATES, type TokenState as State } from "../../api/settings";
import { useListState } from "../../app/listSearch";
import { useI18n } from "../../i18n/context";
import type { Translate } from "../../i18n/translate";
import { queryClient } from "../../live/client";
import { serverNow } from "../../live/now";
import { ActionDialog } from "../../ui/action/ActionDialog";
import type { Filter } from "../../ui/filter/types";
import { Icon } from "../../ui/Icon";
import { Segments } from "../../ui/Segments";
import { Empty } from "../../ui/StateBlock";
import { Status } from "../../ui/Status";
import { DataTable } from "../../ui/table/DataTable";
import type { Column } from "../../ui/table/types";
import { useBuiltin } from "../../ui/views/useBuiltin";
import { useList } from "../../ui/table/useList";
import { TimeText } from "../../ui/TimeText";
import { NewToken } from "./NewToken";

const FILTER_KEYS = ["state", "role"] as const;

const filtersOf = (t: Translate): Filter[] => [
  { key: "state", label: t("user.state"), values: TOKEN_STATES.map((state) => ({ value: state, label: t(`token.state.${state}`) })) },
  { key: "role", label: t("user.role"), values: ROLES.map((role) => ({ value: role, label: t(`role.${role}`) })) },
];

const keyOf = (token: Token): string => token.id;

/** Ways in for programs; a secret is shown once, when it is made. */
export function Tokens() {
  const { t } = useI18n();
  const state = useListState(FILTER_KEYS);
  const may = useMay();
  const [whose, setWhose] = useState<"own" | "all">("own");
  const everybody = whose === "all";
  const filter = {
    everybody,
    text: state.q,
    role: state.values("role").filter((role): role is Role => ROLES.some((one) => one === role)),
    state: state.values("state").filter((word): word is State => TOKEN_STATES.some((one) => one === word)),
  };
  const list = useList({
    queryKey: ["tokens", filter],
    fetch: (cursor, signal) => fetchTokens(filter, cursor, signal),
    keyOf,
  });
  const filters = useMemo(() => filtersOf(t), [t]);
  const views = useBuiltin({ todo: { state: ["expired"] } });
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const columns = useMemo(() => columnsOf(t, setRevoking), [t]);
  return (
    <>
      <DataTable
        name="tokens"
        label={t("settings.tab.tokens")}
        columns={columns}
        list={list}
        state={state}
        keyOf={keyOf}
        nameOf={({ name }) => name}
        filters={filters}
        views={views}
        search={t("tokens.search")}
        tools={
          <>
            {may("users:manage") && (
              <Segments
                label={t("tokens.whose")}
                value={whose}
                options={(["own", "all"] as const).map((value) => ({ value, label: t(`tokens.${value}`) }))}
                onChange={setWhose}
              />
            )}
            <button type="button" className="button primary" onClick={() => setMaking(true)}>
              <Icon name="plus" size={14} />
              {t("token.new")}
            </button>
          </>
        }
        empty={
          <Empty title={t("tokens.empty")} icon="key">
            {t("tokens.empty.sub")}
          </Empty>
        }
      />
      {making && <NewToken close={() => setMaking(false)} />}
      {revoking && (
        <ActionDialog
          title={t("token.revoke", { name: revoking.name })}
          act={t("token.revoke", { name: revoking.name })}
          close={() => setRevoking(null)}
          reason="none"
          typed={revoking.name}
          run={async () => {
            await revokeToken(revoking.id);
            await queryClient.invalidateQueries({ queryKey: ["tokens"] });
          }}
          done={() => t("token.revoked", { name: revoking.name })}
        >
          <p>{t("token.revoke.effect")}</p>
        </ActionDialog>
      )}
    </>
  );
}

function TokenState({ token }: { token: Token }) {
  const { t } = useI18n();
  if (token.revoked_at) return <Status tone="mute">{t("token.state.revoked")}</Status>;
  if (token.expires_at && Date.parse(token.expires_at) <= serverNow()) return <Status tone="mute">{t("token.state.expired")}</Status>;
  return <Status tone="ok">{t("token.state.active")}</Status>;
}

const columnsOf = (t: Translate, revoke: (token: Token) => void): Column<Token>[] => [
  {
    key: "name",
    title: t("token.name"),
    primary: true,
    phone: "title",
    render: ({ name }) => <strong>{name}</strong>,
    text: ({ name }) => name,
  },
  { key: "state", title: t("user.state"), width: 120, phone: "aside", render: (token) => <TokenState token={token} /> },
  { key: "role", title: t("user.role"), width: 150, render: ({ role }) => t(`role.${role}`), text: ({ role }) => role },
  {
    key: "scopes",
    title: t("token.scopes"),
    width: 150,
    hideBelow: 1100,
    phone: "none",
    render: ({ scopes }) => (
      <span title={scopes?.map((scope) => t(`permission.${scope}`)).join("\n")}>
        {scopes === null ? t("token.scopes.all") : t("token.scopes.some", { count: scopes.length })}
      </span>
    ),
    text: ({ scopes }) => scopes?.join(" ") ?? "",
  },
  {
    key: "used",
    title: t("token.used"),
    width: 130,
    align: "end",
    render: ({ used_at }) => (used_at ? <TimeText at={used_at} relative /> : <span className="dim">{t("token.used.never")}</span>),
    text: ({ used_at }) => used_at,
  },
  {
    key: "expires",
    title: t("token.expires"),
    width: 150,
    align: "end",
    hideBelow: 900,
    render: ({ expires_at }) => (expires_at ? <TimeText at={expires_at} /> : <span className="dim">{t("token.expires.never")}</span>),
    text: ({ expires_at }) => expires_at,
  },
  {
    key: "act",
    title: t("token.act"),
    width: 90,
    align: "end",
    render: (token) =>
      token.revoked_at === null && (
        <button type="button" className="button small danger" onClick={() => revoke(token)}>
          {t("token.revoke.short")}
        </button>
      ),
  },
];
