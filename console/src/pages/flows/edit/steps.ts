import type { Json } from "../../../ui/form/schema";

/** Steps in the document of a flow: found, put, taken out. Pure. */

export type Step = { [key: string]: Json };
export type FlowDocument = { [key: string]: Json };

/** What a new flow begins with: two steps that show what a graph is. */
export const EXAMPLE: FlowDocument = {
  name: "new-flow",
  on_failure: "stop",
  steps: [
    { id: "tell", title: "tell people", action: "WEBHOOK", config: { url: "https://hooks.example.com/gwf", body: { path: "${path}" } } },
    { id: "confirm", title: "confirm by hand", action: "APPROVAL", needs: ["tell"] },
  ],
};

const isStep = (value: Json): value is Step => typeof value === "object" && value !== null && !Array.isArray(value);

export const stepsOf = (document: FlowDocument): Step[] => (Array.isArray(document["steps"]) ? document["steps"].filter(isStep) : []);

export const idOf = (step: Step): string => (typeof step["id"] === "string" ? step["id"] : "");

export const needsOf = (step: Step): string[] => {
  const needs = step["needs"];
  if (typeof needs === "string") return [needs];
  return Array.isArray(needs) ? needs.filter((one): one is string => typeof one === "string") : [];
};

/** An id that no step has yet. */
export function freeId(document: FlowDocument): string {
  const taken = new Set(stepsOf(document).map(idOf));
  let number = taken.size + 1;
  while (taken.has(`step-${number}`)) number += 1;
  return `step-${number}`;
}

const ORDER = ["id", "title", "action", "agent", "needs", "when", "config", "timeout_s", "deadline_s", "retry", "compensate", "allow_failure"];

/** A step with its keys as people write them: what it is first. */
function inOrder(step: Step): Step {
  const rank = (key: string): number => (ORDER.includes(key) ? ORDER.indexOf(key) : ORDER.length);
  const kept = Object.entries(step).filter(([key, value]) => !(key === "needs" && Array.isArray(value) && value.length === 0));
  return Object.fromEntries(kept.toSorted(([a], [b]) => rank(a) - rank(b)));
}

/** The document with a step put in the place of the one that was called `old`; "" = behind the others. Whoever waited for it follows its name. */
export function withStep(document: FlowDocument, old: string, put: Step): FlowDocument {
  const steps = stepsOf(document);
  const step = inOrder(put);
  if (!steps.some((one) => idOf(one) === old)) return { ...document, steps: [...steps, step] };
  const renamed = steps.map((one) => (idOf(one) === old ? step : needsOf(one).includes(old) ? { ...one, needs: needsOf(one).map((need) => (need === old ? idOf(step) : need)) } : one));
  return { ...document, steps: renamed };
}

/** The document without a step; whoever waited for it waits for what it waited for. */
export function withoutStep(document: FlowDocument, id: string): FlowDocument {
  const steps = stepsOf(document);
  const gone = steps.find((one) => idOf(one) === id);
  const instead = gone ? needsOf(gone) : [];
  const left = steps.filter((one) => one !== gone).map((one) => {
    if (!needsOf(one).includes(id)) return one;
    return { ...one, needs: [...new Set(needsOf(one).flatMap((need) => (need === id ? instead : [need])))] };
  });
  return { ...document, steps: left };
}

/** Steps that may come before another: all but itself and those that follow it. */
export function mayPrecede(document: FlowDocument, id: string): string[] {
  const steps = stepsOf(document);
  const after = new Set([id]);
  for (let before = 0; before !== after.size; ) {
    before = after.size;
    for (const step of steps) if (needsOf(step).some((need) => after.has(need))) after.add(idOf(step));
  }
  return steps.map(idOf).filter((one) => one !== "" && !after.has(one));
}

/** Names of the run that a condition of a step may be about: what it was begun with, how the steps before it ended. */
export function namesOf(document: FlowDocument, earlier: readonly string[]): string[] {
  const input = document["input"];
  const given = typeof input === "object" && input !== null && !Array.isArray(input) ? Object.keys(input) : [];
  return [...given.map((name) => `input.${name}`), ...earlier.flatMap((id) => [`steps.${id}.state`, `steps.${id}.error_class`, `steps.${id}.result.`])];
}
