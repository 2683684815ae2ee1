const PATHS = {
  pulse: "M3 14.500h4L10 6l5 13 2.800-7.200H21",
  gauge: "M4 17a8 8 0 1 1 16 0M12 17l4-6",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M20 20l-4.500-4.500",
  x: "M6 6l12 12M18 6 6 18",
  grip: "M9 6h.010M15 6h.010M9 12h.010M15 12h.010M9 18h.010M15 18h.010",
  pause: "M8.500 6v12M15.500 6v12",
  play: "M8 5.500v13l11-6.500z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.500 10 17.500 19 7",
  down: "M6 9l6 6 6-6",
  folder: "M3 7a2 2 0 0 1 2-2h4l2 2h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
  retry: "M20 12a8 8 0 1 1-2.500-5.800M20 3v4.500h-4.500",
  gear: "M4 7h10M18 7h2M4 17h2M10 17h10M14 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M6 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0",
  server: "M4 5h16v6H4zM4 13h16v6H4zM7.500 8h.010M7.500 16h.010",
  layers: "M12 4 3.500 8.500 12 13l8.500-4.500zM4 13l8 4.200 8-4.200",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15zM10 20.500a2 2 0 0 0 4 0",
  bolt: "M13 3 5.500 13.500H12L11 21l7.500-10.500H12z",
  shield: "M12 3.500 5 6v5.500c0 4.500 3 7.500 7 9 4-1.500 7-4.500 7-9V6z",
  chevron: "M9 6l6 6-6 6",
  up: "M6 15l6-6 6 6",
  back: "M9 7 4 12l5 5M4 12h11a5 5 0 0 1 0 10",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.500 20a7.500 7.500 0 0 1 15 0",
  moon: "M19 14.500A7.500 7.500 0 1 1 9.500 5a6 6 0 0 0 9.500 9.500z",
  upload: "M12 16V5M7 9.500 12 5l5 4.500M5 19h14",
  download: "M12 5v11M7 11.500 12 16l5-4.500M5 20h14",
  columns: "M4 5h16v14H4zM9.500 5v14M14.500 5v14",
  plus: "M12 5v14M5 12h14",
  key: "M14.500 4.500a5 5 0 1 0 3.500 8.500 5 5 0 0 0-3.500-8.500M11 12l-7 7v2h3v-2h2v-2h2l1.500-1.500",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  more: "M6 12h.010M12 12h.010M18 12h.010",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5",
  tasks: "M4 6h9M8 12h12M4 18h10",
  branch: "M7 4v16M7 9h6a4 4 0 0 1 4 4v2M14 12.500l3 3.500 3-3.500",
  inbox: "M4 13h4l1.500 3h5l1.500-3h4M6 5h12l2 8v6H4v-6z",
  bookmark: "M7 4h10v16l-5-4-5 4z",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing without meaning of its own; words stand beside it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === "pulse" ? 2.4 : name === "more" ? 2.8 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
