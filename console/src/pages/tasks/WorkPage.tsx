import type { ReactNode } from "react";
import { type Permission, useMay } from "../../api/account";
import { PageHead } from "../../app/PageHead";
import { Forbidden } from "../../ui/StateBlock";
import { WorkParts } from "./WorkParts";

interface Props {
  title: string;
  /** Who may see what stands below. */
  needs: Permission;
  children: ReactNode;
}

/** A page about work: its head, the way to its neighbours, and its list, which is asked for only by those who may see it. */
export function WorkPage({ title, needs, children }: Props) {
  const may = useMay()(needs);
  return (
    <div className="stack">
      <PageHead title={title} scoped={false} />
      <WorkParts />
      {may ? children : <section className="card"><Forbidden permission={needs} /></section>}
    </div>
  );
}
