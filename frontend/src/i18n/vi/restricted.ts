// The mark of a record that only assigned staff read, on board, chart and patient page.
export default {
  tag: "Hạn chế xem",
  tagTitle: "Chỉ người được giao mới xem hồ sơ này",
  hidden: "chỉ người được giao xem",
} as const;
