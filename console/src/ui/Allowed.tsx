import type { ReactNode } from "react";
import { type Permission, useMay } from "../api/account";
import { Forbidden } from "./StateBlock";

/** A form for those who may send it; everybody else is told so before they fill it in. */
export function Allowed({ needs, children }: { needs: Permission; children: ReactNode }) {
  const may = useMay()(needs);
  return may ? (
    children
  ) : (
    <section className="card">
      <Forbidden permission={needs} />
    </section>
  );
}
