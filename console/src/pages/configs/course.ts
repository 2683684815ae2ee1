import type { Course } from "../../api/configs";

/** The shape of the coverage chart. Pure. */

export interface Area {
  /** null = all older versions together. */
  number: number | null;
  agents: number[];
}

const MOST = 5;

/** The part of a course in which anybody ran any version, and the moment before: a layer of this morning is no line at the edge of a week. */
export function sinceBegun(course: Course): Course {
  const first = course.times.findIndex((_, place) => course.lines.some(({ agents }) => (agents[place] ?? 0) > 0));
  const from = Math.max(0, first - 1);
  return { ...course, times: course.times.slice(from), lines: course.lines.map((line) => ({ ...line, agents: line.agents.slice(from) })) };
}

/** The newest versions that anybody ran, the lowest number first; the others together below them. */
export function topLines({ lines, times }: Course, most = MOST): Area[] {
  const found = lines.filter(({ agents }) => agents.some((count) => count > 0)).toSorted((a, b) => a.number - b.number);
  if (found.length <= most) return found.map(({ number, agents }) => ({ number, agents }));
  const old = found.slice(0, found.length - most + 1);
  const sum = times.map((_, place) => old.reduce((all, { agents }) => all + (agents[place] ?? 0), 0));
  return [{ number: null, agents: sum }, ...found.slice(-(most - 1)).map(({ number, agents }) => ({ number, agents }))];
}

/** At most `count` places of a list, spread evenly, the last one among them. */
export function ticksOf(length: number, count: number): number[] {
  const step = Math.max(1, Math.ceil(length / count));
  const found: number[] = [];
  for (let place = length - 1; place >= 0; place -= step) found.push(place);
  return found.toReversed();
}

/** Lower and upper edge of each area when they stand on each other. */
export function stacked(areas: readonly Area[]): [number, number][][] {
  const floor = areas[0]?.agents.map(() => 0) ?? [];
  return areas.map(({ agents }) =>
    agents.map((count, place) => {
      const low = floor[place] ?? 0;
      floor[place] = low + count;
      return [low, low + count];
    }),
  );
}
