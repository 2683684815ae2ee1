import { useState } from "react";
import { RequestError } from "../api/client";
import { ActionDialog } from "../ui/action/ActionDialog";
import { Toast } from "../ui/toast";
import type { Story } from "./story";

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const hosts = Array.from({ length: 34 }, (_, index) => `app-${String(index).padStart(3, "0")}`);

function Rollback() {
  const [open, setOpen] = useState(false);
  const [conflicts, setConflicts] = useState(0);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>{"回滚…"}</button>
      {open && (
        <ActionDialog
          title="回滚到 v41"
          act="回滚 34 台"
          close={() => setOpen(false)}
          reason="required"
          suggestions={["失败率升高", "误发布"]}
          preview={async () => ({
            affected: { count: 34, names: hosts },
            picture: <p className="mono">{"upload.workers 32 → 8"}</p>,
            risk: "medium",
            wayBack: "再发布 v42",
            approval: "李航",
            revision: "7",
          })}
          run={async () => {
            if (conflicts === 0) {
              setConflicts(1);
              throw new RequestError({ code: "conflict", status: 409, request_id: "", detail: "v43 was published", params: { revision: "8" } });
            }
          }}
          done={() => "已开始回滚 34 台"}
          undo={() => wait(10)}
        />
      )}
    </>
  );
}

function Delete() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button danger" onClick={() => setOpen(true)}>{"删除…"}</button>
      {open && (
        <ActionDialog
          title="删除分组 prod-sh"
          act="删除分组 prod-sh"
          close={() => setOpen(false)}
          typed="prod-sh"
          preview={async () => ({ affected: { count: 2, names: ["app-001", "app-002"] }, risk: "high" })}
          run={() => wait(10)}
          done={() => "已删除"}
        />
      )}
    </>
  );
}

function Many() {
  const [open, setOpen] = useState(false);
  const [failing, setFailing] = useState(true);
  return (
    <>
      <button type="button" className="button" onClick={() => setOpen(true)}>{"批量…"}</button>
      {open && (
        <ActionDialog
          title="下线 6 台"
          act="下线 6 台"
          close={() => setOpen(false)}
          targets={hosts.slice(0, 6).map((key) => ({ key, name: key }))}
          run={async (_, target) => {
            await wait(20);
            if (failing && target?.key === "app-003") {
              setFailing(false);
              throw new RequestError({ code: "unavailable", status: 503, request_id: "", detail: "" });
            }
          }}
          done={() => "已下线 6 台"}
        />
      )}
    </>
  );
}

export const stories: readonly Story[] = [
  {
    name: "dialogs",
    render: () => (
      <div className="pad row">
        <Rollback />
        <Delete />
        <Many />
        <button type="button" className="button" onClick={() => Toast.undoable("已静默 3 条告警", () => wait(10))}>{"静默"}</button>
      </div>
    ),
  },
];
