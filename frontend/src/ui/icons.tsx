// The few line icons of the app, drawn on a 24 grid. Decorative: the text beside them is the name.
const PATHS = {
  bed: "M3 18V7m0 7h18v4M21 14v-2a3 3 0 0 0-3-3h-7v5M6 11h.01",
  pulse: "M3 12h4l2-6 4 12 2-6h6",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.5-4 3-6 6.500-6s6 2 6.500 6M16 4.300a3.500 3.500 0 0 1 0 6.400M18 14.300c2 .8 3.200 2.700 3.500 5.700",
  order: "M6 3h9l4 4v14H6zM9 12h7M9 16h7",
  flask: "M9 3h6M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3",
  image: "M4 5h16v14H4zM4 15l4-4 4 4 3-3 5 5",
  inbox: "M4 13 6.500 5h11L20 13v6H4zM4 13h5l1.500 2.500h3L15 13h5",
  device: "M3 5h18v11H3zM8 20h8M12 16v4M6 11h3l1.500-3 2.500 5 1.500-2H18",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c.7-4.300 3.500-6.500 8-6.500s7.300 2.200 8 6.500",
  log: "M5 4h14v16H5zM9 8h6M9 12h6M9 16h3",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM15.500 15.500 20 20",
  moon: "M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2.500M12 19.500V22M2 12h2.500M19.500 12H22M4.900 4.900l1.800 1.800M17.300 17.300l1.800 1.800M4.900 19.100l1.800-1.800M17.300 6.700l1.800-1.800",
  out: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
  warn: "M12 4 2.800 20h18.400zM12 10v4.500M12 17.300v.2",
  archive: "M3 4h18v5H3zM5 9v11h14V9M10 13h4",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5.500l3.500 2",
  plus: "M12 5v14M5 12h14",
  shield: "M12 3 4.500 6v5.500c0 4.500 3 8 7.500 9.500 4.500-1.500 7.500-5 7.500-9.500V6zM9 12l2.200 2.200L15.500 10",
  pen: "M4 20l1-4L16 5l3 3L8 19z",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  check: "M5 12.500 10 17.500 19.500 7",
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round">
      <path d={PATHS[name]} />
    </svg>
  );
}
