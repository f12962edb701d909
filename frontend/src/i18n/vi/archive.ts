// The parts of the record room's screen: Vietnamese only.
export default {
  archive: "Lưu trữ hồ sơ",
  waiting: "Chờ lưu trữ",
  kept: "Đã lưu trữ",
  due: "Đến hạn tiêu hủy",
  lists: "Danh mục tiêu hủy",
  gone: "Đã tiêu hủy",
} as const;
