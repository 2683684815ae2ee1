import { RequestError } from "../api/client";
import { useListState } from "../app/listSearch";
import { Disabled, Empty, EmptyFiltered, ErrorBlock, Forbidden, Loading, NotFoundBlock } from "../ui/StateBlock";
import type { Story } from "./story";

const error = new RequestError({ code: "unavailable", status: 503, request_id: "7f21c0aa31b4d8e2", detail: "journal" });
const nothing = (): void => undefined;

export const stories: readonly Story[] = [
  { name: "loading", render: () => <Loading rows={5} /> },
  {
    name: "empty",
    render: () => (
      <Empty title="还没有 Agent" icon="server" action={<button type="button" className="button primary">{"接入 Agent"}</button>}>
        {"Agent 把文件送进对象存储，并在这里报告状态。"}
      </Empty>
    ),
  },
  { name: "filtered", render: () => <Filtered /> },
  { name: "error", render: () => <ErrorBlock error={error} retry={nothing} /> },
  { name: "error over old data", render: () => <ErrorBlock error={error} retry={nothing} age="10:28:05" /> },
  { name: "forbidden", render: () => <Forbidden permission="audit:read" /> },
  { name: "disabled", bare: true, render: () => <Disabled title="未启用">{"启用后每台 Agent 多用 1% CPU。"}</Disabled> },
  { name: "not found", render: () => <NotFoundBlock what="Agent" id="agt-7f3a" /> },
];

function Filtered() {
  const state = useListState(["state"]);
  const filter = { key: "state", label: "状态", values: [{ value: "offline", label: "离线" }] };
  return (
    <EmptyFiltered
      filters={[filter]}
      state={{ ...state, q: "app-9", values: () => ["offline"], filtered: true }}
      without={{ state: 12 }}
    />
  );
}
